import { expect, test } from 'vitest';
import { numberedSteps, stepName, stepsNamed } from '../../src/slack/step-numbers.ts';
import { exactMatch, hintReport, person, play } from '../support/cases.ts';

const named = (game: ReturnType<typeof play>, words: string): readonly string[] =>
  stepsNamed(game.subject, words).map(({ step, subject }) => `${step.id}/${subject ?? '-'}`);

test('a step is found by its number, its id, its instance and the beginning of its title', () => {
  const game = play();
  expect(named(game, '2')).toEqual(['deactivate-key/k1']);
  expect(named(game, '#2.')).toEqual(['deactivate-key/k1']);
  expect(named(game, 'replace-key')).toEqual(['replace-key/k1']);
  expect(named(game, 'Deactivate the')).toEqual(['deactivate-key/k1']);
  expect(named(game, 'replace-key/k1')).toEqual(['replace-key/k1']);
  for (const words of ['', '0', '99', 'replace-key/k2', 'no such']) expect(named(game, words)).toEqual([]);
});

test('with two keys a name alone means both, and each instance has a number and a name of its own', () => {
  const game = play([hintReport(), hintReport('AbC', 'xyAA')]);
  expect(named(game, 'replace-key')).toEqual(['replace-key/k1', 'replace-key/k2']);
  const numbers = numberedSteps(game.subject).map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const [first] = stepsNamed(game.subject, 'replace-key/k2');
  expect(first && stepName(game.subject, first)).toMatch(/\(k2\)$/);
  expect(named(game, String(first?.number))).toEqual(['replace-key/k2']);
});

test('of several instances those that are open are meant', () => {
  const game = play([hintReport(), hintReport('AbC', 'xyAA')]);
  game.observe('identify-key', exactMatch());
  game.request(person('U0MANAGER', 'manager'), {
    type: 'skip',
    step: 'replace-key',
    key: 'k1',
    reason: 'not needed',
    verdict: null,
  });
  expect(named(game, 'replace-key')).toEqual(['replace-key/k2']);
  expect(named(game, 'replace-key/k1')).toEqual(['replace-key/k1']);
});

import { expect, test } from 'vitest';
import { keyState, stepState } from '../../src/domain/incident.ts';
import { at, exactMatch, hintReport, keyFacts, type Play, person, play, T0 } from '../support/cases.ts';

const responder = person('U0RESPONDER', 'responder');
const systems = Array.from({ length: 21 }, (_, n) => ({
  name: `system ${n + 1}`,
  owner: n === 0 ? 'U0OWNER' : null,
  how: null,
}));

function listed(count = 2): Play {
  const rules = { containment: () => 'confirm' as const, systems: () => systems.slice(0, count) };
  const game = play([hintReport()], { ...at(T0), rules });
  game.observe('identify-key', exactMatch());
  return game;
}

const mark = (game: Play, n: number, by = responder) =>
  game.request(by, { type: 'deployed', key: 'k1', system: `system ${n}` });

test('each system is marked once by who pressed; the last one completes the step', () => {
  const game = listed(21);
  for (let n = 1; n <= 20; n += 1) mark(game, n);
  expect(stepState(game.subject.incident, 'deploy-replacement', 'k1').status).toBe('open');
  expect(mark(game, 7, person('U0OTHER', 'responder')).verdict).toBe('joined');
  mark(game, 21);
  expect(game.last.entries).toMatchObject([
    { kind: 'system.deployed', actor: 'U0RESPONDER', data: { key: 'k1', system: 'system 21' } },
    { kind: 'step.completed', data: { step: 'deploy-replacement', key: 'k1', how: 'by_hand' } },
  ]);
  expect(keyState(game.subject.incident, 'k1')?.systems.map(({ deployed }) => deployed?.by)).toEqual(
    Array(21).fill('U0RESPONDER'),
  );
});

test.each([
  ['system 3', 'k1'],
  ['constructor', 'k1'],
  ['system 1', 'k9'],
])('%s of %s is not among its systems: nothing is written', (system, key) => {
  const game = listed();
  const { incident } = game.subject;
  expect(game.request(responder, { type: 'deployed', key, system })).toMatchObject({
    verdict: 'refused',
    refusal: { code: 'KL_STEP_UNKNOWN' },
  });
  expect(game.subject.incident).toBe(incident);
});

test('a step that was skipped takes no marks any more', () => {
  const game = listed();
  game.request(responder, {
    type: 'skip',
    step: 'deploy-replacement',
    key: 'k1',
    reason: 'retired',
    verdict: null,
  });
  expect(mark(game, 1).verdict).toBe('joined');
});

test('marks stay when the key is confirmed anew, follow what is configured by then, and go with the key', () => {
  let configured = systems.slice(0, 2);
  const rules = { containment: () => 'confirm' as const, systems: () => configured };
  const game = play([hintReport()], { ...at(T0), rules });
  game.observe('identify-key', exactMatch());
  mark(game, 1);
  const known = (): (readonly [string, string | null])[] =>
    keyState(game.subject.incident, 'k1')?.systems.map((one) => [one.name, one.deployed?.by ?? null]) ?? [];
  const named = (candidate = keyFacts()): void => {
    game.request(responder, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null });
    game.observe('deactivate-key', { type: 'changed', found: candidate, readAt: T0 });
    game.request(responder, { type: 'identify', key: 'k1', candidate });
  };
  configured = [...systems.slice(0, 1), ...systems.slice(2, 3)];
  named(keyFacts({ name: 'renamed' }));
  expect(known()).toEqual([
    ['system 1', 'U0RESPONDER'],
    ['system 3', null],
  ]);
  configured = [];
  named(keyFacts({ name: 'renamed again' }));
  expect(known()).toEqual([]);
});

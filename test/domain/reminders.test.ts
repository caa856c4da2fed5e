// When reminders come, and when one is too late to be worth a message.

import { expect, test } from 'vitest';
import { callIfUnanswered, nudges, staleAt } from '../../src/domain/reminders.ts';
import { at, shippedRunbook, T0 } from '../support/cases.ts';

const MINUTE = 60_000;
const { phases } = shippedRunbook();
const [contain] = phases;

test('each reminder of each phase is a run of its own at its own time', () => {
  const runs = nudges(phases, T0, null, at(T0));
  expect(runs.slice(0, 2).map(({ notBefore }) => (notBefore - T0) / MINUTE)).toEqual([2, 4]);
  expect(new Set(runs.map(({ generation }) => generation)).size).toBe(runs.length);
  expect(runs.length).toBe(phases.flatMap((phase) => phase.nudges ?? []).length);
});

test('where Slack is not configured there is none', () => {
  expect(
    nudges(
      phases,
      T0,
      null,
      at(T0, () => false),
    ),
  ).toEqual([]);
  expect(
    callIfUnanswered(
      shippedRunbook(),
      T0,
      at(T0, () => false),
    ),
  ).toEqual([]);
});

test('the call for nobody’s answer comes with the last reminder of containment', () => {
  const [call, ...others] = callIfUnanswered(shippedRunbook(), T0, at(T0));
  expect(others).toEqual([]);
  expect(call).toMatchObject({ step: 'page', notBefore: T0 + 4 * MINUTE, input: { reason: 'unanswered' } });
});

test('a reminder is stale from the moment of the next one, the last from the deadline', () => {
  if (contain === undefined) throw new Error('no phase');
  expect(staleAt(contain, T0, T0 + 2 * MINUTE)).toBe(T0 + 4 * MINUTE);
  expect(staleAt(contain, T0, T0 + 4 * MINUTE)).toBe(T0 + 5 * MINUTE);
});

import { expect, test } from 'vitest';
import type { Case } from '../../src/domain/incident.ts';
import { conditionWord, type KeyCondition, keyCondition } from '../../src/domain/key-condition.ts';
import { at, exactMatch, keyFacts, type Play, person, play, T0 } from '../support/cases.ts';

const responder = person('U0RESPOND', 'responder');
const manager = person('U0MANAGER', 'manager');

function conditionOf({ incident }: Case): KeyCondition {
  const [key] = incident.keys;
  if (key === undefined) throw new Error('no key');
  return keyCondition(incident, key);
}

const identified = (change: Parameters<typeof keyFacts>[0] = {}) => {
  const game = play();
  game.observe('identify-key', exactMatch(keyFacts(change)));
  return game;
};

const CASES: readonly (readonly [string, () => Play, Partial<KeyCondition>, string])[] = [
  ['nobody knows which it is', () => play(), { is: 'live', deactivating: false }, 'LIVE'],
  ['it is identified', () => identified(), { is: 'live', deactivating: false }, 'LIVE'],
  [
    'it is being deactivated',
    () => {
      const game = identified();
      game.request(responder, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null });
      return game;
    },
    { is: 'live', deactivating: true },
    'LIVE',
  ],
  [
    'the last listing had it as expired',
    () => identified({ status: 'expired' }),
    { is: 'not_read_back', status: 'expired' },
    'EXPIRED',
  ],
  [
    'somebody says that it was done by hand, and no provider can be asked',
    () => {
      const game = play(
        undefined,
        at(T0, () => false),
      );
      game.request(responder, { type: 'complete', step: 'deactivate-key', key: 'k1' }, T0 + 9_000);
      return game;
    },
    { is: 'not_checked', how: 'by_hand', by: 'U0RESPOND', at: T0 + 9_000 },
    'NOT CHECKED',
  ],
  [
    'a manager let it live, with a reason',
    () => {
      const game = identified();
      const reason = 'it signs the payroll tonight';
      game.request(manager, { type: 'skip', step: 'deactivate-key', key: 'k1', reason, verdict: null });
      return game;
    },
    { is: 'not_checked', how: 'skipped', by: 'U0MANAGER' },
    'NOT CHECKED',
  ],
];

test.each(CASES)('a key is judged where %s', (_, made, condition, word) => {
  const judged = conditionOf(made().subject);
  expect(judged).toMatchObject(condition);
  expect(conditionWord(judged)).toBe(word);
});

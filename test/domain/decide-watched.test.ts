// What keyleak makes of looking again: new keys, the confirmed one, and the figures about a dead key.

import { expect, test } from 'vitest';
import { decideFailed } from '../../src/domain/decide-observed.ts';
import { keyState, stepState } from '../../src/domain/incident.ts';
import type { KeyFacts } from '../../src/domain/key.ts';
import type { Observation } from '../../src/domain/ports.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import {
  at,
  claimed,
  exactMatch,
  hintReport,
  keyFacts,
  type Play,
  person,
  play,
  T0,
} from '../support/cases.ts';

const responder = person('U0RESPONDER', 'responder');
const listing = { keys: [], complete: true, readAt: T0 };
const fresh = (id: string, name = `prod-${id}-2026-11-23`): KeyFacts => keyFacts({ id, name });

function twoKeys(): Play {
  const game = play([hintReport(), hintReport('Q9Z', 'zzAA')]);
  game.observe('identify-key', exactMatch());
  game.observe('identify-key', exactMatch(keyFacts({ id: 'apikey_2', name: 'prod-second' })), T0, 'k2');
  return game;
}

function pressed(game: Play, key = 'k1', choice: string | null = null): void {
  game.request(responder, { type: 'perform', step: 'replace-key', key, candidate: null, choice });
}

const confirmed = (key: KeyFacts): Observation => ({ type: 'replacement', listing, key, warnings: [] });
const kinds = (game: Play): string[] => game.last.entries.map(({ kind }) => kind);
const failure = (game: Play) => game.last.entries.find((entry) => entry.kind === 'action.failed')?.data.code;

test('a confirmed replacement is written with who pressed, and completes the step', () => {
  const game = twoKeys();
  pressed(game);
  game.observe('replace-key', confirmed(fresh('new')));
  expect(game.last.entries).toMatchObject([
    {
      kind: 'replacement.confirmed',
      actor: 'U0RESPONDER',
      data: { key: 'k1', id: 'new', run: 'replace-key:k1:1' },
    },
    { kind: 'step.completed', actor: 'U0RESPONDER', data: { step: 'replace-key', how: 'automatic' } },
  ]);
  expect(keyState(game.subject.incident, 'k1')?.replacement).toMatchObject({ id: 'new', by: 'U0RESPONDER' });
});

test.each([
  ['none', 'KL_REPLACEMENT_NONE'],
  ['several', 'KL_REPLACEMENT_SEVERAL'],
  ['elsewhere', 'KL_REPLACEMENT_ELSEWHERE'],
  ['gone', 'KL_REPLACEMENT_GONE'],
] as const)('%s: the step waits for a person, who may press again', (why, code) => {
  const game = twoKeys();
  pressed(game);
  const found = why === 'none' ? [] : [fresh('a'), fresh('b')];
  game.observe('replace-key', { type: 'no_replacement', why, listing, found });
  expect(failure(game)).toBe(code);
  expect(stepState(game.subject.incident, 'replace-key', 'k1').status).toBe('needs_human');
  expect(keyState(game.subject.incident, 'k1')?.successors).toHaveLength(found.length);
  pressed(game);
  expect(game.last.runs).toMatchObject([{ step: 'replace-key', generation: 2 }]);
});

test('one new key never replaces two leaked ones: whoever was recorded first has it', () => {
  const game = twoKeys();
  pressed(game, 'k1');
  pressed(game, 'k2');
  game.observe('replace-key', confirmed(fresh('new')), T0, 'k1');
  game.observe('replace-key', confirmed(fresh('new')), T0, 'k2');
  expect(failure(game)).toBe('KL_REPLACEMENT_TAKEN');
  expect(keyState(game.subject.incident, 'k2')?.replacement).toBeNull();
});

test('a choice that another key took meanwhile is told as taken, not as gone', () => {
  const game = twoKeys();
  pressed(game, 'k1');
  game.observe('replace-key', confirmed(fresh('new')), T0, 'k1');
  pressed(game, 'k2', 'new');
  game.observe('replace-key', { type: 'no_replacement', why: 'gone', listing, found: [] }, T0, 'k2');
  expect(failure(game)).toBe('KL_REPLACEMENT_TAKEN');
});

test('a leaked key of the incident is never a replacement', () => {
  const game = twoKeys();
  pressed(game, 'k1');
  game.observe('replace-key', confirmed(fresh('apikey_2')));
  expect(failure(game)).toBe('KL_REPLACEMENT_TAKEN');
});

test('what comes after a person settled the step changes nothing', () => {
  const game = twoKeys();
  pressed(game);
  game.request(responder, { type: 'complete', step: 'replace-key', key: 'k1' });
  game.observe('replace-key', confirmed(fresh('new')));
  expect(game.last.entries).toEqual([]);
  expect(stepState(game.subject.incident, 'replace-key', 'k1').how).toBe('by_hand');
});

test('new keys are written when they change, in name too, and not at every look', () => {
  const game = twoKeys();
  const look = (found: readonly KeyFacts[]): string[] => {
    game.observe('watch-replacement', { type: 'successors', listing, found, again: null });
    return kinds(game);
  };
  expect(look([])).toEqual([]);
  expect(look([fresh('a')])).toEqual(['replacement.seen']);
  expect(look([fresh('a')])).toEqual([]);
  expect(look([fresh('a', 'prod-renamed-2026-11-23')])).toEqual(['replacement.seen']);
  expect(look([])).toEqual(['replacement.seen']);
  expect(look(Array.from({ length: 21 }, (_, n) => fresh(`k${n}`)))).toEqual(['replacement.seen']);
  expect(keyState(game.subject.incident, 'k1')?.successors).toHaveLength(5);
});

type Checked = Extract<Observation, { type: 'containment' }>['checked'];

const checked = (change: Partial<Checked> = {}): Observation => ({
  type: 'containment',
  again: null,
  checked: {
    dead_since: new Date(T0).toISOString(),
    refreshed_at: new Date(T0 + 300_000).toISOString(),
    covered: true,
    requests: 0,
    uncounted: false,
    first_at: null,
    last_at: null,
    replacement: null,
    ...change,
  },
});

function dead(): Play {
  const game = twoKeys();
  game.request(responder, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null });
  const before = keyFacts();
  const after = keyFacts({ status: 'inactive' });
  game.observe('deactivate-key', { type: 'status', before, after, observedAt: T0, requestId: null });
  return game;
}

function asked(game: Play): void {
  game.request(responder, { type: 'perform', step: 'verify-containment', key: 'k1', candidate: null });
}

test('figures beyond the death without use prove containment, whoever looked', () => {
  const watched = dead();
  watched.observe('watch-containment', checked());
  expect(watched.last.entries).toMatchObject([
    { kind: 'containment.checked', actor: 'keyleak' },
    {
      kind: 'step.completed',
      actor: 'keyleak',
      data: { step: 'verify-containment', key: 'k1', how: 'automatic' },
    },
  ]);
  const pressing = dead();
  asked(pressing);
  pressing.observe('verify-containment', checked());
  expect(pressing.last.entries[1]).toMatchObject({ kind: 'step.completed', actor: 'U0RESPONDER' });
});

test.each([
  ['too early to tell', { covered: false }, 'KL_FIGURES_TOO_OLD'],
  ['still used', { requests: 37 }, 'KL_KEY_STILL_USED'],
  ['used without a count', { uncounted: true }, 'KL_KEY_STILL_USED'],
  ['used, by figures that end early', { covered: false, requests: 1 }, 'KL_KEY_STILL_USED'],
] as const)('%s: nothing is proved, and who asked is told', (_, change, code) => {
  const game = dead();
  asked(game);
  game.observe('verify-containment', checked(change));
  expect(failure(game)).toBe(code);
  expect(stepState(game.subject.incident, 'verify-containment', 'k1').status).toBe('needs_human');
  const watched = dead();
  watched.observe('watch-containment', checked(change));
  expect(kinds(watched)).toEqual(['containment.checked']);
});

test('the watch writes what is new, and one look that works takes its trouble from the card', () => {
  const game = dead();
  const early = checked({ covered: false });
  game.observe('watch-containment', early);
  game.observe('watch-containment', early);
  expect(game.last.entries).toEqual([]);
  const run = game.runs.find(({ step }) => step === 'watch-containment');
  if (run === undefined) throw new Error('nobody watches');
  const error = new RemoteError('KL_X', 'x', 'y', { outcome: 'unknown', reason: 'x' });
  const again = { state: 'unknown', notBefore: T0 } as const;
  game.take(decideFailed(game.subject, claimed(run), error, again, at(T0)));
  expect(game.subject.incident.chores).toHaveProperty('watch-containment');
  game.observe('watch-containment', early);
  expect(game.subject.incident.chores).not.toHaveProperty('watch-containment');
});

test('use that shows only after the step was settled is written all the same', () => {
  const game = dead();
  game.observe('watch-containment', checked());
  game.observe('watch-containment', checked({ requests: 2 }));
  expect(kinds(game)).toEqual(['containment.checked']);
  expect(keyState(game.subject.incident, 'k1')?.containment?.requests).toBe(2);
});

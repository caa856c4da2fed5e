// Whether a dead key is still used, by figures that lag, over the real provider and the practice Anthropic.

import { expect, test } from 'vitest';
import { checkContainment, watchContainment } from '../../src/actions/containment.ts';
import type { Observation } from '../../src/domain/ports.ts';
import { type Between, failureOf, never, type Rig, rig } from '../providers/anthropic-rig.ts';
import { exactMatch, type Play, person, play, T0 } from '../support/cases.ts';
import { runOf, world } from './anthropic-world.ts';

const ID = 'apikey_01ProdGateway';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const responder = person('U0RESPONDER', 'responder');

interface Dead extends Rig {
  readonly game: Play;
  now: number;
  check(attempt?: number): Promise<Observation>;
  watch(attempt?: number): Promise<Observation>;
}

/** The key died at T0 + 30 s; the provider goes on as if it did not notice, so that use of it can be played. */
async function dead(
  parts: { lagMs?: number; analytics?: 'not_enrolled'; between?: Between } = {},
): Promise<Dead> {
  const time = { at: T0 };
  const it = rig({ lagMs: 5 * MINUTE, ...parts, clock: { now: () => time.at } });
  const key = (await it.provider.list(never)).keys.find(({ id }) => id === ID);
  if (key === undefined) throw new Error('no key');
  const game = play();
  game.observe('identify-key', exactMatch(key));
  game.request(responder, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null });
  const after = { ...key, status: 'inactive' } as const;
  game.observe('deactivate-key', {
    type: 'status',
    before: key,
    after,
    observedAt: T0 + 30_000,
    requestId: null,
  });
  const look = (action: typeof checkContainment, step: string) => (attempt?: number) =>
    action.perform({
      ...world(game.subject, runOf(step, { attempt: attempt ?? 1 }), it.provider),
      now: () => time.at,
    });
  return {
    ...it,
    game,
    get now() {
      return time.at;
    },
    set now(at) {
      time.at = at;
    },
    check: look(checkContainment, 'verify-containment'),
    watch: look(watchContainment, 'watch-containment'),
  };
}

const checkedIn = (seen: Observation) => {
  if (seen.type !== 'containment') throw new Error(`${seen.type} was observed`);
  return seen.checked;
};

test('figures that end before the death, or within two minutes of it, prove nothing', async () => {
  const it = await dead();
  it.now = T0 + 7 * MINUTE;
  expect(checkedIn(await it.check())).toMatchObject({
    covered: false,
    requests: 0,
    refreshed_at: new Date(T0 + 2 * MINUTE).toISOString(),
  });
  it.now = T0 + 8 * MINUTE;
  expect(checkedIn(await it.check()).covered).toBe(true);
});

test('use before its death, and in the minute of it, is not counted; any later one is', async () => {
  const it = await dead();
  it.now = T0 + 20 * MINUTE;
  for (const at of [T0 - MINUTE, T0 + 5_000, T0 + 50_000]) it.practice.use(ID, { at, requests: 5 });
  expect(checkedIn(await it.check())).toMatchObject({ requests: 0, uncounted: false, first_at: null });
  it.practice.use(ID, { at: T0 + 8 * MINUTE, requests: 37 });
  expect(checkedIn(await it.check())).toMatchObject({
    requests: 37,
    first_at: new Date(T0 + 8 * MINUTE).toISOString(),
    last_at: new Date(T0 + 9 * MINUTE).toISOString(),
  });
});

test('use a day and more after its death is found too', async () => {
  const it = await dead();
  it.now = T0 + 50 * HOUR;
  it.practice.use(ID, { at: T0 + 3 * HOUR, requests: 1 });
  it.practice.use(ID, { at: T0 + 24 * HOUR + 30_000, requests: 2 });
  it.practice.use(ID, { at: T0 + 47 * HOUR, requests: 3 });
  expect(checkedIn(await it.check())).toMatchObject({
    covered: true,
    requests: 6,
    first_at: new Date(T0 + 3 * HOUR).toISOString(),
  });
});

function replaced(it: Dead, createdAt = it.now): string {
  const made = it.practice.createKey({ name: 'prod-new-2026-11-23' });
  it.game.request(responder, { type: 'perform', step: 'replace-key', key: 'k1', candidate: null });
  const key = it.game.subject.incident.keys[0]?.facts;
  if (key == null) throw new Error('no key');
  it.game.observe('replace-key', {
    type: 'replacement',
    listing: { keys: [], complete: true, readAt: it.now },
    key: { ...key, id: made.id, name: made.name, created_at: new Date(createdAt).toISOString() },
    warnings: [],
  });
  return made.id;
}

test('the first use of the replacement is told, also where it was before the old key died', async () => {
  const it = await dead();
  it.now = T0 - 10 * MINUTE;
  const id = replaced(it);
  it.now = T0 + 20 * MINUTE;
  it.practice.use(id, { at: T0 - 8 * MINUTE, requests: 2 });
  it.practice.use(id, { at: T0 + 2 * MINUTE, requests: 10 });
  expect(checkedIn(await it.check()).replacement).toEqual({
    id,
    requests: 12,
    first_at: new Date(T0 - 8 * MINUTE).toISOString(),
  });
});

test('the older report gives no watermark and counts no requests: never proof, and use is told as uncounted', async () => {
  const it = await dead({ analytics: 'not_enrolled' });
  it.now = T0 + 20 * MINUTE;
  expect(checkedIn(await it.check())).toMatchObject({ covered: false, refreshed_at: null, uncounted: false });
  it.practice.use(ID, { at: T0 + 5 * MINUTE });
  expect(checkedIn(await it.check())).toMatchObject({ covered: false, requests: 0, uncounted: true });
});

test('where the organisation has no figures it is refused, with the guide as the way out', async () => {
  const it = await dead({
    between: (request, next) =>
      /usage/.test(request.url) ? Promise.resolve(new Response('{}', { status: 403 })) : next(),
  });
  expect(await failureOf(it.check())).toMatchObject({
    code: 'KL_ANTHROPIC_USAGE_UNAVAILABLE',
    outcome: 'refused',
  });
});

test('a key that the provider never called dead has no moment to count from', async () => {
  const it = rig();
  const key = (await it.provider.list(never)).keys.find(({ id }) => id === ID);
  if (key === undefined) throw new Error('no key');
  const game = play();
  game.observe('identify-key', exactMatch(key));
  const work = checkContainment.perform(world(game.subject, runOf('verify-containment'), it.provider));
  expect(await failureOf(work)).toMatchObject({ code: 'KL_KEY_NOT_DEAD', outcome: 'refused' });
});

test('the watch goes on until containment is proved and the replacement is used, or it has looked long enough', async () => {
  const it = await dead();
  it.now = T0 + 3 * MINUTE;
  expect(await it.watch(1)).toMatchObject({ again: it.now + MINUTE });
  expect(await it.watch(10)).toMatchObject({ again: it.now + 5 * MINUTE });
  expect(await it.watch(30)).toMatchObject({ again: null });
  it.now = T0 + 10 * MINUTE;
  expect(await it.watch(5), 'no replacement yet').toMatchObject({ again: it.now + MINUTE });
  const id = replaced(it);
  expect(await it.watch(6), 'not used yet').toMatchObject({ again: it.now + MINUTE });
  it.practice.use(id, { requests: 3 });
  it.now = T0 + 20 * MINUTE;
  expect(await it.watch(7)).toMatchObject({ again: null, checked: { replacement: { requests: 3 } } });
});

test('a leak for which nobody wants a replacement is watched until containment is proved', async () => {
  const it = await dead();
  it.game.request(responder, {
    type: 'skip',
    step: 'replace-key',
    key: 'k1',
    reason: 'retired',
    verdict: null,
  });
  it.now = T0 + 10 * MINUTE;
  expect(await it.watch()).toMatchObject({ again: null, checked: { covered: true } });
});

test('the watch asks nothing once the incident is closed', async () => {
  const it = await dead();
  it.game.request(responder, { type: 'close', verdict: 'resolved', reason: 'done' });
  it.sent.length = 0;
  expect(await it.watch()).toEqual({ type: 'done' });
  expect(it.sent).toEqual([]);
});

// The replacement: looked for in fresh listings, and confirmed from one.

import { expect, test } from 'vitest';
import { confirmReplacement, watchReplacement } from '../../src/actions/replacement.ts';
import type { Case } from '../../src/domain/incident.ts';
import type { KeyFacts } from '../../src/domain/key.ts';
import type { RunInput } from '../../src/domain/run.ts';
import type { NewKey } from '../../src/sandbox/anthropic/world.ts';
import { failureOf, never, type Rig, rig } from '../providers/anthropic-rig.ts';
import { exactMatch, hintReport, type Play, person, play, T0 } from '../support/cases.ts';
import { NOW, runOf, world } from './anthropic-world.ts';

const ID = 'apikey_01ProdGateway';

async function leaked(it: Rig, reports = 1): Promise<Play> {
  const { keys } = await it.provider.list(never);
  const game = play([hintReport(), hintReport('h7Q', 'x2AA')].slice(0, reports));
  const ids = [ID, 'apikey_01ProdWorker'].slice(0, reports);
  for (const [index, id] of ids.entries()) {
    const key = keys.find((one) => one.id === id);
    if (key === undefined) throw new Error(`no key ${id}`);
    game.observe('identify-key', exactMatch(key), T0, `k${index + 1}`);
  }
  return game;
}

const later = { now: () => T0 + 60_000 };

async function confirmed(
  made: readonly NewKey[],
  choice?: string,
  meanwhile: (it: Rig) => void = () => undefined,
) {
  const it = rig({ clock: later });
  const game = await leaked(it);
  for (const one of made) it.practice.createKey(one);
  meanwhile(it);
  const input: RunInput = choice === undefined ? {} : { choice };
  return confirmReplacement.perform(world(game.subject, runOf('replace-key', { input }), it.provider));
}

test('the only new key of the workspace is taken, from a listing read now', async () => {
  const seen = await confirmed([{ name: 'prod-api-gateway-2026-11-23' }]);
  expect(seen).toMatchObject({
    type: 'replacement',
    key: { id: 'apikey_01Made1', name: 'prod-api-gateway-2026-11-23', workspace: { name: 'Production' } },
    warnings: [],
  });
});

test('a new key elsewhere does not stand in the way of the only one here; an odd name is said', async () => {
  const seen = await confirmed([
    { name: 'New Key' },
    { name: 'staging-x-2026-11-23', workspace: 'wrkspc_01Staging' },
  ]);
  expect(seen).toMatchObject({ type: 'replacement', key: { name: 'New Key' }, warnings: ['name'] });
});

test.each([
  ['none', [], []],
  ['several', [{ name: 'a' }, { name: 'b' }], ['apikey_01Made2', 'apikey_01Made1'].sort()],
  ['elsewhere', [{ name: 'a', workspace: 'wrkspc_01Staging' }], ['apikey_01Made1']],
] as const)('%s: nothing is taken, and what could be meant is told', async (why, made, ids) => {
  const seen = await confirmed(made);
  expect(seen).toMatchObject({ type: 'no_replacement', why });
  const found: readonly KeyFacts[] = seen.type === 'no_replacement' ? seen.found : [];
  expect(found.map(({ id }) => id).sort()).toEqual(ids);
});

test('a chosen key is taken whatever else is there, with a warning where its workspace differs', async () => {
  const made = [
    { name: 'prod-a-2026-11-23' },
    { name: 'staging-b-2026-11-23', workspace: 'wrkspc_01Staging' },
  ];
  expect(await confirmed(made, 'apikey_01Made2')).toMatchObject({
    type: 'replacement',
    key: { id: 'apikey_01Made2' },
    warnings: ['workspace'],
  });
});

test.each([
  ['archived meanwhile', 'apikey_01Made1'],
  ['the leaked key itself', ID],
  ['a key that was there before', 'apikey_01ProdWorker'],
  ['no key at all', 'apikey_none'],
])('a choice that is %s is gone, and no other is taken for it', async (_, choice) => {
  const archive = (it: Rig): void => it.practice.changeKey('apikey_01Made1', { status: 'archived' });
  const seen = await confirmed([{ name: 'a' }, { name: 'b' }], choice, archive);
  expect(seen).toMatchObject({ type: 'no_replacement', why: 'gone' });
});

test('a key that replaces another leaked one is not offered again', async () => {
  const it = rig({ clock: later });
  const game = await leaked(it, 2);
  it.practice.createKey({ name: 'prod-a-2026-11-23' });
  const responder = person('U0RESPONDER', 'responder');
  game.request(responder, { type: 'perform', step: 'replace-key', key: 'k1', candidate: null });
  const first = await confirmReplacement.perform(world(game.subject, runOf('replace-key'), it.provider));
  game.observe('replace-key', first);
  const run = runOf('replace-key', { subject: 'k2' });
  expect(await confirmReplacement.perform(world(game.subject, run, it.provider))).toMatchObject({
    why: 'none',
  });
});

async function watched(subject: Case, it: Rig, attempt = 1) {
  return watchReplacement.perform(world(subject, runOf('watch-replacement', { attempt }), it.provider));
}

test('the watch looks at the workspace, often at first, then each minute, and ends after about an hour', async () => {
  const it = rig({ clock: later });
  const { subject } = await leaked(it);
  it.practice.createKey({ name: 'a' });
  it.practice.createKey({ name: 'b', workspace: 'wrkspc_01Staging' });
  const seen = await watched(subject, it);
  expect(seen).toMatchObject({ type: 'successors', found: [{ name: 'a' }], again: NOW + 15_000 });
  expect(await watched(subject, it, 20)).toMatchObject({ again: NOW + 60_000 });
  expect(await watched(subject, it, 75)).toMatchObject({ again: null });
});

test('a key of another workspace that a person was offered stays offered', async () => {
  const it = rig({ clock: later });
  const game = await leaked(it);
  it.practice.createKey({ name: 'b', workspace: 'wrkspc_01Staging' });
  game.request(person('U0RESPONDER', 'responder'), {
    type: 'perform',
    step: 'replace-key',
    key: 'k1',
    candidate: null,
  });
  game.observe(
    'replace-key',
    await confirmReplacement.perform(world(game.subject, runOf('replace-key'), it.provider)),
  );
  expect(await watched(game.subject, it)).toMatchObject({ found: [{ name: 'b' }] });
});

test('the watch asks nothing once the step is settled', async () => {
  const it = rig({ clock: later });
  const game = await leaked(it);
  game.request(person('U0RESPONDER', 'responder'), { type: 'complete', step: 'replace-key', key: 'k1' });
  it.sent.length = 0;
  expect(await watched(game.subject, it)).toEqual({ type: 'done' });
  expect(it.sent).toEqual([]);
});

test('without a provider it is refused with the way out', async () => {
  const { subject } = await leaked(rig());
  const failure = await failureOf(confirmReplacement.perform(world(subject, runOf('replace-key'), null)));
  expect(failure).toMatchObject({ code: 'KL_PROVIDER_MISSING', outcome: 'refused' });
});

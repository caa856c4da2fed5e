// The searchable choice of a key in the forms: from memory alone, for responders and managers alone; over the real Bolt app.

import { expect, test } from 'vitest';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { faultScript } from './faults.ts';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

const SEARCH = { text: 'Search, or type what you know', in: 'modal' } as const;

async function opened(scene: Scene, who: string) {
  const person = scene.slack.as(who);
  await person.slash('engineering', '');
  await scene.settle();
  return person;
}

test('offers keys by workspace, the last used first, and what tells them apart', async () => {
  const scene = await openScene();
  scene.anthropic.use('apikey_01StageWeb', { at: scene.time.clock.now() - 86_400_000 });
  await scene.pass(16 * 60_000);
  const rio = await opened(scene, 'rio');
  const all = await rio.options(SEARCH, '');
  expect(all[0]).toBe('staging-web …qDAA');
  expect(all).toContain('prod-api-gateway-2026-04-25 …igAA');
  expect(await rio.options(SEARCH, 'dana')).toContain('prod-search-index …9kAA');
  expect((await rio.options(SEARCH, 'Staging')).slice(1)).toEqual(
    expect.arrayContaining(['staging-search-index …9kAA', 'staging-load-test …PzAA (expired)']),
  );
  expect(await rio.options(SEARCH, '9kAA')).toEqual([
    'Use what I typed: 9kAA',
    'prod-search-index …9kAA',
    'staging-search-index …9kAA',
  ]);
  expect(scene.slack.world.complaints).toEqual([]);
});

test('a chosen key is declared by its id, what was typed as it was typed', async () => {
  const scene = await openScene();
  const rio = await opened(scene, 'rio');
  await rio.pick(SEARCH, 'gateway', 'prod-api-gateway-2026-04-25 …igAA');
  await rio.submit({});
  await scene.settle();
  expect((await scene.case()).incident.keys).toMatchObject([
    { query: { shape: 'id', id: PROD }, facts: { id: PROD }, identifiedHow: 'exact' },
  ]);
  await opened(scene, 'rio');
  await rio.submit({ 'Which key?': 'nobody knows this one' });
  await scene.settle();
  expect((await scene.case('KL-2')).incident.keys).toMatchObject([{ words: 'nobody knows this one' }]);
});

test('names the key of an incident that nobody could name', async () => {
  const scene = await openScene();
  await scene.slack.as('sam').slash('engineering', 'whatever in a log');
  await scene.settle();
  const rio = scene.slack.as('rio');
  await rio.click({ text: 'Name the key', channel: scene.room().id, in: 'message' });
  await scene.settle();
  await rio.pick(SEARCH, 'gateway', 'prod-api-gateway-2026-04-25 …igAA');
  await rio.submit({});
  await scene.settle();
  expect((await scene.case()).incident.keys).toMatchObject([{ facts: { id: PROD } }]);
});

test('a whole key that is typed into the search is masked in the answer, in the value and in the log', async () => {
  const scene = await openScene();
  const key = anthropicKey(7);
  const rio = await opened(scene, 'rio');
  const [first = ''] = await rio.options(SEARCH, key);
  expect(first).toMatch(/^Use what I typed: sk-ant-api03-[\w-]{3}\.\.\.[\w-]{4}$/);
  await rio.pick(SEARCH, key, first);
  await rio.submit({});
  await scene.settle();
  expect((await scene.case()).incident.keys).toMatchObject([{ query: { shape: 'hint' } }]);
  const sent = scene.sent.map(({ body }) => decodeURIComponent(body)).join('\n');
  expect(sent.includes('masked before it was kept')).toBe(true);
  expect(sent.includes(key.slice(20, 60))).toBe(false);
  const log = JSON.stringify([await scene.log(), (await scene.case()).incident.keys]);
  expect(log).not.toContain(key.slice(20, 60));
});

test('whoever is no responder writes into a plain field, and a search of theirs finds no key', async () => {
  const scene = await openScene();
  const sam = await opened(scene, 'sam');
  await expect(sam.options(SEARCH, '')).rejects.toThrow('nothing to press');
  await sam.submit({ 'Which key?': HINT });
  await scene.settle();
  expect((await scene.case()).incident.keys).toMatchObject([{ query: { shape: 'hint' } }]);
});

test('a provider that hangs keeps nobody from searching or declaring', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  faults.meet((service) => (service === 'anthropic' ? 'silent' : null));
  const rio = await opened(scene, 'rio');
  const before = scene.anthropic.requests().length;
  expect(await rio.options(SEARCH, 'gateway')).toContain('prod-api-gateway-2026-04-25 …igAA');
  expect(scene.anthropic.requests()).toHaveLength(before);
});

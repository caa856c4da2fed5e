// Whatever way a text comes in by, no key of it reaches the log: the engine is the last before it.

import { expect, test } from 'vitest';
import { anthropicKey, hintOf } from '../domain/synthetic-secrets.ts';
import { exactMatch, keyFacts, person } from '../support/cases.ts';
import { type Rig, rig } from './rig.ts';

const KEY = anthropicKey(3);
const mei = person('U0MEIT', 'manager');

async function textsOf({ store }: Rig): Promise<readonly string[]> {
  const logged = (await store.load('KL-1')) ?? [];
  return logged.flatMap(({ texts }) => Object.values(texts).map(({ text }) => text ?? ''));
}

test.each([
  ['a note', { type: 'note', text: `it was ${KEY}` }],
  [
    'the reason of a skip',
    { type: 'skip', step: 'replace-key', key: 'k1', verdict: null, reason: `it was ${KEY}` },
  ],
  ['the reason of a close', { type: 'close', verdict: 'false_alarm', reason: `it was ${KEY}` }],
] as const)('%s', async (_, command) => {
  const scene = await rig({ perform: async () => exactMatch(keyFacts()) });
  await scene.declare();
  expect(await scene.engine.request('KL-1', mei, command, null)).toMatchObject({ outcome: 'done' });
  expect(await textsOf(scene)).toContain(`it was ${hintOf(KEY)}`);
  expect((await textsOf(scene)).join()).not.toContain(KEY.slice(20, 40));
});

test('the words and the place of a declaration', async () => {
  const scene = await rig({ perform: async () => exactMatch(keyFacts()) });
  await scene.engine.declare({
    reports: [{ query: { shape: 'none' }, words: KEY }],
    by: mei,
    source: 'cli',
    team: null,
    enterprise: null,
    where: `in ${KEY}`,
    declaredIn: null,
    delivery: null,
  });
  expect(await textsOf(scene)).toEqual(expect.arrayContaining([hintOf(KEY), `in ${hintOf(KEY)}`]));
});

// When a declaration joins the incident that has the key already, and when the key only looks like it.

import { expect, test } from 'vitest';
import { exactMatch, hintReport, keyFacts, person, T0 } from '../support/cases.ts';
import { type Rig, rig } from './rig.ts';

const one = keyFacts({ id: 'apikey_01one' });
const twin = keyFacts({ id: 'apikey_02twin', name: 'prod-batch' });
const rio = person('U0RIOA', 'responder');

/** KL-1, whose key a person has named as `one`. */
async function named(): Promise<Rig> {
  const scene = await rig({ perform: async () => exactMatch(one) });
  await scene.declare();
  const identify = { type: 'identify', key: 'k1', candidate: one } as const;
  expect(await scene.engine.request('KL-1', rio, identify, null)).toMatchObject({ outcome: 'done' });
  return scene;
}

const listed = (...keys: (typeof one)[]) => ({ keys, complete: true, readAt: T0 });

test('the same hint joins while no other key has it', async () => {
  const scene = await named();
  expect(await scene.declare()).toBe('KL-1');
  scene.keys.offer(listed(one));
  expect(await scene.declare()).toBe('KL-1');
});

test('a hint that two keys share opens an incident of its own once the first is named as one of them', async () => {
  const scene = await named();
  scene.keys.offer(listed(one, twin));
  expect(await scene.declare()).toBe('KL-2');
});

test('such a hint joins while nobody has said which of the two is meant', async () => {
  const scene = await rig({ perform: async () => exactMatch(one) });
  scene.keys.offer(listed(one, twin));
  expect(await scene.declare([hintReport()])).toBe('KL-1');
  expect(await scene.declare([hintReport()])).toBe('KL-1');
});

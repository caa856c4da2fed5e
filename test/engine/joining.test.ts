// When a declaration joins the incident that has the key already, and when the key only looks like it.

import { expect, test } from 'vitest';
import type { Report } from '../../src/domain/decide-declare.ts';
import { MAX_KEYS } from '../../src/domain/key-words.ts';
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

const nameReport = (words: string): Report => ({ query: { shape: 'name', name: words }, words });

const declaration = {
  by: person('U0DECLARER', 'participant'),
  source: 'slash',
  team: 'T0ACME',
  enterprise: null,
  where: '',
  declaredIn: null,
  delivery: null,
} as const;

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

test('several keys of which one is known join its incident: the others are added there, and no key is in two', async () => {
  const scene = await named();
  const answer = await scene.engine.declare({
    ...declaration,
    reports: [nameReport('billing'), hintReport(), nameReport('batch')],
    delivery: 'd1',
  });
  expect(answer).toMatchObject({ outcome: 'done', joined: { added: 2 }, case: { incident: { id: 'KL-1' } } });
  const { case: subject } = answer;
  expect(subject?.incident.keys.map(({ words }) => words)).toEqual(['R2D...igAA', 'billing', 'batch']);
  expect(subject?.incident.notes.map(({ text }) => text)).toEqual(['Reported again: R2D...igAA']);
  expect(await scene.store.list({ status: 'any', limit: 9 })).toHaveLength(1);
});

test('the same delivery again adds nothing to any of the incidents that it reached', async () => {
  const scene = await named();
  await scene.declare([{ query: { shape: 'id', id: twin.id }, words: twin.id }]);
  const many = {
    ...declaration,
    reports: [
      hintReport(),
      { query: { shape: 'id', id: twin.id } as const, words: twin.id },
      nameReport('batch'),
    ],
    delivery: 'd1',
  };
  await scene.engine.declare(many);
  const before = [await scene.log('KL-1'), await scene.log('KL-2')];
  expect(before.map((log) => log.filter(({ kind }) => kind === 'note.added').length)).toEqual([1, 1]);
  expect(await scene.engine.declare(many)).toMatchObject({ outcome: 'duplicate' });
  expect([await scene.log('KL-1'), await scene.log('KL-2')]).toEqual(before);
});

test('what a full incident cannot take gets an incident of its own', async () => {
  const scene = await rig({ perform: async () => exactMatch(one) });
  const full = Array.from({ length: MAX_KEYS }, (_, n) => nameReport(`key-${n}`));
  await scene.declare([hintReport(), ...full.slice(1)]);
  const { case: subject } = await scene.engine.declare({
    ...declaration,
    reports: [hintReport(), nameReport('late')],
  });
  expect(subject?.incident).toMatchObject({ id: 'KL-2', keys: [{ words: 'late' }] });
});

test('an incident whose key turns out to be that of another says so, once, and draws it for people', async () => {
  const scene = await named();
  await scene.declare([nameReport('the gateway')]);
  const identify = { type: 'identify', key: 'k1', candidate: one } as const;
  const answer = await scene.engine.request('KL-2', rio, identify, null);
  expect(answer.case?.incident.keys[0]).toMatchObject({ alsoIn: 'KL-1', facts: { id: one.id } });
  await scene.engine.request('KL-2', rio, identify, null);
  const linked = (await scene.log('KL-2')).filter(({ kind }) => kind === 'incident.linked');
  expect(linked).toMatchObject([{ actor: 'keyleak', data: { key: 'k1', other: 'KL-1' } }]);
  expect((await scene.log('KL-1')).map(({ kind }) => kind)).not.toContain('incident.linked');
});

test('so does one whose key the provider’s listing names', async () => {
  const scene = await named();
  await scene.declare([
    { query: { shape: 'hint', family: null, start: 'sk-ant-api03-R2D', end: 'igAA' }, words: 'longer' },
  ]);
  scene.runner.kick();
  await scene.runner.idle();
  expect((await scene.log('KL-2')).find(({ kind }) => kind === 'incident.linked')).toMatchObject({
    data: { key: 'k1', other: 'KL-1' },
  });
});

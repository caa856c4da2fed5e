// Words that name a key badly, and an owner who is gone: a clear answer, nothing done to any key, and an entry.

import { expect, test } from 'vitest';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

async function declared(scene: Scene, words: string): Promise<string> {
  const { answer } = await scene.slack.as('rio').slash('engineering', `${words} in a log`);
  await scene.pass(10_000);
  return scene.words(answer);
}

const untouched = (scene: Scene) =>
  expect(scene.anthropic.requests().filter(({ method }) => method !== 'GET')).toEqual([]);

const crowd = (scene: Scene, count: number, hint: string): void => {
  const like = scene.anthropic.key(PROD);
  if (like === null) throw new Error('there is no such key');
  for (let index = 0; index < count; index += 1)
    scene.anthropic.addKey({
      ...like,
      id: `apikey_01Many${index}`,
      name: `many-${index}`,
      partial_key_hint: hint,
    });
};

test.each([
  ['the last two characters', '...AA'],
  ['one character and the last two', 'R...AA'],
])('%s name no key: what fits is offered', async (_, words) => {
  const scene = await openScene();
  await declared(scene, words);
  expect(scene.card().buttons).toContain('prod-api-gateway-2026-04-25 · Production …igAA');
  expect(scene.card().buttons).not.toContain('Deactivate key');
  expect((await scene.case()).incident.keys[0]?.facts).toBeNull();
  expect(await scene.kinds()).toContain('candidates.found');
  untouched(scene);
});

test('two characters without dots fit nothing, and the card says how to go on', async () => {
  const scene = await openScene();
  await declared(scene, 'AA');
  expect(scene.words(scene.card())).toContain(
    'No key of the provider’s list fits. Name it in other words, or look in the Console.',
  );
  expect(scene.card().buttons).toContain('Name the key');
  expect(await scene.kinds()).toContain('key.unmatched');
  untouched(scene);
});

test('both ends the wrong way round are turned, and offered to be pressed', async () => {
  const scene = await openScene();
  await declared(scene, 'igAA...R2D');
  expect(scene.words(scene.card())).toContain('With its two ends exchanged the hint fits. Which key is it?');
  expect(scene.reads('rio', scene.room().id)).toMatch(/No key fits as it was written\. With its two\s+ends/);
  untouched(scene);
  await scene.slack.as('rio').click({
    text: 'prod-api-gateway-2026-04-25 · Production …igAA',
    channel: scene.room().id,
    near: 'With its two ends exchanged the hint fits',
  });
  await scene.pass(5_000);
  expect((await scene.case()).incident.keys[0]?.facts?.id).toBe(PROD);
});

test('a hint that fits forty keys offers ten on the card, twenty in the room, and says how many there are', async () => {
  const scene = await openScene();
  crowd(scene, 40, 'sk-ant-api03-Y4A...q0AA');
  await declared(scene, 'Y4A...q0AA');
  const offered = scene.card().buttons.filter((label) => label.startsWith('many-'));
  expect(offered).toHaveLength(10);
  expect(scene.words(scene.card())).toContain('The first 10 of 40.');
  expect(scene.reads('rio', scene.room().id)).toContain('20 more fit: use Name the key.');
  const [found] = (await scene.log()).filter((entry) => entry.kind === 'candidates.found');
  expect(found?.data.total).toBe(40);
  untouched(scene);
});

test('an owner who has left is named as that on the card and in the question, and holds nothing up', async () => {
  const scene = await openScene();
  scene.anthropic.removeUser('user_01Dana');
  await declared(scene, HINT);
  expect(scene.words(scene.card())).toContain('owner user_01Dana (has left)');
  const { dialog } = await scene.slack
    .as('rio')
    .click({ text: 'Deactivate key', channel: scene.room().id }, { deny: true });
  expect(dialog?.text).toContain('Owner: user_01Dana (has left)');
  const [found] = (await scene.log()).filter((entry) => entry.kind === 'owner.found');
  expect(found?.data.owner).toBeNull();
});

// An incident that turns out to be more, or something else: a key that is found later, another runbook; over the real Bolt
// app and the practice services.

import { expect, test } from 'vitest';
import { person } from '../support/cases.ts';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

const WORKER = 'apikey_01ProdWorker';

const RIO = person('U0RIOA', 'responder');

async function declared(scene: Scene): Promise<string> {
  await scene.slack.as('rio').slash('engineering', `${HINT} in a public repository`);
  await scene.settle();
  return scene.room().id;
}

async function says(scene: Scene, who: string, channel: string, words: string): Promise<string> {
  const { answer } = await scene.slack.as(who).slash(channel, words);
  await scene.settle();
  return scene.words(answer, who);
}

const keys = async (scene: Scene) => (await scene.case()).incident.keys.map(({ facts }) => facts?.id ?? null);

test('a hint that is typed in the incident’s channel is another key of it, with its red button in the answer', async () => {
  const scene = await openScene();
  const room = await declared(scene);
  const said = await says(scene, 'rio', room, 'h7Q...x2AA in the same file');
  expect(said).toMatch(/KL-1 has it now: it was added here/);
  expect(said).toContain('prod-batch-worker');
  expect(await keys(scene)).toEqual([PROD, WORKER]);
  expect(await scene.bot().engine.view('KL-2')).toBeNull();
  expect((await scene.case()).incident.notes).toMatchObject([
    { text: 'Another key was seen: in the same file' },
  ]);
  await scene.slack
    .as('rio')
    .click({ text: 'Deactivate key', near: 'prod-batch-worker', in: 'ephemeral', channel: room });
  await scene.settle();
  expect(scene.anthropic.key(WORKER)?.status).toBe('inactive');
  expect(scene.anthropic.key(PROD)?.status).toBe('active');
});

test('a key that the incident has already is said so, and one of another open incident joins that', async () => {
  const scene = await openScene();
  const room = await declared(scene);
  await says(scene, 'priya', 'engineering', 'h7Q...x2AA');
  expect(await says(scene, 'rio', room, HINT)).toContain('KL-1 has this key already');
  expect(await says(scene, 'rio', room, 'h7Q...x2AA')).toContain('KL-2 has this key already');
  expect(await keys(scene)).toEqual([PROD]);
});

test('a containment that was complete is open again, under a clock of the new key', async () => {
  const scene = await openScene();
  const room = await declared(scene);
  await scene.slack.as('rio').click({ text: 'Deactivate key', channel: room });
  await scene.settle();
  for (const step of ['replace-key', 'deploy-replacement', 'verify-containment'])
    await scene.bot().engine.request('KL-1', RIO, { type: 'complete', step, key: 'k1' }, null);
  expect(await scene.kinds()).toContain('phase.completed');
  await scene.pass(20 * 60_000);
  await says(scene, 'rio', room, 'h7Q...x2AA');
  expect(await scene.kinds()).toContain('phase.reopened');
  expect(scene.words(scene.card())).toMatch(/k2 🔴 LIVE/);
});

test('Add key asks the same two questions, for whoever is in the room, and closes when it is in the log', async () => {
  const scene = await openScene();
  const room = await declared(scene);
  const dana = scene.slack.as('dana');
  await dana.click({ text: 'Add key', channel: room });
  await scene.settle();
  expect(dana.modal()?.title).toBe('Add a key');
  await dana.submit({ 'Which key?': 'h7Q...x2AA', 'Where was it seen?': 'in the cache' });
  await scene.settle();
  expect(dana.modal()).toBeNull();
  expect(await keys(scene)).toEqual([PROD, WORKER]);
  // She may see the card, but no candidate and no red button of her own.
  expect(scene.reads('dana', room)).not.toMatch(/added here[\s\S]*Deactivate key/);
});

test('Change runbook keeps the log and what is done, and is a responder’s', async () => {
  const scene = await openScene();
  const room = await declared(scene);
  await scene.slack.as('rio').click({ text: 'Deactivate key', channel: room });
  await scene.settle();
  await scene.slack.as('dana').click({ text: 'Change runbook', channel: room });
  await scene.settle();
  expect(scene.slack.as('dana').modal()).toBeNull();
  expect(scene.reads('dana', room)).toContain('not allowed');

  const rio = scene.slack.as('rio');
  await rio.click({ text: 'Change runbook', channel: room });
  await scene.settle();
  await rio.submit({ 'What has leaked?': 'Leaked OpenAI API key' });
  await scene.settle();
  expect(rio.modal()).toBeNull();
  const { incident, runbook } = await scene.case();
  expect(runbook.id).toBe('openai-api-key');
  expect(incident.keys[0]?.dead).not.toBeNull();
  expect(await scene.log()).toContainEqual(
    expect.objectContaining({ kind: 'runbook.changed', actor: expect.stringMatching(/^U0RIO/) }),
  );
  expect(scene.slack.world.complaints).toEqual([]);
  await scene.verified();
});

// The board over the real engine and store: a true picture, drawn seldom, and never in anybody's way.

import { expect, test } from 'vitest';
import { faultScript } from '../flows/faults.ts';
import { openScene, type Scene } from '../flows/scene.ts';

const edits = (scene: Scene): number =>
  scene.slack.world.calls.filter(({ method, ok }) => method === 'chat.update' && ok).length;

async function noted(scene: Scene, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await scene.slack.as('rio').slash(scene.room().id, `note number ${index}`);
}

async function declared(scene: Scene): Promise<void> {
  await scene.slack.as('rio').slash('engineering', 'R2D...igAA');
  await scene.pass(10_000);
}

test('many commits in a moment are one or two edits, and the last state wins', async () => {
  const scene = await openScene();
  await declared(scene);
  const before = edits(scene);
  await noted(scene, 20);
  await scene.pass(10_000);
  expect(edits(scene) - before).toBeLessThanOrEqual(2);
  expect(scene.words(scene.card())).toContain('number 19');
});

test('a picture that is the same is not sent again, not even after a restart', async () => {
  const scene = await openScene();
  await declared(scene);
  const before = edits(scene);
  await scene.pass(120_000);
  await scene.crash();
  await scene.start();
  await scene.pass(10_000);
  expect(edits(scene)).toBe(before);
});

test('what changed while the bot was down is drawn at the next start', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  await declared(scene);
  faults.meet((service, what) => (service === 'slack' && what.endsWith('chat.update') ? 'error' : null));
  await noted(scene, 1);
  await scene.pass(100);
  await scene.crash();
  faults.heal();
  await scene.start();
  await scene.pass(5_000);
  expect(scene.words(scene.card())).toContain('number 0');
});

test('an edit that fails is tried again with growing pauses until it is done', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  await declared(scene);
  let failures = 0;
  faults.meet((service, what) => {
    if (service !== 'slack' || !what.endsWith('chat.update')) return null;
    failures += 1;
    return 'reset before';
  });
  await noted(scene, 1);
  await scene.pass(60_000);
  expect(failures).toBeGreaterThan(3);
  expect(failures).toBeLessThan(20);
  faults.heal();
  await scene.pass(120_000);
  expect(scene.words(scene.card())).toContain('number 0');
});

test('a card that is gone is not looped over', async () => {
  const scene = await openScene();
  await declared(scene);
  const room = scene.slack.channel(scene.room().id);
  room.messages = room.messages.filter(({ ts }) => ts !== scene.card().ts);
  const before = scene.slack.world.calls.length;
  await noted(scene, 1);
  await scene.pass(60_000);
  const failed = scene.slack.world.calls.slice(before).filter(({ method }) => method === 'chat.update');
  expect(failed).toHaveLength(1);
});

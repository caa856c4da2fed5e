// Containment by policy: what a house wants dead without a press dies at once, with the same record as a press leaves.

import { expect, test } from 'vitest';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

const PEOPLE = 'slack:\n  responders: ["@security-oncall"]\n  managers: [U0MEIT]\n';
const AUTOMATIC = `${PEOPLE}policy:\n  containment: automatic\n`;

async function declaredBy(
  scene: Scene,
  who: string,
  words = `${HINT} in a public repository`,
): Promise<void> {
  await scene.slack.as(who).slash('engineering', words);
  await scene.pass(5_000);
}

test('an exact match that a responder declares is dead at once, in their name and marked as the policy’s', async () => {
  const scene = await openScene({ yaml: AUTOMATIC });
  await declaredBy(scene, 'rio');
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  const log = await scene.log();
  expect(
    log.filter(({ kind }) => kind === 'step.started').map(({ actor, data }) => ({ actor, data })),
  ).toContainEqual({
    actor: 'U0RIOA',
    data: expect.objectContaining({
      step: 'deactivate-key',
      policy: 'automatic',
      authority: expect.objectContaining({ role: 'responder' }),
    }),
  });
  expect(log.filter(({ kind }) => kind === 'key.deactivated')).toMatchObject([{ actor: 'U0RIOA' }]);
  expect(scene.words(scene.card())).toMatch(/DEAD/);
  expect(scene.reads('rio', scene.room().id)).toMatch(/Undo: /);
  expect((await scene.verified()).findings).toEqual([]);
});

test('whoever is no responder, a name, or one end of a key never kills by policy', async () => {
  const scene = await openScene({ yaml: AUTOMATIC });
  await declaredBy(scene, 'sam');
  expect(scene.anthropic.key(PROD)?.status).toBe('active');
  await declaredBy(scene, 'rio', '"prod-api-gateway-2026-04-25" in a log');
  await declaredBy(scene, 'rio', '...igAA in a log');
  expect(scene.anthropic.key(PROD)?.status).toBe('active');
});

test('a workspace that is not named by a rule waits for a press', async () => {
  const rules = `${PEOPLE}policy:\n  containment:\n    rules:\n      - {workspace: Staging, containment: automatic}\n`;
  const scene = await openScene({ yaml: rules });
  await declaredBy(scene, 'rio');
  expect(scene.anthropic.key(PROD)?.status).toBe('active');
  expect(scene.card().buttons).toContain('Deactivate key');
});

test('the policy strikes once: a crash between intent and act, and the press of a responder beside it, end in one deactivation', async () => {
  let crashed = false;
  const scene: Scene = await openScene({
    yaml: AUTOMATIC,
    boundary(name) {
      if (name !== 'run:claimed:deactivate-key' || crashed) return;
      crashed = true;
      scene.kill();
      throw new Error('crash');
    },
  });
  await scene.slack.as('rio').slash('engineering', HINT);
  await scene.settle();
  await scene.crash();
  await scene.start();
  await scene.pass(60_000);
  expect(crashed).toBe(true);
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  expect((await scene.log()).filter(({ kind }) => kind === 'key.deactivated')).toHaveLength(1);
});

// Who is called when time runs out: reminders in the room, managers directly, and people outside Slack.

import { describe, expect, test } from 'vitest';
import { faultScript } from './faults.ts';
import { HINT, openScene, type Scene } from './scene.ts';

const MINUTE = 60_000;

async function declared(scene: Scene, words = `${HINT} in a public repository`): Promise<void> {
  await scene.slack.as('rio').slash('engineering', words);
  await scene.pass(5_000);
}

async function containedBy(scene: Scene, who: string): Promise<void> {
  await scene.slack.as(who).click({ text: 'Deactivate key', channel: scene.room().id });
  await scene.pass(5_000);
  for (const step of ['replace-key', 'deploy-replacement', 'verify-containment']) {
    const by = { actor: 'U0RIOA', role: 'responder', grounds: { by: 'group', listAgeMs: 0 } } as const;
    await scene.bot().engine.request('KL-1', by, { type: 'complete', step, key: 'k1' }, null);
  }
  await scene.pass(5_000);
}

const nudges = (scene: Scene) =>
  scene.room().messages.filter(({ text }) => / left for /.test(text) && !/deadline/.test(text));

describe('reminders', () => {
  test('come at two and at four minutes as messages of their own that call people; the later removes the earlier', async () => {
    const scene = await openScene();
    await declared(scene);
    expect(nudges(scene)).toHaveLength(0);
    await scene.pass(2 * MINUTE);
    const [first] = nudges(scene);
    expect(first?.text).toMatch(/^KL-1: 3 min left for “First 5 minutes”\. .*<@U0RIOA>.*<@U0PRIYA>/);
    expect(scene.reads('rio', scene.room().id)).toContain('Open: Deactivate the key (k1)');
    await scene.pass(2 * MINUTE);
    expect(nudges(scene).map(({ text }) => text)).toEqual([expect.stringContaining('1 min left')]);
    await scene.pass(MINUTE);
    expect(nudges(scene)).toHaveLength(0);
    expect(scene.room().messages.filter(({ text }) => text.includes('was missed'))).toHaveLength(1);
    const log = await scene.log();
    expect(log.filter(({ kind }) => kind === 'message.removed')).toHaveLength(2);
    expect(scene.slack.world.complaints).toEqual([]);
  });

  test('stop when the phase is complete, and the one that stands is taken away', async () => {
    const scene = await openScene();
    await declared(scene);
    await scene.pass(2 * MINUTE);
    expect(nudges(scene)).toHaveLength(1);
    await containedBy(scene, 'rio');
    expect(nudges(scene)).toHaveLength(0);
    await scene.pass(10 * MINUTE);
    expect(nudges(scene)).toHaveLength(0);
    expect((await scene.kinds()).includes('deadline.missed')).toBe(false);
    expect(scene.paging.pages()).toEqual([]);
  });

  test('of two that fell due while the bot was down only the later is posted, and after the deadline none', async () => {
    const scene = await openScene();
    await declared(scene);
    await scene.crash();
    scene.time.step(4.5 * MINUTE);
    await scene.start();
    await scene.pass(5_000);
    expect(nudges(scene)).toHaveLength(1);
    expect(nudges(scene)[0]?.text).toMatch(/ s left for /);
    const posted = (await scene.log()).filter(
      (entry) => entry.kind === 'message.posted' && entry.data.purpose === 'nudge',
    );
    expect(posted).toHaveLength(1);
    await scene.crash();
    scene.time.step(60 * MINUTE);
    await scene.start();
    await scene.pass(MINUTE);
    expect(nudges(scene)).toHaveLength(0);
  });

  test('the first hour has its own, and a reminder is never lost with its answer, nor posted twice', async () => {
    const script = faultScript();
    const scene = await openScene({ wrap: script.wrap });
    await declared(scene);
    await containedBy(scene, 'rio');
    let lost = 0;
    script.meet((service, what) => {
      const isPost = service === 'slack' && what.endsWith('chat.postMessage') && lost === 0;
      lost += isPost ? 1 : 0;
      return isPost ? 'reset after' : null;
    });
    await scene.pass(32 * MINUTE);
    expect(lost).toBe(1);
    expect(nudges(scene).map(({ text }) => text)).toEqual([expect.stringContaining('“First hour”')]);
  });
});

describe('when a deadline is missed', () => {
  test('managers are told directly, and the webhook is called once, signed, with counts and no details', async () => {
    const scene = await openScene();
    await declared(scene);
    await scene.pass(5 * MINUTE);
    const [direct] = scene.slack
      .channels()
      .filter(({ kind, members }) => kind === 'im' && members.has('U0MEIT') && !members.has('U0RIOA'));
    expect(scene.reads('mei', direct?.id ?? '')).toMatch(
      /A deadline was missed: KL-1[\s\S]*1 of 1 keys live/,
    );
    const missed = scene.paging.pages().filter(({ type }) => type === 'keyleak.deadline.missed');
    expect(missed).toMatchObject([
      { subject: 'KL-1', data: { severity: 1, phase: 'contain', live_keys: 1 } },
    ]);
    const bodies = scene.sent.filter(({ service }) => service === 'paging').map(({ body }) => body);
    expect(bodies.join()).not.toMatch(/prod-api|R2D|igAA|Dana|apikey/);
    expect((await scene.log()).filter(({ kind }) => kind === 'page.sent').length).toBeGreaterThan(0);
  });

  test('a webhook that hangs, fails and loses its answer is called until it answers, always with one id', async () => {
    const scene = await openScene();
    scene.paging.behave({ hang: true }, 1);
    await declared(scene);
    await scene.slack.as('rio').slash(scene.room().id, 'note I am on it');
    await scene.pass(5 * MINUTE);
    scene.paging.behave({ status: 503, landed: true }, 2);
    await scene.pass(2 * MINUTE);
    expect(scene.paging.pages()).toHaveLength(1);
    expect(new Set(scene.paging.deliveries().map(({ id }) => id)).size).toBe(1);
    expect(scene.paging.deliveries().length).toBeGreaterThanOrEqual(4);
    expect((await scene.log()).filter(({ kind }) => kind === 'page.sent')).toHaveLength(1);
  });

  test('a webhook that refuses is told on the card, and holds nothing up', async () => {
    const scene = await openScene();
    scene.paging.behave({ status: 410 }, 9);
    await declared(scene);
    await scene.slack.as('rio').slash(scene.room().id, 'note I am on it');
    await scene.pass(6 * MINUTE);
    expect(scene.paging.deliveries()).toHaveLength(1);
    expect(scene.words(scene.card())).toMatch(/KL_PAGING_/);
    await scene.slack.as('rio').click({ text: 'Deactivate key', channel: scene.room().id });
    await scene.pass(5_000);
    expect(scene.words(scene.card())).toMatch(/DEAD/);
  });
});

describe('when nobody answers', () => {
  test('the webhook is called at the last reminder already', async () => {
    const scene = await openScene();
    await declared(scene);
    await scene.pass(4 * MINUTE);
    expect(scene.paging.pages()).toMatchObject([{ type: 'keyleak.unanswered', subject: 'KL-1' }]);
  });

  test('but not when a person has done anything', async () => {
    const scene = await openScene();
    await declared(scene);
    await scene.slack.as('priya').slash(scene.room().id, 'note looking');
    await scene.pass(4.5 * MINUTE);
    expect(scene.paging.pages()).toEqual([]);
  });

  test('a page whose answer was lost is settled even when somebody answered meanwhile', async () => {
    const scene = await openScene();
    scene.paging.behave({ hang: true, landed: true }, 1);
    await declared(scene);
    await scene.pass(4 * MINUTE - 5_000);
    expect(scene.paging.pages()).toHaveLength(1);
    await scene.slack.as('priya').slash(scene.room().id, 'note looking');
    await scene.pass(45_000);
    const sent = (await scene.log()).filter((entry) => entry.kind === 'page.sent');
    expect(sent.map(({ data }) => data.page)).toEqual(scene.paging.pages().map(({ id }) => id));
    expect(sent).toHaveLength(1);
  });

  test('without a webhook managers are told by Slack all the same, and nothing fails', async () => {
    const yaml = 'slack:\n  responders: ["@security-oncall"]\n  managers: [U0MEIT]\n';
    const scene = await openScene({ yaml });
    await declared(scene);
    await scene.pass(6 * MINUTE);
    const kinds = await scene.kinds();
    expect(kinds).not.toContain('page.sent');
    expect(kinds).not.toContain('action.failed');
    const managers = scene.slack
      .channels()
      .filter(({ kind, members }) => kind === 'im' && members.has('U0MEIT'));
    expect(managers).toHaveLength(1);
  });
});

test('after a deactivation the room is told at once who may undo it and how; not where the key was dead already', async () => {
  const scene = await openScene();
  await declared(scene);
  await scene.slack.as('rio').click({ text: 'Deactivate key', channel: scene.room().id });
  await scene.pass(2_000);
  const read = scene.reads('priya', scene.room().id);
  expect(read).toMatch(/Undo: .*prod-api-gateway-2026-04-25.* is disabled, not deleted/);
  expect(read).toMatch(/Deactivated for @rio/);
  expect(read).toMatch(/An admin of the organisation may bring it back/);

  const dead = await openScene();
  dead.anthropic.changeKey('apikey_01ProdGateway', { status: 'inactive' });
  await declared(dead);
  await dead.slack.as('rio').click({ text: 'Deactivate key', channel: dead.room().id });
  await dead.pass(2_000);
  expect(dead.words(dead.card())).toMatch(/already inactive/);
  expect(dead.reads('priya', dead.room().id)).not.toMatch(/Undo/);
});

// An incident's channel that is archived, or out of which keyleak is taken, in the middle of the incident: it goes on, the
// managers are told once, and what waits is posted when the channel is back.

import { expect, test } from 'vitest';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import type { Channel } from '../../src/sandbox/slack/world.ts';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

const MINUTE = 60_000;

const LOSSES: readonly (readonly [string, (room: Channel) => void, (room: Channel) => void])[] = [
  [
    'is archived',
    (room) => {
      room.archived = true;
    },
    (room) => {
      room.archived = false;
    },
  ],
  [
    'has keyleak no more',
    (room) => void room.members.delete(PRACTICE.bot),
    (room) => void room.members.add(PRACTICE.bot),
  ],
];

/** Messages to the managers, as they lie in their conversation with keyleak. */
const told = (scene: Scene): readonly string[] =>
  scene.slack
    .channels()
    .filter(({ id }) => id.startsWith('D'))
    .flatMap(({ messages }) => messages.map(({ text }) => text))
    .filter((text) => text.includes('takes no messages any more'));

test.each(LOSSES)(
  'a channel that %s: managers are told once, everything works without it, and it catches up',
  async (_, lose, restore) => {
    const scene = await openScene();
    const { answer } = await scene.slack.as('rio').slash('engineering', HINT);
    expect(answer).not.toBeNull();
    await scene.pass(5_000);
    const room = scene.room();
    lose(room);
    const before = room.messages.length;
    await scene.pass(4 * MINUTE);
    expect(told(scene)).toHaveLength(1);
    expect((await scene.log()).filter(({ kind }) => kind === 'action.failed').length).toBeLessThan(6);

    const status = await scene.slack.as('mei').slash('general', 'status KL-1');
    expect(scene.words(status.answer, 'mei')).toMatch(
      /Invite keyleak to the channel, or bring the channel back/,
    );
    await scene.slack.as('rio').click({ text: 'Deactivate key', in: 'ephemeral', channel: 'engineering' });
    await scene.pass(5_000);
    expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
    await scene.slack.as('rio').slash('general', 'note KL-1 I am in the Console.');
    expect((await scene.case()).incident.notes).toHaveLength(1);

    restore(room);
    await scene.pass(10 * MINUTE);
    expect(room.messages.length).toBeGreaterThan(before);
    expect(scene.words(scene.card())).toMatch(/DEAD/);
    expect(told(scene)).toHaveLength(1);
    await scene.verified();
  },
);

test('names that somebody else has are left alone; after five the reason is said', async () => {
  const taken = new Set<string>();
  const scene = await openScene({
    wrap: (service, fetch) => async (input, init) => {
      const request = new Request(input, init);
      if (service !== 'slack' || !request.url.endsWith('/conversations.create')) return fetch(request);
      const name = new URLSearchParams(await request.clone().text()).get('name') ?? '';
      if (taken.size >= 3) return fetch(request);
      taken.add(name);
      return Response.json({ ok: false, error: 'name_taken' });
    },
  });
  await scene.slack.as('rio').slash('engineering', HINT);
  await scene.pass(5_000);
  expect(taken.size).toBe(3);
  expect(taken).not.toContain(scene.room().name);
  expect(scene.words(scene.card())).toMatch(/LIVE/);
});

test('a pin that is refused is said on the card, which works without', async () => {
  const scene = await openScene({
    wrap: (service, fetch) => async (input, init) => {
      const request = new Request(input, init);
      return service === 'slack' && request.url.endsWith('/pins.add')
        ? Response.json({ ok: false, error: 'too_many_pins' })
        : fetch(request);
    },
  });
  await scene.slack.as('rio').slash('engineering', HINT);
  await scene.pass(5_000);
  expect(scene.words(scene.card())).toMatch(/too_many_pins/);
  await scene.slack.as('rio').click({ text: 'Deactivate key', channel: scene.room().id });
  await scene.pass(5_000);
  expect(scene.words(scene.card())).toMatch(/DEAD/);
});

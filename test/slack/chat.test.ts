// Slack as the engine's Chat, over the real WebClient and the practice Slack.

import { expect, test } from 'vitest';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { createPracticeSlack, type PracticeSlackParts } from '../../src/sandbox/slack/practice-slack.ts';
import { createChat } from '../../src/slack/chat.ts';
import { createSlackClient } from '../../src/slack/client.ts';
import { type Fault, suffer } from '../flows/faults.ts';
import { play, T0 } from '../support/cases.ts';
import { seeded, virtualTime } from '../support/virtual-time.ts';
import { TOKENS } from '../support/workspace.ts';

const SIGNAL = new AbortController().signal;

function rig(
  change: Partial<PracticeSlackParts> & { fallback?: string | null; fault?: Fault | RemoteError } = {},
) {
  const time = virtualTime(T0);
  const slack = createPracticeSlack({
    clock: time.clock,
    randomness: seeded(3),
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    ...change,
  });
  const client = createSlackClient({
    token: TOKENS.bot,
    apiUrl: 'https://slack.com/api/',
    fetch: (input, init) => {
      if (change.fault instanceof RemoteError) return Promise.reject(change.fault);
      const request = new Request(input, init);
      return change.fault === undefined ? slack.fetch(request) : suffer(change.fault, request, slack.fetch);
    },
  });
  const chat = createChat({
    client,
    fallback: change.fallback ?? null,
    responders: async () => [PRACTICE.rio],
    managers: async () => [PRACTICE.mei],
    automated: () => true,
    lore: { ownerName: () => null, lastUsed: () => null },
    clock: time.clock,
  });
  return { slack, chat, time };
}

async function failure(work: Promise<unknown>): Promise<RemoteError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RemoteError) return error;
  throw new Error(`no RemoteError but ${String(error)}`);
}

test('opens a private channel, finds its own again, and says when a name is taken', async () => {
  const { chat, slack } = rig();
  const room = await chat.openChannel('kl-1-amber-heron', 'a purpose', SIGNAL);
  expect(slack.channel('kl-1-amber-heron')).toMatchObject({ kind: 'private', purpose: 'a purpose' });
  expect(await chat.findChannel('kl-1-amber-heron', SIGNAL)).toEqual(room);
  expect(await chat.findChannel('security', SIGNAL), 'made by somebody else').toBeNull();
  expect(await failure(chat.openChannel('kl-1-amber-heron', '', SIGNAL))).toMatchObject({
    outcome: 'refused',
    reason: 'name_taken',
  });
});

test.each([
  ['private, unshared, and keyleak is in it', PRACTICE.security, PRACTICE.security],
  ['public', PRACTICE.general, null],
  ['not there', 'C0NOWHERE', null],
])('a fallback channel that is %s', async (_, fallback, expected) => {
  expect(await rig({ fallback }).chat.fallbackChannel(SIGNAL)).toBe(expected);
});

test('a post carries its marker and is found by it, and by no other', async () => {
  const { chat, slack } = rig();
  const room = await chat.openChannel('kl-1-x', '', SIGNAL);
  const { subject } = play();
  const { ts } = await chat.post(room, { type: 'card', case: subject }, 'uid:post-card:-:1', SIGNAL);
  expect(await chat.findPost(room, 'uid:post-card:-:1', T0 - 60_000, SIGNAL)).toEqual({ ts });
  expect(await chat.findPost(room, 'uid:post-card:-:2', T0 - 60_000, SIGNAL)).toBeNull();
  await chat.pin({ channel: room.channel, ts }, SIGNAL);
  await chat.pin({ channel: room.channel, ts }, SIGNAL);
  expect(slack.channel(room.channel).pins).toHaveLength(1);
});

test('one person who cannot be invited keeps nobody else out', async () => {
  const { chat, slack } = rig();
  const room = await chat.openChannel('kl-1-x', '', SIGNAL);
  const seen = await chat.invite(room, [PRACTICE.rio, 'U0NOBODY', PRACTICE.mei, PRACTICE.rio], SIGNAL);
  expect(seen.invited).toEqual([PRACTICE.rio, PRACTICE.mei, PRACTICE.rio]);
  expect(seen.refused).toEqual([{ user: 'U0NOBODY', why: 'user_not_found' }]);
  expect(slack.channel(room.channel).members).toContain(PRACTICE.mei);
});

test('an address that nobody has is nobody', async () => {
  const { chat } = rig();
  expect(await chat.userByEmail('dana.reyes@example.com', SIGNAL)).toBe(PRACTICE.dana);
  expect(await chat.userByEmail('nobody@example.com', SIGNAL)).toBeNull();
});

test.each([
  ['limited', { outcome: 'rate_limited', retryAfterMs: 3_000, code: 'KL_SLACK_RATE_LIMITED' }],
  ['error', { outcome: 'unknown', code: 'KL_SLACK_UNAVAILABLE' }],
  ['truncated', { outcome: 'unknown', code: 'KL_SLACK_UNAVAILABLE' }],
  ['reset after', { outcome: 'unknown', code: 'KL_SLACK_UNAVAILABLE' }],
  ['refused connection', { outcome: 'not_sent', code: 'KL_SLACK_UNAVAILABLE' }],
] as const)('"%s" is told by what is known of the effect', async (fault, expected) => {
  const { chat } = rig({ fault });
  expect(await failure(chat.openChannel('kl-1-x', '', SIGNAL))).toMatchObject(expected);
});

test('a missing scope is named, and the gate’s own refusal keeps its words', async () => {
  expect(await failure(rig({ scopes: ['chat:write'] }).chat.openChannel('kl-1-x', '', SIGNAL))).toMatchObject(
    {
      code: 'KL_SLACK_SCOPE',
      message: expect.stringContaining('groups:write'),
    },
  );
  const gate = new RemoteError('KL_OUTBOUND_SECRET', 'No.', 'Mask it.', {
    outcome: 'refused',
    reason: 'secret',
  });
  expect(await failure(rig({ fault: gate }).chat.openChannel('kl-1-x', '', SIGNAL))).toBe(gate);
});

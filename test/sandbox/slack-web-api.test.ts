// The practice Slack's Web API, called by the real WebClient: it does what Slack does and refuses what Slack refuses.

import { describe, expect, it } from 'vitest';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { APP_TOKEN, BOT_TOKEN, clientOf, refusal, refusalData, scene, T0 } from './slack-parts.ts';

const { bot, rio, priya, dana, sam, mei, gus, olga, general, security, oncall } = PRACTICE;

async function room(client: ReturnType<typeof clientOf>, name = 'kl-1-amber'): Promise<string> {
  const made = await client.conversations.create({ name, is_private: true });
  return made.channel?.id ?? '';
}

describe('the front door', () => {
  it('knows whose token it is', async () => {
    const { client } = scene();
    expect(await client.auth.test()).toMatchObject({ ok: true, user_id: bot, team_id: PRACTICE.team });
  });

  it('refuses a wrong token, a missing one, and an app token where a bot belongs', async () => {
    const { slack } = scene();
    expect(await refusal(clientOf(slack, 'xoxb-other').auth.test())).toBe('invalid_auth');
    expect(await refusal(clientOf(slack, '').auth.test())).toBe('not_authed');
    expect(await refusal(clientOf(slack, APP_TOKEN).auth.test())).toBe('not_allowed_token_type');
    expect(await refusal(clientOf(slack, BOT_TOKEN).apps.connections.open())).toBe('not_allowed_token_type');
  });

  it('names the scope that is missing and those that are there', async () => {
    const { client } = scene({ scopes: ['chat:write'] });
    expect(await refusalData(client.pins.add({ channel: general, timestamp: '1.0' }))).toMatchObject({
      error: 'missing_scope',
      needed: 'pins:write',
      provided: 'chat:write',
    });
  });

  it('asks for the scope of the kind of channel, not for any', async () => {
    const { client } = scene({ scopes: ['channels:manage'] });
    expect(await refusalData(client.conversations.create({ name: 'a', is_private: true }))).toMatchObject({
      error: 'missing_scope',
      needed: 'groups:write',
    });
  });

  it('does not know a method that Slack does not have', async () => {
    const { client } = scene();
    expect(await refusal(client.apiCall('chat.shout', {}))).toBe('unknown_method');
  });

  it('remembers every call with its arguments and without its token', async () => {
    const { client, slack } = scene();
    await client.chat.postMessage({ channel: security, text: 'hello', blocks: [{ type: 'divider' }] });
    await refusal(client.chat.postMessage({ channel: general, text: 'hello' }));
    expect(slack.world.calls).toEqual([
      {
        method: 'chat.postMessage',
        args: { channel: security, text: 'hello', blocks: [{ type: 'divider' }] },
        ok: true,
        error: null,
        at: T0,
      },
      {
        method: 'chat.postMessage',
        args: { channel: general, text: 'hello' },
        ok: false,
        error: 'not_in_channel',
        at: T0,
      },
    ]);
    expect(JSON.stringify(slack.world.calls)).not.toContain('xoxb');
  });

  it('takes the token as an argument too, and does not remember that either', async () => {
    const { slack } = scene();
    const body = new URLSearchParams({ token: BOT_TOKEN, channel: general });
    const answer = await slack.fetch('https://slack.com/api/conversations.info', { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ ok: true, channel: { id: general } });
    expect(slack.world.calls).toMatchObject([{ args: { channel: general }, ok: true }]);
    expect(JSON.stringify(slack.world.calls)).not.toContain(BOT_TOKEN);
  });

  it('gives the same answers for the same seed and clock', async () => {
    const play = async (): Promise<unknown> => {
      const { client } = scene();
      const id = await room(client);
      return [id, await client.chat.postMessage({ channel: id, text: 'x' }).then(({ ts }) => ts)];
    };
    expect(await play()).toEqual(await play());
  });
});

describe('messages', () => {
  it('have times that grow even when the clock stands or steps back', async () => {
    const { client, time } = scene();
    const post = async () => String((await client.chat.postMessage({ channel: security, text: 'x' })).ts);
    const times = [await post(), await post()];
    time.step(-60_000);
    times.push(await post());
    expect(new Set(times).size).toBe(3);
    expect([...times].sort()).toEqual(times);
    expect(times[0]).toMatch(/^\d{10}\.\d{6}$/);
  });

  it('are refused where the bot is not, in archived channels, without text, and when too long', async () => {
    const { client } = scene();
    const post = (channel: string, text: string) => refusal(client.chat.postMessage({ channel, text }));
    const hidden = scene({
      channels: [{ id: 'C0HIDDEN', name: 'hidden', private: true, members: [mei] }],
    });
    expect(await refusal(hidden.client.chat.postMessage({ channel: 'C0HIDDEN', text: 'x' }))).toBe(
      'channel_not_found',
    );
    expect(await post(general, 'x')).toBe('not_in_channel');
    expect(await post('C0NOWHERE', 'x')).toBe('channel_not_found');
    expect(await post(security, '')).toBe('no_text');
    expect(await post(security, 'x'.repeat(40_001))).toBe('msg_too_long');
    await client.conversations.archive({ channel: security });
    expect(await post(security, 'x')).toBe('is_archived');
  });

  it('can be edited by their author only, and lose their blocks when only a text is given', async () => {
    const { client, slack } = scene();
    const blocks = [{ type: 'divider' as const }];
    const { ts = '' } = await client.chat.postMessage({ channel: security, text: 'a', blocks });
    const [message] = slack.channel(security).messages;
    await client.chat.update({ channel: security, ts, text: 'b', blocks });
    expect(message).toMatchObject({ text: 'b', blocks: [{ type: 'divider' }] });
    await client.chat.update({ channel: security, ts, text: 'c' });
    expect(message).toMatchObject({ text: 'c', blocks: [] });
    expect(await refusal(client.chat.update({ channel: security, ts, text: 'x'.repeat(4_001) }))).toBe(
      'msg_too_long',
    );
    expect(await refusal(client.chat.update({ channel: security, ts: '1.000001', text: 'x' }))).toBe(
      'message_not_found',
    );
  });

  it('keep their metadata through an edit, and show it only to who asks', async () => {
    const { client } = scene();
    const metadata = { event_type: 'keyleak_post', event_payload: { op_id: 'KL-1:card' } };
    const { ts = '' } = await client.chat.postMessage({ channel: security, text: 'a', metadata });
    await client.chat.update({ channel: security, ts, text: 'b' });
    const read = async (include_all_metadata: boolean) =>
      (await client.conversations.history({ channel: security, include_all_metadata })).messages?.[0]
        ?.metadata;
    expect(await read(true)).toEqual(metadata);
    expect(await read(false)).toBeUndefined();
    const wrong = { event_type: '', event_payload: {} };
    expect(await refusal(client.chat.postMessage({ channel: security, text: 'a', metadata: wrong }))).toBe(
      'invalid_metadata_schema',
    );
  });

  it('come back newest first, page by page, within the window that was asked for', async () => {
    const { client, time } = scene();
    const sent: string[] = [];
    for (const text of ['1', '2', '3', '4', '5']) {
      time.step(1_000);
      sent.push(String((await client.chat.postMessage({ channel: security, text })).ts));
    }
    const texts: (string | undefined)[] = [];
    for await (const page of client.paginate('conversations.history', { channel: security, limit: 2 })) {
      const { messages } = page as { messages?: { text?: string }[] };
      texts.push(...(messages ?? []).map(({ text }) => text));
    }
    expect(texts).toEqual(['5', '4', '3', '2', '1']);
    const after = await client.conversations.history({ channel: security, oldest: String(sent[2]) });
    expect(after.messages?.map(({ text }) => text)).toEqual(['5', '4']);
    const until = await client.conversations.history({
      channel: security,
      latest: String(sent[1]),
      inclusive: true,
    });
    expect(until.messages?.map(({ text }) => text)).toEqual(['2', '1']);
  });

  it('in a thread are not in the history but among the replies', async () => {
    const { client } = scene();
    const { ts = '' } = await client.chat.postMessage({ channel: security, text: 'head' });
    await client.chat.postMessage({ channel: security, text: 'reply', thread_ts: ts });
    const history = await client.conversations.history({ channel: security });
    const replies = await client.conversations.replies({ channel: security, ts });
    expect(history.messages?.map(({ text }) => text)).toEqual(['head']);
    expect(replies.messages?.map(({ text }) => text)).toEqual(['head', 'reply']);
  });

  it('for one person reach only members, and only they see them', async () => {
    const { client, slack } = scene();
    await client.chat.postEphemeral({ channel: security, user: rio, text: 'psst' });
    expect(slack.as(rio).sees(security)).toMatchObject([{ text: 'psst', ephemeral: true }]);
    expect(slack.as(mei).sees(security)).toEqual([]);
    expect(await refusal(client.chat.postEphemeral({ channel: security, user: sam, text: 'x' }))).toBe(
      'user_not_in_channel',
    );
    slack.as(rio).reload();
    expect(slack.as(rio).sees(security)).toEqual([]);
  });

  it('to a person go into the direct conversation', async () => {
    const { client, slack } = scene();
    const { channel } = await client.chat.postMessage({ channel: sam, text: 'hello' });
    const opened = await client.conversations.open({ users: sam });
    expect(opened.channel?.id).toBe(channel);
    expect(slack.as(sam).sees(String(channel))).toMatchObject([{ text: 'hello' }]);
  });
});

describe('channels', () => {
  it('are made private with the bot alone in them, and seen by nobody else', async () => {
    const { client, slack } = scene();
    const id = await room(client);
    expect([...slack.channel(id).members]).toEqual([bot]);
    const info = await client.conversations.info({ channel: id });
    expect(info.channel).toMatchObject({ name: 'kl-1-amber', is_private: true, is_member: true });
    expect(slack.as(sam).sees(id)).toEqual([]);
  });

  it('must have a free, short, lower-case name', async () => {
    const { client } = scene();
    await room(client);
    const create = (name: string) => refusal(client.conversations.create({ name, is_private: true }));
    expect(await create('kl-1-amber')).toBe('name_taken');
    expect(await create('Kl-2')).toBe('invalid_name_specials');
    expect(await create('kl 2')).toBe('invalid_name_specials');
    expect(await create('x'.repeat(81))).toBe('invalid_name_maxlength');
    expect(await create('')).toBe('invalid_name_required');
  });

  it('cannot be made where admins forbid it', async () => {
    const { client } = scene({ policy: { channelCreation: 'restricted' } });
    expect(await refusal(client.conversations.create({ name: 'kl-1', is_private: true }))).toBe(
      'restricted_action',
    );
  });

  it('take nobody in when one of those invited cannot come, unless forced', async () => {
    const { client, slack } = scene();
    const channel = await room(client);
    const users = [rio, olga, 'U0NOBODY'].join(',');
    expect(await refusalData(client.conversations.invite({ channel, users }))).toMatchObject({
      error: 'no_external_invite_permission',
      errors: [
        { user: olga, ok: false, error: 'no_external_invite_permission' },
        { user: 'U0NOBODY', ok: false, error: 'user_not_found' },
      ],
    });
    expect([...slack.channel(channel).members]).toEqual([bot]);
    const forced = await client.conversations.invite({ channel, users, force: true });
    expect(forced.errors).toHaveLength(2);
    expect([...slack.channel(channel).members]).toEqual([bot, rio]);
    expect(await refusal(client.conversations.invite({ channel, users: rio }))).toBe('already_in_channel');
    expect(await refusal(client.conversations.invite({ channel, users: bot }))).toBe('cant_invite_self');
  });

  it('show joins, topics and pins as Slack writes them', async () => {
    const { client, slack } = scene();
    const channel = await room(client);
    await client.conversations.setTopic({ channel, topic: 'a leak' });
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'card' });
    await client.pins.add({ channel, timestamp: ts });
    expect(slack.channel(channel).messages.map(({ subtype }) => subtype)).toEqual([
      'channel_join',
      'channel_topic',
      null,
      'pinned_item',
    ]);
    expect(await refusal(client.conversations.setTopic({ channel, topic: 'x'.repeat(251) }))).toBe(
      'too_long',
    );
  });

  it('pin a message once', async () => {
    const { client } = scene();
    const { ts = '' } = await client.chat.postMessage({ channel: security, text: 'card' });
    await client.pins.add({ channel: security, timestamp: ts });
    expect(await refusal(client.pins.add({ channel: security, timestamp: ts }))).toBe('already_pinned');
    const pins = await client.pins.list({ channel: security });
    expect(pins.items?.map((item) => item.message?.text)).toEqual(['card']);
    await client.pins.remove({ channel: security, timestamp: ts });
    expect(await refusal(client.pins.remove({ channel: security, timestamp: ts }))).toBe('no_pin');
  });

  it('for direct talk are the same for the same people', async () => {
    const { client } = scene();
    const first = await client.conversations.open({ users: [rio, priya].join(',') });
    const again = await client.conversations.open({ users: [priya, rio].join(',') });
    expect(again).toMatchObject({ already_open: true, channel: { id: first.channel?.id } });
    expect(await refusal(client.conversations.open({ users: 'U0NOBODY' }))).toBe('user_not_found');
  });
});

describe('people', () => {
  it('are found by id and by e-mail, which takes its own scope', async () => {
    const { client } = scene();
    const found = await client.users.lookupByEmail({ email: 'Dana.Reyes@example.com' });
    expect(found.user).toMatchObject({ id: dana, real_name: 'Dana Reyes' });
    expect(await refusal(client.users.lookupByEmail({ email: 'no@example.com' }))).toBe('users_not_found');
    const poor = scene({ scopes: ['users:read'] });
    const { user } = await poor.client.users.info({ user: dana });
    expect(user?.profile?.email).toBeUndefined();
    expect(await refusal(poor.client.users.lookupByEmail({ email: 'x@example.com' }))).toBe('missing_scope');
  });

  it('are told apart: guests, strangers, bots, and members of a group', async () => {
    const { client } = scene();
    expect((await client.users.info({ user: gus })).user?.is_restricted).toBe(true);
    const stranger = (await client.users.info({ user: olga })).user;
    expect(stranger).toMatchObject({ is_stranger: true, team_id: PRACTICE.otherTeam });
    expect((await client.users.info({ user: bot })).user?.is_bot).toBe(true);
    const groups = await client.usergroups.list();
    expect(groups.usergroups).toMatchObject([{ id: oncall, handle: 'security-oncall' }]);
    expect((await client.usergroups.users.list({ usergroup: oncall })).users).toEqual([rio, priya]);
    expect(await refusal(client.usergroups.users.list({ usergroup: 'S0NONE' }))).toBe('no_such_subteam');
  });
});

describe('files and marks', () => {
  it('are uploaded in three steps and shown in the channel', async () => {
    const { client, slack } = scene();
    await client.files.uploadV2({
      channel_id: security,
      filename: 'timeline.md',
      file: Buffer.from('# KL-1'),
      initial_comment: 'The timeline',
    });
    const [file] = [...slack.world.files.values()];
    expect(file).toMatchObject({ name: 'timeline.md', channel: security });
    expect(Buffer.from(file?.content ?? []).toString()).toBe('# KL-1');
    expect(slack.as(rio).sees(security)).toMatchObject([{ text: 'The timeline' }]);
  });

  it('refuses a file that never arrived', async () => {
    const { client } = scene();
    const { file_id = '' } = await client.files.getUploadURLExternal({ filename: 'a.md', length: 3 });
    expect(
      await refusal(client.files.completeUploadExternal({ files: [{ id: file_id }], channel_id: security })),
    ).toBe('file_not_found');
  });

  it('react once and bookmark only links', async () => {
    const { client } = scene();
    const { ts = '' } = await client.chat.postMessage({ channel: security, text: 'x' });
    const reaction = { channel: security, timestamp: ts, name: 'eyes' };
    await client.reactions.add(reaction);
    expect(await refusal(client.reactions.add(reaction))).toBe('already_reacted');
    const bookmark = { channel_id: security, title: 'Console', type: 'link' as const };
    await client.bookmarks.add({ ...bookmark, link: 'https://example.com' });
    expect(await refusal(client.bookmarks.add({ ...bookmark, link: 'console' }))).toBe('invalid_link');
  });
});

// chat.*: posting, editing, deleting, ephemerals, permalinks.

import type {
  ChatDeleteResponse,
  ChatGetPermalinkResponse,
  ChatPostEphemeralResponse,
  ChatPostMessageResponse,
  ChatUpdateResponse,
} from '@slack/web-api';
import { directChannel } from './direct.ts';
import { blocksOf, contentOf, metadataOf, shownMessage, UPDATE_TEXT } from './message.ts';
import { botMethod, channelOf, liveChannel, type Method, ownChannel } from './method.ts';
import { type Arguments, argumentsOf, refuse } from './wire.ts';
import { addEphemeral, addMessage, type Channel, canSee, type Message, type World } from './world.ts';

const WRITE = ['chat:write'];

/** Where a post goes: a channel's id, a person (by direct message) or a public channel's name. */
function postTarget(world: World, args: Arguments): Channel {
  const named = args.required('channel');
  if (world.users.has(named)) return directChannel(world, [named]);
  const byName = [...world.channels.values()].find(
    ({ kind, name }) => kind === 'public' && name === named.replace(/^#/, ''),
  );
  const id = byName?.id ?? named;
  const channel = liveChannel(world, argumentsOf({ channel: id }));
  return channel;
}

function threadOf(channel: Channel, args: Arguments): string | null {
  const asked = args.text('thread_ts');
  if (asked === null) return null;
  const head = channel.messages.find(({ ts }) => ts === asked);
  if (head === undefined || head.subtype !== null) return refuse('cannot_reply_to_message');
  return head.thread ?? head.ts;
}

const postMessage = botMethod<ChatPostMessageResponse>(WRITE, (world, args) => {
  const channel = postTarget(world, args);
  const content = contentOf(world, args);
  const metadata = metadataOf(args) ?? null;
  const message = addMessage(world, channel, {
    ...content,
    user: world.bot.user,
    metadata,
    thread: threadOf(channel, args),
  });
  return { channel: channel.id, ts: message.ts, message: shownMessage(world, message) };
});

/** A message of the bot's own in a channel where it is. */
export function ownMessage(channel: Channel, ts: string, world: World, otherwise: string): Message {
  const message = channel.messages.find((one) => one.ts === ts);
  if (message === undefined) return refuse('message_not_found');
  return message.user === world.bot.user && message.subtype === null ? message : refuse(otherwise);
}

const update = botMethod<ChatUpdateResponse>(WRITE, (world, args) => {
  const channel = ownChannel(world, args);
  const message = ownMessage(channel, args.required('ts'), world, 'cant_update_message');
  if (channel.archived) return refuse('is_inactive');
  const blocks = blocksOf(world, args);
  const text = args.text('text');
  const metadata = metadataOf(args);
  if (text === null && blocks === null) return refuse('no_text');
  if (text !== null && text.length > UPDATE_TEXT) return refuse('msg_too_long');
  if (blocks !== null && text === null) return refuse('no_text');
  message.text = text ?? message.text;
  message.blocks = blocks ?? [];
  if (metadata !== undefined) message.metadata = metadata;
  message.edited = world.stamp();
  world.changed();
  return {
    channel: channel.id,
    ts: message.ts,
    text: message.text,
    message: { text: message.text, user: message.user, type: 'message', blocks: message.blocks },
  };
});

const remove = botMethod<ChatDeleteResponse>(WRITE, (world, args) => {
  const channel = ownChannel(world, args);
  const message = ownMessage(channel, args.required('ts'), world, 'cant_delete_message');
  channel.messages = channel.messages.filter((one) => one !== message);
  channel.pins = channel.pins.filter(({ ts }) => ts !== message.ts);
  world.changed();
  return { channel: channel.id, ts: message.ts };
});

const postEphemeral = botMethod<ChatPostEphemeralResponse>(WRITE, (world, args) => {
  const channel = liveChannel(world, args);
  const user = args.required('user');
  const content = contentOf(world, args);
  if (!world.users.has(user)) return refuse('user_not_found');
  if (!channel.members.has(user)) return refuse('user_not_in_channel');
  const { ts } = addEphemeral(world, {
    ...content,
    channel: channel.id,
    user,
    thread: threadOf(channel, args),
  });
  return { message_ts: ts };
});

const getPermalink = botMethod<ChatGetPermalinkResponse>([], (world, args) => {
  const channel = channelOf(world, args);
  const ts = args.required('message_ts');
  if (!canSee(world, world.bot.user, channel)) return refuse('channel_not_found');
  if (!channel.messages.some((one) => one.ts === ts)) return refuse('message_not_found');
  const permalink = `https://${world.team.domain}.slack.com/archives/${channel.id}/p${ts.replace('.', '')}`;
  return { channel: channel.id, permalink };
});

export const CHAT_METHODS: Readonly<Record<string, Method>> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};

// pins.*, reactions.add and bookmarks.add: what can be stuck to a channel or a message.

import type {
  BookmarksAddResponse,
  PinsAddResponse,
  PinsListResponse,
  PinsRemoveResponse,
  ReactionsAddResponse,
} from '@slack/web-api';
import { shownMessage } from './message.ts';
import { botMethod, channelOf, liveChannel, type Method, ownChannel } from './method.ts';
import { type Arguments, refuse } from './wire.ts';
import { addMessage, type Channel, type Message } from './world.ts';

function messageAt(channel: Channel, args: Arguments): Message {
  const ts = args.text('timestamp') ?? refuse('no_item_specified');
  if (!/^\d+\.\d+$/.test(ts)) return refuse('bad_timestamp');
  return channel.messages.find((message) => message.ts === ts) ?? refuse('message_not_found');
}

const addPin = botMethod<PinsAddResponse>(['pins:write'], (world, args) => {
  const channel = ownChannel(world, args);
  const message = messageAt(channel, args);
  if (message.subtype !== null) return refuse('not_pinnable');
  if (channel.pins.some(({ ts }) => ts === message.ts)) return refuse('already_pinned');
  channel.pins.push({
    ts: message.ts,
    by: world.bot.user,
    at: Math.floor(world.clock.now() / 1_000),
  });
  addMessage(world, channel, {
    user: world.bot.user,
    text: 'pinned a message to this channel.',
    subtype: 'pinned_item',
  });
  return {};
});

const removePin = botMethod<PinsRemoveResponse>(['pins:write'], (world, args) => {
  const channel = ownChannel(world, args);
  const message = messageAt(channel, args);
  if (!channel.pins.some(({ ts }) => ts === message.ts)) return refuse('no_pin');
  channel.pins = channel.pins.filter(({ ts }) => ts !== message.ts);
  world.changed();
  return {};
});

const listPins = botMethod<PinsListResponse>(['pins:read'], (world, args) => {
  const channel = channelOf(world, args);
  return {
    items: channel.pins.flatMap((pin) => {
      const message = channel.messages.find(({ ts }) => ts === pin.ts);
      if (message === undefined) return [];
      return [
        {
          type: 'message',
          channel: channel.id,
          created: pin.at,
          created_by: pin.by,
          message: { type: 'message', ...pinned(shownMessage(world, message)) },
        },
      ];
    }),
  };
});

function pinned({ user, ts, text, blocks }: ReturnType<typeof shownMessage>) {
  return { user, ts, text, ...(blocks === undefined ? {} : { blocks }) };
}

const addReaction = botMethod<ReactionsAddResponse>(['reactions:write'], (world, args) => {
  const name = args.required('name');
  if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(name)) return refuse('invalid_name');
  const channel = liveChannel(world, args);
  const message = messageAt(channel, args);
  const existing = message.reactions.find((one) => one.name === name);
  if (existing?.users.includes(world.bot.user)) return refuse('already_reacted');
  if (existing === undefined) message.reactions.push({ name, users: [world.bot.user] });
  else existing.users.push(world.bot.user);
  world.changed();
  return {};
});

const addBookmark = botMethod<BookmarksAddResponse>(['bookmarks:write'], (world, args) => {
  const channel = liveChannel(world, args, 'channel_id');
  const title = args.required('title');
  if (args.required('type') !== 'link') return refuse('invalid_bookmark_type');
  const link = args.text('link') ?? '';
  if (!/^https?:\/\//.test(link)) return refuse('invalid_link');
  const bookmark = { id: world.id('Bk'), title, link };
  channel.bookmarks.push(bookmark);
  world.changed();
  return { bookmark: { ...bookmark, channel_id: channel.id, type: 'link' } };
});

export const MARK_METHODS: Readonly<Record<string, Method>> = {
  'pins.add': addPin,
  'pins.remove': removePin,
  'pins.list': listPins,
  'reactions.add': addReaction,
  'bookmarks.add': addBookmark,
};

// conversations.history and replies: newest first in a channel, oldest first in a thread, page by page.

import type { ConversationsHistoryResponse, ConversationsRepliesResponse } from '@slack/web-api';
import { shownMessage } from './message.ts';
import { botMethod, channelOf, type Method } from './method.ts';
import { CHANNEL_SCOPES, needChannelScope, scopesOf } from './scopes.ts';
import { type Arguments, page, refuse } from './wire.ts';
import type { Channel, Message, World } from './world.ts';

const SCOPES = scopesOf(CHANNEL_SCOPES.history);

function readable(world: World, args: Arguments): Channel {
  const channel = channelOf(world, args);
  needChannelScope(world, channel, CHANNEL_SCOPES.history);
  return channel.members.has(world.bot.user) ? channel : refuse('not_in_channel');
}

function tsArgument(args: Arguments, name: 'oldest' | 'latest'): string | null {
  const value = args.text(name);
  if (value === null || value === '0') return null;
  return /^\d+(\.\d+)?$/.test(value) ? value : refuse(`invalid_ts_${name}`);
}

/** Compares two message times exactly: seconds, then microseconds. */
function order(a: string, b: string): number {
  const [aSeconds = '0', aMicros = ''] = a.split('.');
  const [bSeconds = '0', bMicros = ''] = b.split('.');
  const seconds = Number(aSeconds) - Number(bSeconds);
  return seconds !== 0 ? seconds : Number(aMicros.padEnd(6, '0')) - Number(bMicros.padEnd(6, '0'));
}

function inWindow(args: Arguments): (message: Message) => boolean {
  const oldest = tsArgument(args, 'oldest');
  const latest = tsArgument(args, 'latest');
  const edge = args.flag('inclusive') ? 0 : 1;
  return ({ ts }) =>
    (oldest === null || order(ts, oldest) >= edge) && (latest === null || order(latest, ts) >= edge);
}

function answer(world: World, messages: readonly Message[], args: Arguments) {
  const found = page(messages, args);
  const withMetadata = args.flag('include_all_metadata');
  return {
    messages: found.page.map((message) => shownMessage(world, message, withMetadata)),
    has_more: found.next !== '',
    response_metadata: { next_cursor: found.next },
  };
}

const history = botMethod<ConversationsHistoryResponse>(SCOPES, (world, args) => {
  const channel = readable(world, args);
  const top = channel.messages.filter(({ thread }) => thread === null).filter(inWindow(args));
  return { ...answer(world, top.reverse(), args), pin_count: channel.pins.length };
});

const replies = botMethod<ConversationsRepliesResponse>(SCOPES, (world, args) => {
  const channel = readable(world, args);
  const asked = args.required('ts');
  const one = channel.messages.find(({ ts }) => ts === asked) ?? refuse('thread_not_found');
  const head = one.thread ?? one.ts;
  const within = inWindow(args);
  return answer(
    world,
    channel.messages.filter((message) => message.ts === head || (message.thread === head && within(message))),
    args,
  );
});

export const HISTORY_METHODS: Readonly<Record<string, Method>> = {
  'conversations.history': history,
  'conversations.replies': replies,
};

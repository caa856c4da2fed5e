// What a Web API method is: a function from its arguments to the body of a successful answer; it refuses by throwing.

import type { Answer } from './json.ts';
import { CHANNEL_SCOPES, needChannelScope } from './scopes.ts';
import { type Arguments, refuse } from './wire.ts';
import { type Channel, type ChannelKind, canSee, type World } from './world.ts';

export interface Method {
  readonly token: 'bot' | 'app' | 'any';
  /** Any one of these is enough to be let in; none are needed when empty. */
  readonly scopes: readonly string[];
  /** The body of the answer, without `ok`. */
  run(world: World, args: Arguments): unknown;
}

/** Ties a method to the SDK's type of its answer, so that drift fails the type check. */
export function botMethod<Response>(
  scopes: readonly string[],
  run: (world: World, args: Arguments) => Answer<Response>,
): Method {
  return { token: 'bot', scopes, run };
}

/** The channel that the argument names, if the bot may know that it exists. */
export function channelOf(world: World, args: Arguments, name = 'channel'): Channel {
  const channel = world.channels.get(args.required(name));
  if (channel === undefined || !canSee(world, world.bot.user, channel)) return refuse('channel_not_found');
  return channel;
}

/** As `channelOf`, and the bot is a member of it. */
export function ownChannel(world: World, args: Arguments, name = 'channel'): Channel {
  const channel = channelOf(world, args, name);
  return channel.members.has(world.bot.user) ? channel : refuse('not_in_channel');
}

/** As `ownChannel`, and it is not archived. */
export function liveChannel(world: World, args: Arguments, name = 'channel'): Channel {
  const channel = ownChannel(world, args, name);
  return channel.archived ? refuse('is_archived') : channel;
}

/** A live channel of the bot that it may administer with one of these scopes; direct messages have no such thing. */
export function managedChannel(
  world: World,
  args: Arguments,
  scopes: Readonly<Record<ChannelKind, readonly string[]>> = CHANNEL_SCOPES.write,
): Channel {
  const channel = liveChannel(world, args);
  if (channel.kind === 'im') return refuse('method_not_supported_for_channel_type');
  needChannelScope(world, channel, scopes);
  return channel;
}

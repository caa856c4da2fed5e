// Direct conversations: the same people always meet in the same one.

import { addChannel, type Channel, type World } from './world.ts';

/** The conversation of the bot with these people; made when there is none. */
export function directChannel(world: World, users: readonly string[]): Channel {
  return findDirect(world, users) ?? makeDirect(world, users);
}

export function findDirect(world: World, users: readonly string[]): Channel | null {
  const all = new Set([world.bot.user, ...users]);
  const same = (channel: Channel): boolean =>
    (channel.kind === 'im' || channel.kind === 'mpim') &&
    channel.members.size === all.size &&
    [...all].every((user) => channel.members.has(user));
  return [...world.channels.values()].find(same) ?? null;
}

function makeDirect(world: World, users: readonly string[]): Channel {
  const members = [...new Set([world.bot.user, ...users])];
  const kind = members.length === 2 ? 'im' : 'mpim';
  const names = members.map((user) => world.users.get(user)?.name ?? user);
  const name = kind === 'im' ? '' : `mpdm-${names.join('--')}-1`;
  return addChannel(world, { name, kind, creator: world.bot.user, members });
}

// conversations.invite and kick: who comes into a channel, and who must leave it.

import type { ConversationsInviteResponse, ConversationsKickResponse } from '@slack/web-api';
import { botMethod, type Method, managedChannel } from './method.ts';
import { shownChannel } from './methods-conversations.ts';
import { CHANNEL_SCOPES, scopesOf } from './scopes.ts';
import { badArgument, refuse } from './wire.ts';
import { addMessage, type Channel, type World } from './world.ts';

/** Source: docs.slack.dev/reference/methods/conversations.invite. */
const AT_ONCE = 100;

/** Why this person cannot be invited; null when they can. */
function objectionTo(world: World, channel: Channel, id: string): string | null {
  const person = world.users.get(id);
  if (id === world.bot.user) return 'cant_invite_self';
  if (person === undefined || person.deleted) return 'user_not_found';
  if (channel.members.has(id)) return 'already_in_channel';
  return person.team === world.team.id ? null : 'no_external_invite_permission';
}

const invite = botMethod<ConversationsInviteResponse>(scopesOf(CHANNEL_SCOPES.invites), (world, args) => {
  const channel = managedChannel(world, args, CHANNEL_SCOPES.invites);
  const users = (args.text('users') ?? refuse('no_user')).split(',').filter((id) => id !== '');
  if (users.length === 0) return refuse('no_user');
  if (users.length > AT_ONCE) return badArgument(`no more than ${AT_ONCE} users may be invited at once`);
  const judged = users.map((user) => ({ user, error: objectionTo(world, channel, user) }));
  const errors = judged.flatMap(({ user, error }) => (error === null ? [] : [{ user, ok: false, error }]));
  const welcome = judged.filter(({ error }) => error === null);
  if (errors[0] !== undefined && (!args.flag('force') || welcome.length === 0))
    return refuse(errors[0].error, { errors });
  for (const { user } of welcome) {
    channel.members.add(user);
    addMessage(world, channel, {
      user,
      text: `<@${user}> has joined the channel`,
      subtype: 'channel_join',
    });
  }
  return { channel: shownChannel(world, channel), ...(errors.length > 0 ? { errors } : {}) };
});

const kick = botMethod<ConversationsKickResponse>(scopesOf(CHANNEL_SCOPES.write), (world, args) => {
  const channel = managedChannel(world, args);
  const user = args.required('user');
  if (user === world.bot.user) return refuse('cant_kick_self');
  if (!world.users.has(user)) return refuse('user_not_found');
  if (channel.name === 'general') return refuse('cant_kick_from_general');
  if (!channel.members.delete(user)) return refuse('not_in_channel');
  addMessage(world, channel, { user, text: `<@${user}> has left the channel`, subtype: 'channel_leave' });
  return {};
});

export const MEMBERSHIP_METHODS: Readonly<Record<string, Method>> = {
  'conversations.invite': invite,
  'conversations.kick': kick,
};

// conversations.*: making, describing and administering channels.

import type {
  ConversationsArchiveResponse,
  ConversationsCreateResponse,
  ConversationsInfoResponse,
  ConversationsJoinResponse,
  ConversationsListResponse,
  ConversationsMembersResponse,
  ConversationsOpenResponse,
  ConversationsRenameResponse,
  ConversationsSetPurposeResponse,
  ConversationsSetTopicResponse,
} from '@slack/web-api';
import { directChannel, findDirect } from './direct.ts';
import { botMethod, channelOf, type Method, managedChannel } from './method.ts';
import { CHANNEL_SCOPES, needChannelScope, needScope, scopesOf } from './scopes.ts';
import { type Arguments, page, refuse } from './wire.ts';
import { addChannel, addMessage, type Channel, canSee, type World } from './world.ts';

const TOPIC_LENGTH = 250;
const NAME_LENGTH = 80;

/** A channel as the bot reads it. */
export function shownChannel(world: World, channel: Channel) {
  const { kind } = channel;
  const direct = kind === 'im' || kind === 'mpim';
  const other = [...channel.members].find((user) => user !== world.bot.user);
  return {
    id: channel.id,
    ...(kind === 'im' ? { user: other ?? world.bot.user } : { name: channel.name }),
    is_channel: kind === 'public' || (kind === 'private' && channel.id.startsWith('C')),
    is_group: kind === 'private',
    is_im: kind === 'im',
    is_mpim: kind === 'mpim',
    is_private: kind !== 'public',
    is_archived: channel.archived,
    is_general: channel.name === 'general',
    is_shared: channel.shared,
    is_ext_shared: channel.shared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    created: channel.created,
    creator: channel.creator,
    context_team_id: world.team.id,
    ...(direct ? { is_open: true } : { is_member: channel.members.has(world.bot.user) }),
    topic: { value: channel.topic, creator: channel.topic === '' ? '' : world.bot.user, last_set: 0 },
    purpose: { value: channel.purpose, creator: channel.purpose === '' ? '' : world.bot.user, last_set: 0 },
  };
}

function nameOf(world: World, args: Arguments): string {
  const name = args.text('name') ?? refuse('invalid_name_required');
  if (name.length > NAME_LENGTH) return refuse('invalid_name_maxlength');
  if (!/^[\p{Ll}\p{Lo}\p{N}_-]+$/u.test(name)) return refuse('invalid_name_specials');
  if (!/[\p{L}\p{N}]/u.test(name)) return refuse('invalid_name_punctuation');
  const taken = [...world.channels.values()].some((channel) => channel.name === name);
  return taken ? refuse('name_taken') : name;
}

const create = botMethod<ConversationsCreateResponse>(scopesOf(CHANNEL_SCOPES.write), (world, args) => {
  const kind = args.flag('is_private') ? 'private' : 'public';
  needScope(world, CHANNEL_SCOPES.write[kind]);
  const name = nameOf(world, args);
  if (world.policy.channelCreation === 'restricted') return refuse('restricted_action');
  const channel = addChannel(world, { name, kind, creator: world.bot.user, members: [world.bot.user] });
  said(world, channel, 'channel_join', `<@${world.bot.user}> has joined the channel`);
  return { channel: shownChannel(world, channel) };
});

/** What Slack itself writes into a channel. */
function said(world: World, channel: Channel, subtype: string, text: string, user = world.bot.user): void {
  addMessage(world, channel, { user, text, subtype });
}

const info = botMethod<ConversationsInfoResponse>(scopesOf(CHANNEL_SCOPES.read), (world, args) => {
  const channel = channelOf(world, args);
  needChannelScope(world, channel, CHANNEL_SCOPES.read);
  const count = args.flag('include_num_members') ? { num_members: channel.members.size } : {};
  return { channel: { ...shownChannel(world, channel), ...count } };
});

const members = botMethod<ConversationsMembersResponse>(scopesOf(CHANNEL_SCOPES.read), (world, args) => {
  const channel = channelOf(world, args);
  needChannelScope(world, channel, CHANNEL_SCOPES.read);
  const found = page([...channel.members], args);
  return { members: found.page, response_metadata: { next_cursor: found.next } };
});

const KINDS = { public_channel: 'public', private_channel: 'private', im: 'im', mpim: 'mpim' } as const;

const list = botMethod<ConversationsListResponse>(scopesOf(CHANNEL_SCOPES.read), (world, args) => {
  const types = (args.text('types') ?? 'public_channel').split(',').map((type) => type.trim());
  const kinds = types.map((type) =>
    type in KINDS ? KINDS[type as keyof typeof KINDS] : refuse('invalid_types'),
  );
  for (const kind of kinds) needScope(world, CHANNEL_SCOPES.read[kind]);
  const found = page(
    [...world.channels.values()].filter(
      (channel) =>
        kinds.includes(channel.kind) &&
        canSee(world, world.bot.user, channel) &&
        !(channel.archived && args.flag('exclude_archived')),
    ),
    args,
  );
  return {
    channels: found.page.map((channel) => shownChannel(world, channel)),
    response_metadata: { next_cursor: found.next },
  };
});

const open = botMethod<ConversationsOpenResponse>(scopesOf(CHANNEL_SCOPES.write), (world, args) => {
  const known = args.text('channel');
  if (known !== null) {
    const channel = channelOf(world, args);
    return { no_op: true, already_open: true, channel: shownDirect(world, channel, args) };
  }
  const users = (args.text('users') ?? refuse('users_list_not_supplied'))
    .split(',')
    .filter((id) => id !== '');
  if (users.length === 0) return refuse('not_enough_users');
  if (users.length > 8) return refuse('too_many_users');
  needScope(world, users.length === 1 ? ['im:write'] : ['mpim:write']);
  for (const id of users) {
    const person = world.users.get(id);
    if (person === undefined || person.id === world.bot.user) return refuse('user_not_found');
    if (person.deleted) return refuse('user_disabled');
  }
  const existing = findDirect(world, users);
  if (existing === null && args.flag('prevent_creation')) return refuse('channel_not_found');
  const channel = existing ?? directChannel(world, users);
  return {
    ...(existing === null ? {} : { no_op: true, already_open: true }),
    channel: shownDirect(world, channel, args),
  };
});

function shownDirect(world: World, channel: Channel, args: Arguments) {
  if (!args.flag('return_im')) return { id: channel.id };
  const { id, created, is_im, is_org_shared, context_team_id } = shownChannel(world, channel);
  return { id, created, is_im, is_org_shared, context_team_id, is_open: true };
}

const join = botMethod<ConversationsJoinResponse>(['channels:join'], (world, args) => {
  const channel = channelOf(world, args);
  if (channel.kind !== 'public') return refuse('method_not_supported_for_channel_type');
  if (channel.archived) return refuse('is_archived');
  if (!channel.members.has(world.bot.user)) {
    channel.members.add(world.bot.user);
    said(world, channel, 'channel_join', `<@${world.bot.user}> has joined the channel`);
  }
  return { channel: shownChannel(world, channel) };
});

const archive = botMethod<ConversationsArchiveResponse>(scopesOf(CHANNEL_SCOPES.write), (world, args) => {
  if (channelOf(world, args).archived) return refuse('already_archived');
  const channel = managedChannel(world, args);
  if (channel.name === 'general') return refuse('cant_archive_general');
  channel.archived = true;
  said(world, channel, 'channel_archive', 'archived the channel');
  return {};
});

const rename = botMethod<ConversationsRenameResponse>(scopesOf(CHANNEL_SCOPES.write), (world, args) => {
  const channel = managedChannel(world, args);
  channel.name = nameOf(world, args);
  said(world, channel, 'channel_name', `has renamed the channel to "${channel.name}"`);
  return { channel: shownChannel(world, channel) };
});

const setTopic = botMethod<ConversationsSetTopicResponse>(scopesOf(CHANNEL_SCOPES.topic), (world, args) => {
  const channel = managedChannel(world, args, CHANNEL_SCOPES.topic);
  const topic = args.text('topic') ?? '';
  if (topic.length > TOPIC_LENGTH) return refuse('too_long');
  channel.topic = topic;
  said(world, channel, 'channel_topic', `set the channel topic: ${topic}`);
  return { channel: shownChannel(world, channel) };
});

const setPurpose = botMethod<ConversationsSetPurposeResponse>(
  scopesOf(CHANNEL_SCOPES.topic),
  (world, args) => {
    const channel = managedChannel(world, args, CHANNEL_SCOPES.topic);
    const purpose = args.text('purpose') ?? '';
    if (purpose.length > TOPIC_LENGTH) return refuse('too_long');
    channel.purpose = purpose;
    said(world, channel, 'channel_purpose', `set the channel description: ${purpose}`);
    return { channel: shownChannel(world, channel) };
  },
);

export const CONVERSATION_METHODS: Readonly<Record<string, Method>> = {
  'conversations.create': create,
  'conversations.info': info,
  'conversations.members': members,
  'conversations.list': list,
  'conversations.open': open,
  'conversations.join': join,
  'conversations.archive': archive,
  'conversations.rename': rename,
  'conversations.setTopic': setTopic,
  'conversations.setPurpose': setPurpose,
};

// Which token and which scopes each method wants. Source: docs.slack.dev/reference/methods, one page a method.

import { refuse } from './wire.ts';
import type { Channel, ChannelKind, World } from './world.ts';

/** Scopes that the practice app has when nobody says otherwise: every one that a method here may ask for. */
export const ALL_SCOPES: readonly string[] = [
  'bookmarks:write',
  'channels:history',
  'channels:join',
  'channels:manage',
  'channels:read',
  'chat:write',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:read',
  'im:write',
  'mpim:history',
  'mpim:read',
  'mpim:write',
  'pins:read',
  'pins:write',
  'reactions:write',
  'usergroups:read',
  'users:read',
  'users:read.email',
];

type PerKind = Readonly<Record<ChannelKind, readonly string[]>>;

export const CHANNEL_SCOPES = {
  read: {
    public: ['channels:read'],
    private: ['groups:read'],
    im: ['im:read'],
    mpim: ['mpim:read'],
  },
  history: {
    public: ['channels:history'],
    private: ['groups:history'],
    im: ['im:history'],
    mpim: ['mpim:history'],
  },
  write: {
    public: ['channels:manage'],
    private: ['groups:write'],
    im: ['im:write'],
    mpim: ['mpim:write'],
  },
  invites: {
    public: ['channels:manage', 'channels:write.invites'],
    private: ['groups:write', 'groups:write.invites'],
    im: ['im:write'],
    mpim: ['mpim:write'],
  },
  topic: {
    public: ['channels:manage', 'channels:write.topic'],
    private: ['groups:write', 'groups:write.topic'],
    im: ['im:write', 'im:write.topic'],
    mpim: ['mpim:write', 'mpim:write.topic'],
  },
} as const satisfies Record<string, PerKind>;

/** Any one of these scopes opens the door; a method may ask for more once it knows the channel. */
export function scopesOf(kinds: PerKind): readonly string[] {
  return [...new Set(Object.values(kinds).flat())];
}

/** Refuses with `missing_scope` unless the app has one of `wanted`. */
export function needScope(world: World, wanted: readonly string[]): void {
  if (wanted.length === 0 || wanted.some((scope) => world.scopes.includes(scope))) return;
  refuse('missing_scope', { needed: wanted.join(','), provided: world.scopes.join(',') });
}

export function needChannelScope(world: World, channel: Channel, kinds: PerKind): void {
  needScope(world, kinds[channel.kind]);
}

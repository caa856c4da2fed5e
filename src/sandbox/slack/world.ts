// Everything that the practice Slack remembers, and the few ways in which it changes. Ids and times come from the parts
// that it was given, so the same seed and clock give the same world.

import type { Clock, Randomness } from '../../domain/clock.ts';
import type { Json, WireBlock } from './json.ts';
import type { PracticeGroup, PracticePerson, PracticeTeam } from './people.ts';

export interface Metadata {
  readonly event_type: string;
  readonly event_payload: Json;
}

export interface Message {
  readonly ts: string;
  readonly user: string;
  text: string;
  blocks: readonly WireBlock[];
  metadata: Metadata | null;
  /** `ts` of the message at the head of the thread; null outside of threads. */
  readonly thread: string | null;
  /** Such as `channel_join`; null for what somebody said. */
  readonly subtype: string | null;
  edited: string | null;
  readonly files: readonly string[];
  readonly reactions: { readonly name: string; readonly users: string[] }[];
}

export type ChannelKind = 'public' | 'private' | 'im' | 'mpim';

export interface Channel {
  readonly id: string;
  name: string;
  readonly kind: ChannelKind;
  readonly creator: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly shared: boolean;
  archived: boolean;
  topic: string;
  purpose: string;
  readonly members: Set<string>;
  /** Oldest first. */
  messages: Message[];
  pins: { readonly ts: string; readonly by: string; readonly at: number }[];
  readonly bookmarks: { readonly id: string; readonly title: string; readonly link: string }[];
}

/** A message that one person sees until the page is loaded again. */
export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly ts: string;
  text: string;
  blocks: readonly WireBlock[];
  readonly thread: string | null;
}

export interface View {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly user: string;
  readonly root: string;
  readonly previous: string | null;
  hash: string;
  /** As the bot gave it, with block ids filled in. */
  body: Json;
  blocks: readonly WireBlock[];
  /** What the person filled in: block id, action id, value as Slack reports it. */
  state: Record<string, Record<string, Json>>;
  /** What the bot objected to at the last submission, by block id. */
  errors: Record<string, string>;
}

export interface PracticeFile {
  readonly id: string;
  readonly name: string;
  readonly length: number;
  title: string;
  content: Uint8Array | null;
  channel: string | null;
}

/** One call of the Web API as it was answered. The token is not in it. */
export interface PracticeCall {
  readonly method: string;
  readonly args: Json;
  readonly ok: boolean;
  readonly error: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What Slack itself tells a person, such as that the app did not answer in time. */
export interface PracticeNotice {
  readonly user: string;
  readonly text: string;
  readonly error: string | null;
}

/** The right to open one view, given with every interaction. */
export interface Trigger {
  readonly user: string;
  readonly at: number;
  used: boolean;
}

/** What stands behind a `response_url`. */
export interface Hook {
  readonly user: string;
  readonly channel: string;
  /** The message that was clicked; null after a slash command. */
  readonly clicked: { readonly ts: string; readonly ephemeral: boolean } | null;
  readonly at: number;
  uses: number;
}

export interface Policy {
  /** Whether an admin lets apps create channels. */
  channelCreation: 'allowed' | 'restricted';
}

export interface WorldParts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly team: PracticeTeam;
  readonly people: readonly PracticePerson[];
  readonly groups: readonly PracticeGroup[];
  readonly bot: { readonly user: string; readonly id: string; readonly app: string };
  readonly scopes: readonly string[];
  readonly policy: Policy;
}

export interface World extends WorldParts {
  readonly users: Map<string, PracticePerson>;
  readonly userGroups: Map<string, PracticeGroup>;
  readonly channels: Map<string, Channel>;
  readonly files: Map<string, PracticeFile>;
  ephemerals: Ephemeral[];
  /** Open modals of each person; the last one is on top. */
  readonly modals: Map<string, View[]>;
  readonly homes: Map<string, View>;
  readonly triggers: Map<string, Trigger>;
  /** By path, such as `/commands/T…/…`. */
  readonly hooks: Map<string, Hook>;
  readonly calls: PracticeCall[];
  readonly notices: PracticeNotice[];
  /** What the bot did that Slack would swallow without a word, such as an answer to what takes none. */
  readonly complaints: string[];
  readonly listeners: Set<() => void>;
  /** Where hooks and uploads live. */
  origin: { hooks: string; files: string };
  /** Address of the Socket Mode server; null without one. */
  socketUrl: (() => string) | null;
  /** The next message time: microseconds, larger than every one before. */
  stamp(): string;
  id(prefix: string): string;
  /** Letters and digits that cannot be guessed. */
  secret(): string;
  changed(): void;
}

export function createWorld(parts: WorldParts): World {
  let lastMicros = 0;
  let count = 0;
  const listeners = new Set<() => void>();
  return {
    ...parts,
    users: new Map(parts.people.map((one) => [one.id, one])),
    userGroups: new Map(parts.groups.map((one) => [one.id, one])),
    channels: new Map(),
    files: new Map(),
    ephemerals: [],
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    hooks: new Map(),
    calls: [],
    notices: [],
    complaints: [],
    listeners,
    origin: { hooks: 'https://hooks.slack.com', files: 'https://files.slack.com' },
    socketUrl: null,
    stamp() {
      lastMicros = Math.max(Math.floor(parts.clock.now()) * 1_000, lastMicros + 1);
      const micros = String(lastMicros % 1_000_000).padStart(6, '0');
      return `${Math.floor(lastMicros / 1_000_000)}.${micros}`;
    },
    id(prefix) {
      count += 1;
      return `${prefix}0P${count.toString(36).toUpperCase().padStart(8, '0')}`;
    },
    secret: () => Buffer.from(parts.randomness.bytes(18)).toString('hex'),
    changed() {
      for (const listener of listeners) listener();
    },
  };
}

export function addChannel(
  world: World,
  facts: {
    id?: string;
    name: string;
    kind: ChannelKind;
    creator: string;
    members: readonly string[];
    shared?: boolean;
  },
): Channel {
  const channel: Channel = {
    id: facts.id ?? world.id(facts.kind === 'im' ? 'D' : 'C'),
    name: facts.name,
    kind: facts.kind,
    creator: facts.creator,
    created: Math.floor(world.clock.now() / 1_000),
    shared: facts.shared ?? false,
    archived: false,
    topic: '',
    purpose: '',
    members: new Set(facts.members),
    messages: [],
    pins: [],
    bookmarks: [],
  };
  world.channels.set(channel.id, channel);
  return channel;
}

export function addMessage(
  world: World,
  channel: Channel,
  facts: Pick<Message, 'user' | 'text'> & Partial<Message>,
): Message {
  const message: Message = {
    ts: world.stamp(),
    blocks: [],
    metadata: null,
    thread: null,
    subtype: null,
    edited: null,
    files: [],
    reactions: [],
    ...facts,
  };
  channel.messages.push(message);
  world.changed();
  return message;
}

export function addEphemeral(world: World, facts: Omit<Ephemeral, 'ts'>): Ephemeral {
  const ephemeral = { ...facts, ts: world.stamp() };
  world.ephemerals.push(ephemeral);
  world.changed();
  return ephemeral;
}

export function addNotice(world: World, notice: PracticeNotice): void {
  world.notices.push(notice);
  world.changed();
}

/** May this person read the channel: as a member, or anybody of the team when it is public. */
export function canSee(world: World, user: string, channel: Channel): boolean {
  if (channel.members.has(user)) return true;
  const person = world.users.get(user);
  const ownTeam = person !== undefined && person.team === world.team.id && !person.restricted;
  return channel.kind === 'public' && ownTeam;
}

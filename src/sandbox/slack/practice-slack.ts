// Slack for practice and tests: the Web API as a function from Request to Response, Socket Mode as a function that envelopes are
// given to, and people who press buttons. No network, no timers, no faults of its own: all of that wraps `fetch` and `connect`.

import type { Alarm, Clock, Randomness } from '../../domain/clock.ts';
import { createDelivery, type Receive } from './delivery.ts';
import { isHook, takeHook } from './hooks.ts';
import { isUpload, takeUpload } from './methods-files.ts';
import {
  PRACTICE,
  PRACTICE_TEAM,
  type PracticeChannel,
  type PracticeGroup,
  type PracticePerson,
  type PracticeTeam,
  practiceChannels,
  practiceGroups,
  practicePeople,
} from './people.ts';
import { type PersonAtSlack, personAt } from './person.ts';
import { ALL_SCOPES } from './scopes.ts';
import { isNamed } from './screen.ts';
import { callMethod } from './web-api.ts';
import type { Reader } from './words-text.ts';
import { addChannel, type Channel, createWorld, type Policy, type World } from './world.ts';

export interface PracticeSlackParts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Notices an acknowledgement that never comes. Without it, only a connection that gives up is noticed. */
  readonly alarm?: Alarm;
  readonly botToken: string;
  readonly appToken: string;
  /** Scopes that the app was granted; all that this Slack knows unless given. */
  readonly scopes?: readonly string[];
  readonly team?: PracticeTeam;
  readonly people?: readonly PracticePerson[];
  readonly groups?: readonly PracticeGroup[];
  readonly channels?: readonly PracticeChannel[];
  readonly policy?: Policy;
  /** `/keyleak` unless given. */
  readonly command?: string;
}

export interface PracticeSlack {
  /** Usable as `typeof fetch`: Web API below `/api/`, response URLs and upload addresses, at any origin. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Socket Mode in process: envelopes go to each connection in turn until the returned function is called. */
  readonly connect: (receive: Receive) => () => void;
  readonly connections: () => number;
  /** Puts hooks, uploads and Socket Mode at addresses of a server. */
  readonly mount: (origin: string, socketUrl: () => string) => void;
  /** Throws when there is no such person; `user` is an id or a handle. */
  as(user: string): PersonAtSlack;
  /** Channels and conversations, oldest first. */
  channels(): readonly Channel[];
  /** By id or name, with or without #. Throws when there is none. */
  channel(idOrName: string): Channel;
  /** How this person reads: names, groups and channels, in their time zone. */
  reader(user: string): Reader;
  /** Everything else: calls, notices, complaints, pins, files; tests may change it as an admin would. */
  readonly world: World;
  /** Resolves with what `look` finds, as soon as it finds something; looks again after every change. */
  until<T>(look: () => T | null | undefined | false): Promise<T>;
}

export function createPracticeSlack(parts: PracticeSlackParts): PracticeSlack {
  const world = createWorld({
    clock: parts.clock,
    randomness: parts.randomness,
    team: parts.team ?? PRACTICE_TEAM,
    people: parts.people ?? practicePeople(),
    groups: parts.groups ?? practiceGroups(),
    bot: { user: PRACTICE.bot, id: PRACTICE.botId, app: PRACTICE.app },
    scopes: parts.scopes ?? ALL_SCOPES,
    policy: parts.policy ?? { channelCreation: 'allowed' },
  });
  for (const { private: isPrivate, ...channel } of parts.channels ?? practiceChannels())
    addChannel(world, { ...channel, kind: isPrivate ? 'private' : 'public', creator: PRACTICE.mei });
  const delivery = createDelivery(world, parts.alarm ?? null);
  const tokens = { bot: parts.botToken, app: parts.appToken };

  function channel(idOrName: string): Channel {
    const found = [...world.channels.values()].find((one) => isNamed(one, idOrName));
    if (found === undefined) throw new Error(`the practice Slack has no channel ${idOrName}`);
    return found;
  }

  function personNamed(name: string): PracticePerson {
    const handle = name.replace(/^@/, '');
    const found = [...world.users.values()].find((one) => one.id === name || one.name === handle);
    if (found === undefined) throw new Error(`the practice Slack has nobody named ${name}`);
    return found;
  }

  return {
    world,
    async fetch(input, init) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const { pathname } = new URL(request.url);
      const method = /^\/api\/([A-Za-z.]+)$/.exec(pathname)?.[1];
      if (method !== undefined) return callMethod(world, tokens, method, request);
      if (isHook(pathname)) return takeHook(world, request, pathname);
      if (isUpload(pathname)) return takeUpload(world, request, pathname);
      return new Response('not found', { status: 404 });
    },
    connect: delivery.connect,
    connections: delivery.connections,
    mount(origin, socketUrl) {
      world.origin = { hooks: origin, files: origin };
      world.socketUrl = socketUrl;
    },
    as: (user) =>
      personAt({ world, delivery, command: parts.command ?? '/keyleak', channel }, personNamed(user)),
    channels: () => [...world.channels.values()],
    channel,
    reader(user) {
      const { zone } = personNamed(user);
      return {
        zone,
        now: () => parts.clock.now(),
        person: (id) => world.users.get(id)?.name ?? id,
        group: (id) => world.userGroups.get(id)?.handle ?? id,
        channel: (id) => world.channels.get(id)?.name ?? id,
      };
    },
    until<T>(look: () => T | null | undefined | false): Promise<T> {
      return new Promise((resolve) => {
        const check = (): void => {
          const found = look();
          if (found === null || found === undefined || found === false) return;
          world.listeners.delete(check);
          resolve(found);
        };
        world.listeners.add(check);
        check();
      });
    },
  };
}

// Who may do what, from what is known here: no destructive step waits for Slack, and Slack being down locks nobody out
// whose membership was read within a day.

import type { WebClient } from '@slack/web-api';
import type { Alarm, Clock } from '../domain/clock.ts';
import type { Role } from '../domain/entry.ts';
import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker } from '../domain/incident.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { asRemoteError } from './remote.ts';
import {
  namesOfUser,
  type Standing,
  standingOf,
  WHY_NOT,
  WHY_NOT_ASSIGNED,
  type Workspace,
} from './standing.ts';

export interface People {
  /** What this person may do and on what grounds. No call to Slack. */
  asker(user: string): Promise<Asker>;
  /**
   * Null when they may declare. At most one call to Slack, of at most 1.2 seconds, and none for responders; when Slack
   * does not answer, they may. `team` is the user's own team, as the delivery says it.
   */
  mayDeclare(user: { id: string; team: string | null }): Promise<ErrorFacts | null>;
  /**
   * Null when they can be given a step. At most one call to Slack, of at most 1.2 seconds; when Slack does not answer,
   * they can.
   */
  mayBeAssigned(user: string): Promise<ErrorFacts | null>;
  /** Ids of those who go by this handle or display name among the people whom keyleak has read. No call to Slack. */
  named(name: string): readonly string[];
  /** User ids that hold this role or more, as known now, responders first. No call to Slack. */
  holders(role: 'responder' | 'manager'): Promise<readonly string[]>;
  /**
   * Reads from Slack who the bot is, who is in the configured groups, and who of all these is a guest or gone.
   * Throws RemoteError, after it kept what it could read.
   */
  refresh(signal: AbortSignal): Promise<void>;
  /** Throws KL_SLACK_TOKEN where Slack refuses the bot token; an outage is waited out elsewhere. */
  greet(): Promise<void>;
}

export interface PeopleParts {
  readonly client: WebClient;
  /** User ids (U…, W…), group ids (S…) or handles (@…). */
  readonly responders: readonly string[];
  readonly managers: readonly string[];
  /** The stored list of a group, by the name that the configuration gives it, so that it holds while Slack is down. */
  group(name: string): Promise<{ readonly members: readonly string[]; readonly readAt: number } | null>;
  saveGroup(name: string, members: readonly string[], readAt: number): Promise<void>;
  readonly clock: Clock;
  readonly alarm: Alarm;
}

/** An older list of members gives nobody a role. */
const LIST_HOLDS_MS = 24 * 3_600_000;
/** What is known of a user is read anew after this long. */
const USER_HOLDS_MS = 3_600_000;
const ANSWER_WITHIN_MS = 1_200;
/** Users that one refresh reads: users.info takes about 100 calls a minute, and others use it too. */
const USERS_AT_ONCE = 40;

const NOBODY = { by: 'none', listAgeMs: null } as const;

export function createPeople(parts: PeopleParts): People {
  const { client, clock } = parts;
  const users = new Map<string, { standing: Standing; readAt: number; names: readonly string[] }>();
  let home: Workspace | null = null;

  const isGroup = (name: string): boolean => !/^[UW]/.test(name);
  const namesOf = (role: Exclude<Role, 'participant'>): readonly string[] =>
    role === 'manager' ? parts.managers : parts.responders;

  function isFit(user: string): boolean {
    const known = users.get(user);
    return known === undefined || known.standing === 'member';
  }

  /** Members of a configured group with the age of the list; null when there is none that still holds. */
  async function listOf(name: string): Promise<{ members: readonly string[]; ageMs: number } | null> {
    const stored = await parts.group(name);
    if (stored === null) return null;
    // A clock that was set back must not make an old list young for ever.
    const ageMs = Math.abs(clock.now() - stored.readAt);
    return ageMs <= LIST_HOLDS_MS ? { members: stored.members, ageMs } : null;
  }

  async function groundsFor(
    user: string,
    role: Exclude<Role, 'participant'>,
  ): Promise<Asker['grounds'] | null> {
    const names = namesOf(role);
    if (names.includes(user)) return { by: 'configured', listAgeMs: null };
    for (const name of names.filter(isGroup)) {
      const list = await listOf(name);
      if (list?.members.includes(user)) return { by: 'group', listAgeMs: list.ageMs };
    }
    return null;
  }

  async function asker(user: string): Promise<Asker> {
    if (user !== '' && isFit(user)) {
      for (const role of ['manager', 'responder'] as const) {
        const grounds = await groundsFor(user, role);
        if (grounds !== null) return { actor: user, role, grounds };
      }
    }
    return { actor: user, role: 'participant', grounds: NOBODY };
  }

  async function mayDeclare({ id, team }: { id: string; team: string | null }): Promise<ErrorFacts | null> {
    if (team !== null && home !== null && home.enterprise === null && team !== home.team)
      return notAllowed('stranger');
    const known = users.get(id);
    if (known === undefined || clock.now() - known.readAt > USER_HOLDS_MS) {
      if ((await asker(id)).role !== 'participant') return null;
    }
    const standing = await standingNow(id);
    return standing === null || standing === 'member' ? null : notAllowed(standing);
  }

  async function mayBeAssigned(id: string): Promise<ErrorFacts | null> {
    const standing = await standingNow(id);
    return standing === null || standing === 'member' ? null : unfit(standing);
  }

  /** What was read within the hour, else what Slack says in time, else what was known before. Null when nothing is known. */
  async function standingNow(id: string): Promise<Standing | null> {
    const known = users.get(id);
    if (known !== undefined && clock.now() - known.readAt <= USER_HOLDS_MS) return known.standing;
    return (await within(parts.alarm, ANSWER_WITHIN_MS, readUser(id))) ?? known?.standing ?? null;
  }

  function named(name: string): readonly string[] {
    const said = name.toLowerCase();
    return [...users].flatMap(([id, { names }]) => (names.includes(said) ? [id] : []));
  }

  /** Asks Slack and remembers the answer. Throws what the client throws. */
  async function readUser(id: string): Promise<Standing | null> {
    const read = await ask(id);
    if (read !== null) users.set(id, { ...read, readAt: clock.now() });
    return read?.standing ?? null;
  }

  /** Null when Slack does not say. Whoever is configured by id is not made a stranger by Slack's not knowing them. */
  async function ask(id: string): Promise<{ standing: Standing; names: readonly string[] } | null> {
    try {
      const { user } = await client.users.info({ user: id });
      return user === undefined ? null : { standing: standingOf(user, home), names: namesOfUser(user) };
    } catch (error) {
      const { reason } = asRemoteError(error, 'read who a user is');
      if (reason !== 'user_not_found' && reason !== 'user_not_visible') throw error;
      const configured = parts.responders.includes(id) || parts.managers.includes(id);
      return configured ? null : { standing: 'stranger', names: [] };
    }
  }

  async function holders(role: 'responder' | 'manager'): Promise<readonly string[]> {
    const names = role === 'manager' ? parts.managers : [...parts.responders, ...parts.managers];
    const found = new Set<string>();
    for (const name of names) {
      const members = isGroup(name) ? ((await listOf(name))?.members ?? []) : [name];
      for (const user of members) if (isFit(user)) found.add(user);
    }
    return [...found];
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    const problems: RemoteError[] = [];
    for (const part of [readHome, readGroups, () => readUsers(signal)]) {
      try {
        signal.throwIfAborted();
        await part();
      } catch (error) {
        problems.push(asRemoteError(error, 'read who may do what'));
      }
    }
    if (problems[0] !== undefined) throw problems[0];
  }

  async function readHome(): Promise<void> {
    const { team_id: team, enterprise_id: enterprise } = await client.auth.test();
    if (team !== undefined) home = { team, enterprise: enterprise ?? null };
  }

  /** One call for all groups. A group that Slack does not know any more keeps its stored list until that is too old. */
  async function readGroups(): Promise<void> {
    const names = [...new Set([...parts.responders, ...parts.managers])].filter(isGroup);
    if (names.length === 0) return;
    const { usergroups = [] } = await client.usergroups.list({ include_users: true });
    const readAt = clock.now();
    const missing: string[] = [];
    for (const name of names) {
      const group = usergroups.find(({ id, handle }) => id === name || `@${handle}` === name);
      if (group === undefined) missing.push(name);
      else await parts.saveGroup(name, group.users ?? [], readAt);
    }
    if (missing.length > 0) throw groupUnknown(missing);
  }

  async function readUsers(signal: AbortSignal): Promise<void> {
    const now = clock.now();
    const stale = (await everyone()).filter((id) => now - (users.get(id)?.readAt ?? 0) > USER_HOLDS_MS);
    for (const id of stale.slice(0, USERS_AT_ONCE)) {
      signal.throwIfAborted();
      await readUser(id);
    }
  }

  /** Whoever has a role by the lists, fit or not: a guest may have become a member again. */
  async function everyone(): Promise<readonly string[]> {
    const found = new Set<string>();
    for (const name of [...parts.responders, ...parts.managers]) {
      for (const user of isGroup(name) ? ((await listOf(name))?.members ?? []) : [name]) found.add(user);
    }
    return [...found];
  }

  async function greet(): Promise<void> {
    try {
      await readHome();
    } catch (error) {
      const remote = asRemoteError(error, 'say who it is');
      if (remote.code === 'KL_SLACK_TOKEN') throw remote;
    }
  }

  return { asker, mayDeclare, mayBeAssigned, named, holders, refresh, greet };
}

/** The result, or null when it fails or takes longer. What comes late is still remembered by whoever fetched it. */
function within<T>(alarm: Alarm, ms: number, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve) => {
    const cancel = alarm(ms, () => resolve(null));
    work.then(resolve, () => resolve(null)).finally(cancel);
  });
}

function notAllowed(standing: Exclude<Standing, 'member'>): ErrorFacts {
  return {
    code: 'KL_NOT_ALLOWED',
    message: `You are not allowed to declare a leak here: ${WHY_NOT[standing]}.`,
    next: 'Tell a member of this workspace now; anyone of them may declare it with /keyleak.',
  };
}

function unfit(standing: Exclude<Standing, 'member'>): ErrorFacts {
  return {
    code: 'KL_ASSIGNEE_UNFIT',
    message: `Nothing was assigned: ${WHY_NOT_ASSIGNED[standing]}.`,
    next: 'Choose a member of this workspace who is active.',
  };
}

function groupUnknown(names: readonly string[]): RemoteError {
  return new RemoteError(
    'KL_SLACK_GROUP_UNKNOWN',
    `Slack knows no user group ${names.join(', ')}, or it is disabled. Its last known members keep their role for a day.`,
    'Correct slack.responders and slack.managers in keyleak.yml, or bring the group back.',
    { outcome: 'refused', reason: 'no_such_group' },
  );
}

// What a run found out, or how it failed, turned into entries. An observation that came too late changes nothing.

import { byPolicy } from './by-policy.ts';
import { CHORES, chore } from './chores.ts';
import { consequences } from './consequences.ts';
import { containment, listingFacts, replacement } from './decide-watched.ts';
import { type Decision, NOTHING, type Situation } from './decision.ts';
import { BOT, type NewEntry } from './entry.ts';
import { identified } from './identified.ts';
import { type Case, keyState, stepState } from './incident.ts';
import type { Action, Observation } from './ports.ts';
import { DEACTIVATE_STEP, IDENTIFY_STEP, isSettled } from './progress.ts';
import type { RemoteError } from './remote-error.ts';
import {
  ANSWERED_GRACE_MS,
  backoffMs,
  GRACE_MS,
  type NewRun,
  type Run,
  type RunResult,
  runName,
  runSubject,
} from './run.ts';

/** Candidates that are written down and offered; a longer list helps nobody at 03:00. */
export const MAX_CANDIDATES = 20;

/** Entries for what a run observed, with all that follows from them. */
export function decideObserved(subject: Case, run: Run, seen: Observation, situation: Situation): Decision {
  const { entries, runs } =
    seen.type === 'matched'
      ? matched(subject, run, seen, situation)
      : observed(subject, run, seen, situation);
  return consequences(subject, { ...NOTHING, entries, runs }, situation);
}

/** Slack may deliver late what it did not answer; by then it has, or never will. */
const TWIN_AFTER_MS = 10 * 60_000;

function observed(
  subject: Case,
  run: Run,
  seen: Exclude<Observation, { type: 'matched' }>,
  situation: Situation,
): { entries: NewEntry[]; runs: NewRun[] } {
  const entries = entriesFor(subject, run, seen, situation.now);
  if (seen.type === 'removed' && seen.purpose === 'twin') return { entries, runs: [...another()] };
  return { entries, runs: run.doubtful ? entries.flatMap(twinOf) : [] };

  /** One twin may have been one of several. */
  function another(): NewRun[] {
    const cause = subject.incident.seq + 1;
    return chore('remove-twin', { subject: null, cause, input: run.input }, situation);
  }

  /** What was posted in doubt may appear a second time. */
  function twinOf(entry: NewEntry, at: number): NewRun[] {
    if (entry.kind !== 'card.posted' && entry.kind !== 'message.posted' && entry.kind !== 'witness.posted')
      return [];
    const { channel, ts } = entry.data;
    const input = { channel, ts, run: runName(run), since: run.createdAt };
    const cause = subject.incident.seq + at + 1;
    const notBefore = situation.now + TWIN_AFTER_MS;
    return chore('remove-twin', { subject: null, cause, input, notBefore }, situation);
  }
}

function entriesFor(
  subject: Case,
  run: Run,
  seen: Exclude<Observation, { type: 'matched' }>,
  now: number,
): NewEntry[] {
  const key = runSubject(run);
  const own = <E extends NewEntry>(entry: Omit<E, 'actor' | 'occurredAt'>): E =>
    ({ ...entry, actor: BOT, occurredAt: now }) as E;
  switch (seen.type) {
    case 'status':
      return key === null ? [] : status(subject, run, key, seen);
    case 'changed':
      return key === null ? [] : changed(run, key, seen, now);
    case 'owner':
      return key === null ? [] : [own({ kind: 'owner.found', data: { key, owner: seen.owner } })];
    case 'room':
      return [own({ kind: 'channel.opened', data: { ...seen.room } })];
    case 'card':
      return [own({ kind: 'card.posted', data: { channel: seen.channel, ts: seen.ts } })];
    case 'invited': {
      const { invited, refused } = seen;
      return [own({ kind: 'people.invited', data: { invited: [...invited], refused: [...refused] } })];
    }
    case 'posted':
      return [posted(run, seen, now)];
    case 'called': {
      const { invited, refused, channel, ts } = seen;
      const known = subject.incident.invited;
      const told = posted(run, { type: 'posted', purpose: 'assigned', channel, ts, witness: null }, now);
      // Who was in the room already came into it by an entry of its own.
      return refused.length === 0 && invited.every((user) => known.includes(user))
        ? [told]
        : [own({ kind: 'people.invited', data: { invited: [...invited], refused: [...refused] } }), told];
    }
    case 'removed': {
      const { purpose, channel, ts } = seen;
      return [own({ kind: 'message.removed', data: { purpose, channel, ts } })];
    }
    case 'paged': {
      const { page, reason, phase } = seen;
      return [own({ kind: 'page.sent', data: { page, reason, phase } })];
    }
    case 'impact':
      return key === null ? [] : [own({ kind: 'impact.measured', data: { key, ...seen.impact } })];
    case 'successors':
    case 'no_replacement':
    case 'replacement':
      return key === null ? [] : replacement(subject, run, key, seen, now);
    case 'containment':
      return key === null ? [] : containment(subject, run, key, seen, now);
    case 'done':
      return [];
  }
}

function posted(run: Run, seen: Extract<Observation, { type: 'posted' }>, now: number): NewEntry {
  const { channel, ts, witness, purpose } = seen;
  const { phase } = run.input;
  const about = typeof phase === 'string' ? { phase } : {};
  return witness === null
    ? { kind: 'message.posted', actor: BOT, occurredAt: now, data: { purpose, channel, ts, ...about } }
    : { kind: 'witness.posted', actor: BOT, occurredAt: now, data: { ...witness, channel, ts } };
}

function matched(
  subject: Case,
  run: Run,
  seen: Extract<Observation, { type: 'matched' }>,
  situation: Situation,
): { entries: NewEntry[]; runs: NewRun[] } {
  const { incident } = subject;
  const { now } = situation;
  const key = runSubject(run);
  // A person may have named the key while the listing was read; their word stands.
  if (
    key === null ||
    keyState(incident, key)?.facts !== null ||
    isSettled(stepState(incident, IDENTIFY_STEP, key))
  )
    return { entries: [], runs: [] };
  const listing = listingFacts(seen.listing);
  const { match } = seen;
  switch (match.outcome) {
    case 'none':
      return {
        entries: [{ kind: 'key.unmatched', actor: BOT, occurredAt: now, data: { key, listing } }],
        runs: [],
      };
    case 'candidates': {
      const { why, keys } = match;
      const data = { key, why, total: keys.length, candidates: keys.slice(0, MAX_CANDIDATES), listing };
      return { entries: [{ kind: 'candidates.found', actor: BOT, occurredAt: now, data }], runs: [] };
    }
    case 'exact': {
      const by = { how: 'exact', actor: BOT } as const;
      const { entries, severity } = identified(subject, key, match.key, by, situation);
      const kill = byPolicy(subject, key, match.key, severity, situation);
      return { entries: [...entries, ...kill.entries], runs: kill.runs };
    }
  }
}

function status(
  subject: Case,
  run: Run,
  key: string,
  seen: Extract<Observation, { type: 'status' }>,
): NewEntry[] {
  const state = keyState(subject.incident, key);
  const { after, before, observedAt } = seen;
  if (state === null || state.dead !== null || after.status === 'active') return [];
  // After doubt an inactive key may be our own doing, so only what was known before this run counts as "already".
  const already = run.doubtful ? state.facts?.status !== 'active' : before.status !== 'active';
  const entries: NewEntry[] = [
    {
      kind: 'key.deactivated',
      actor: run.actor,
      occurredAt: observedAt,
      data: {
        key,
        id: after.id,
        name: after.name,
        hint: after.hint,
        workspace: after.workspace?.name ?? after.workspace?.id ?? null,
        status: after.status,
        already,
        observed_at: new Date(observedAt).toISOString(),
        request_id: seen.requestId,
        run: runName(run),
      },
    },
  ];
  if (!isSettled(stepState(subject.incident, DEACTIVATE_STEP, key))) {
    entries.push({
      kind: 'step.completed',
      actor: run.actor,
      occurredAt: observedAt,
      data: { step: DEACTIVATE_STEP, key, how: run.input.mode === 'check' ? 'by_hand' : 'automatic' },
    });
  }
  return entries;
}

/** Nothing was done; the key as it is now is offered, to be confirmed anew. */
function changed(
  run: Run,
  key: string,
  seen: Extract<Observation, { type: 'changed' }>,
  now: number,
): NewEntry[] {
  return [
    {
      kind: 'action.failed',
      actor: BOT,
      occurredAt: now,
      data: {
        run: runName(run),
        step: run.step,
        key,
        attempt: run.attempt,
        code: 'KL_KEY_CHANGED',
        message: 'The key is no longer what was confirmed, so nothing was done to it.',
        next: 'Look at the key as it is now, press its name, then deactivate it.',
        observed: 'refused',
        follow_up: 'needs_human',
        retry_at: null,
      },
    },
    {
      kind: 'candidates.found',
      actor: BOT,
      occurredAt: now,
      data: {
        key,
        why: 'changed',
        total: 1,
        candidates: [seen.found],
        listing: { keys: 1, complete: false, read_at: new Date(seen.readAt).toISOString() },
      },
    },
  ];
}

/** Entry for a failed attempt, which `result` hands on. A chore that keeps failing for the same reason is written down once, and so is a provider that keeps asking to wait. */
export function decideFailed(
  subject: Case,
  run: Run,
  error: RemoteError,
  result: Pick<RunResult, 'state' | 'notBefore'>,
  situation: Situation,
): Decision {
  const retrying = result.state !== 'needs_human';
  const told = CHORES.has(run.step)
    ? subject.incident.chores[run.step]?.code
    : stepState(subject.incident, run.step, runSubject(run)).error?.code;
  const repeats = CHORES.has(run.step) || error.outcome === 'rate_limited';
  if (retrying && repeats && told === error.code) return NOTHING;
  const entry: NewEntry = {
    kind: 'action.failed',
    actor: BOT,
    occurredAt: situation.now,
    data: {
      run: runName(run),
      step: run.step,
      key: runSubject(run),
      attempt: run.attempt,
      code: error.code,
      message: error.message,
      next: error.next,
      observed: error.outcome,
      follow_up: retrying ? 'retry' : 'needs_human',
      retry_at: retrying ? new Date(result.notBefore).toISOString() : null,
    },
  };
  return consequences(subject, { ...NOTHING, entries: [entry] }, situation);
}

/** How long what Slack refused waits for somebody to mend the cause, times the attempts so far up to ten. */
const MENDING_MS = 30_000;
/** About a day at five minutes each. */
const MENDING_ATTEMPTS = 300;

/** Nothing was done, so asking again loses nothing: no key is given up because many die at once. */
const LIMITED_ATTEMPTS = 200;
const LONGEST_LIMIT_MS = 10 * 60_000;
/** What only informs leaves a limited provider to what kills. */
const YIELD_MS = 20_000;

function isUrgent({ step }: Run): boolean {
  return step === IDENTIFY_STEP || step === DEACTIVATE_STEP;
}

/** What becomes of a run whose attempt failed: tried again after a pause, looked for first, or handed to a person. */
export function afterFailure(
  run: Run,
  action: Pick<Action, 'effect' | 'maxAttempts'> & { readonly needs?: Action['needs'] },
  error: RemoteError,
  now: number,
): Pick<RunResult, 'state' | 'notBefore'> {
  // What Slack refuses today, such as for want of a scope, it takes once somebody has mended it; a day is waited for that.
  if (error.outcome === 'refused' && action.needs === 'chat' && run.attempt < MENDING_ATTEMPTS)
    return { state: 'pending', notBefore: now + MENDING_MS * Math.min(run.attempt, 10) };
  if (error.outcome === 'rate_limited' && action.needs === 'provider' && run.attempt < LIMITED_ATTEMPTS) {
    const asked = Math.min(error.retryAfterMs ?? backoffMs(run.attempt, null), LONGEST_LIMIT_MS);
    return { state: 'pending', notBefore: now + Math.max(asked, isUrgent(run) ? 0 : YIELD_MS) };
  }
  if (error.outcome === 'refused' || run.attempt >= action.maxAttempts)
    return { state: 'needs_human', notBefore: now };
  if (error.outcome === 'unknown') {
    const grace = error.answered ? ANSWERED_GRACE_MS : GRACE_MS;
    const wait = action.effect === 'creation' ? grace : backoffMs(run.attempt, error.retryAfterMs);
    return { state: 'unknown', notBefore: now + wait };
  }
  return { state: 'pending', notBefore: now + backoffMs(run.attempt, error.retryAfterMs) };
}

// What looking at the provider again and again brought to light: keys that could be the replacement, and use of a dead key.

import { BOT, type EntryData, type ListingFacts, type NewEntry } from './entry.ts';
import { type Case, type Incident, keyState, stepState } from './incident.ts';
import type { KeyFacts, KeyListing } from './key.ts';
import type { Observation } from './ports.ts';
import { isSettled, REPLACE_STEP, VERIFY_STEP } from './progress.ts';
import { type Run, runName } from './run.ts';

export function listingFacts(listing: KeyListing): ListingFacts {
  return {
    keys: listing.keys.length,
    complete: listing.complete,
    read_at: new Date(listing.readAt).toISOString(),
  };
}

type Seen<T extends Observation['type']> = Extract<Observation, { type: T }>;

/** Keys that are offered as replacement; more would not fit on a card. */
const MAX_SUCCESSORS = 5;

export function replacement(
  { incident }: Case,
  run: Run,
  key: string,
  seen: Seen<'successors' | 'no_replacement' | 'replacement'>,
  now: number,
): NewEntry[] {
  const state = keyState(incident, key);
  if (state === null || isSettled(stepState(incident, REPLACE_STEP, key))) return [];
  const wanted = seen.type === 'replacement' ? seen.key.id : run.input.choice;
  // Two presses for two keys may have chosen the same new one: whoever was recorded first has it.
  if (seen.type !== 'successors' && isTaken(incident, key, wanted)) return [failed(run, key, TAKEN, now)];
  if (seen.type === 'replacement') {
    return [
      {
        kind: 'replacement.confirmed',
        actor: run.actor,
        occurredAt: now,
        data: { ...seen.key, key, warnings: [...seen.warnings], run: runName(run) },
      },
      {
        kind: 'step.completed',
        actor: run.actor,
        occurredAt: now,
        data: { step: REPLACE_STEP, key, how: 'automatic' },
      },
    ];
  }
  const found = seen.found.slice(0, MAX_SUCCESSORS);
  const entries: NewEntry[] = sameKeys(found, state.successors)
    ? []
    : [
        {
          kind: 'replacement.seen',
          actor: BOT,
          occurredAt: now,
          data: { key, candidates: found, listing: listingFacts(seen.listing) },
        },
      ];
  return seen.type === 'no_replacement'
    ? [...entries, failed(run, key, NO_REPLACEMENT[seen.why], now)]
    : entries;
}

/** True where this id is a leaked key of the incident, or replaces another one. */
function isTaken(incident: Incident, key: string, id: unknown): boolean {
  if (typeof id !== 'string') return false;
  return incident.keys.some(
    (one) => one.facts?.id === id || (one.subject !== key && one.replacement?.id === id),
  );
}

function sameKeys(some: readonly KeyFacts[], others: readonly KeyFacts[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ id, name }) => others.some((other) => other.id === id && other.name === name))
  );
}

type Failure = Pick<EntryData['action.failed'], 'code' | 'message' | 'next'>;

const NO_REPLACEMENT: Readonly<Record<Seen<'no_replacement'>['why'], Failure>> = {
  none: {
    code: 'KL_REPLACEMENT_NONE',
    message: 'No key was created in this workspace since the incident was declared.',
    next: 'Create it in the Console, then press Confirm replacement again. If it is older, press Mark done.',
  },
  several: {
    code: 'KL_REPLACEMENT_SEVERAL',
    message: 'Several keys were created since the incident was declared.',
    next: 'Press the button with the name of the right one.',
  },
  elsewhere: {
    code: 'KL_REPLACEMENT_ELSEWHERE',
    message: 'The only new key is in another workspace than the leaked one, so it was not taken.',
    next: 'Create one in the right workspace, or press the new key’s name if it is meant.',
  },
  gone: {
    code: 'KL_REPLACEMENT_GONE',
    message: 'The key that was chosen is not active any more, or is not listed.',
    next: 'Look in the Console, then press Confirm replacement again.',
  },
};

const TAKEN: Failure = {
  code: 'KL_REPLACEMENT_TAKEN',
  message: 'That key leaked itself, or already replaces another key of this incident.',
  next: 'Create one more key in the Console, then press Confirm replacement again.',
};

function failed(run: Run, key: string, failure: Failure, now: number): NewEntry {
  return {
    kind: 'action.failed',
    actor: BOT,
    occurredAt: now,
    data: {
      run: runName(run),
      step: run.step,
      key,
      attempt: run.attempt,
      ...failure,
      observed: 'refused',
      follow_up: 'needs_human',
      retry_at: null,
    },
  };
}

/** Written down when it says something new; a person who asked is always told. */
export function containment(
  { incident }: Case,
  run: Run,
  key: string,
  { checked }: Seen<'containment'>,
  now: number,
): NewEntry[] {
  const state = keyState(incident, key);
  if (state === null || state.dead === null) return [];
  const asked = run.step === VERIFY_STEP;
  const open = !isSettled(stepState(incident, VERIFY_STEP, key));
  const entries: NewEntry[] =
    asked || 'watch-containment' in incident.chores || saysMore(checked, state.containment)
      ? [{ kind: 'containment.checked', actor: BOT, occurredAt: now, data: { key, ...checked } }]
      : [];
  if (!open) return entries;
  if (checked.covered && !isUsed(checked)) {
    return [
      ...entries,
      {
        kind: 'step.completed',
        actor: asked ? run.actor : BOT,
        occurredAt: now,
        data: { step: VERIFY_STEP, key, how: 'automatic' },
      },
    ];
  }
  if (!asked) return entries;
  return [...entries, failed(run, key, isUsed(checked) ? STILL_USED : TOO_EARLY, now)];
}

function isUsed({ requests, uncounted }: Seen<'containment'>['checked']): boolean {
  return requests > 0 || uncounted;
}

const STILL_USED: Failure = {
  code: 'KL_KEY_STILL_USED',
  message: 'The provider’s figures show requests with this key after it was deactivated.',
  next: 'Read in the Console whether the key is disabled, call a manager, and write to the provider’s support.',
};

const TOO_EARLY: Failure = {
  code: 'KL_FIGURES_TOO_OLD',
  message: 'The provider’s figures do not reach beyond the deactivation yet, so they prove nothing.',
  next: 'Wait: keyleak looks again by itself. By hand: the guide of the step, then Mark done.',
};

function saysMore(
  checked: Seen<'containment'>['checked'],
  before: Seen<'containment'>['checked'] | null,
): boolean {
  if (before === null) return true;
  return (
    checked.requests !== before.requests ||
    checked.covered !== before.covered ||
    checked.uncounted !== before.uncounted ||
    (checked.replacement?.requests ?? 0) > 0 !== (before.replacement?.requests ?? 0) > 0
  );
}

// What `decide` works with and what it answers: entries and intents, or a refusal. Nothing here touches the world.

import type { LoggedEntry, NewEntry } from './entry.ts';
import type { ErrorFacts } from './errors.ts';
import { evolve } from './evolve.ts';
import type { HouseRules } from './house-rules.ts';
import type { Incident } from './incident.ts';
import type { NewRun } from './run.ts';
import type { Runbook } from './runbook.ts';

/** What a decision may know besides the incident. */
export interface Situation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** True when this action can be carried out here; otherwise its step is done by its guide. */
  readonly automated: (action: string) => boolean;
  readonly rules: HouseRules;
  /** Another open incident that has the key with this id at the provider; null where none is known. */
  readonly elsewhere: (keyId: string) => string | null;
}

/** Everything that one command changes, to be committed as a whole. */
export interface Decision {
  readonly entries: readonly NewEntry[];
  readonly runs: readonly NewRun[];
  readonly deadlines: readonly { readonly phase: string; readonly dueAt: number }[];
  readonly settled: readonly { readonly phase: string; readonly as: 'missed' | 'met' | 'cancelled' }[];
  /** A runbook that an entry names for the first time here. */
  readonly runbook?: Runbook;
}

export const NOTHING: Decision = { entries: [], runs: [], deadlines: [], settled: [] };

/**
 * decided: commit it. joined: the same thing is under way or done already, nothing to add.
 * refused: tell the person; `record` (often empty) still goes into the log.
 */
export type Verdict =
  | { readonly verdict: 'decided'; readonly decision: Decision }
  | { readonly verdict: 'joined' }
  | { readonly verdict: 'refused'; readonly refusal: ErrorFacts; readonly record: readonly NewEntry[] };

export function refused(refusal: ErrorFacts, record: readonly NewEntry[] = []): Verdict {
  return { verdict: 'refused', refusal, record };
}

/** The incident as it will be once these entries are committed. Hashes are not computed. */
export function preview(incident: Incident, entries: readonly NewEntry[], now: number): Incident {
  const recorded_at = new Date(Math.max(now, incident.lastAt)).toISOString();
  return entries.reduce((state, entry) => evolve(state, provisional(state, entry, recorded_at)), incident);
}

function provisional(state: Incident, entry: NewEntry, recorded_at: string): LoggedEntry {
  const texts = Object.fromEntries(
    Object.entries(entry.texts ?? {}).map(([field, text]) => [field, { salt: '', text }]),
  );
  const sealed = {
    seq: state.seq + 1,
    incident: state.id,
    kind: entry.kind,
    occurred_at: new Date(entry.occurredAt).toISOString(),
    recorded_at,
    actor: entry.actor,
    data: entry.data,
    prev: state.head,
    hash: '',
  } as LoggedEntry['entry'];
  return { entry: sealed, texts };
}

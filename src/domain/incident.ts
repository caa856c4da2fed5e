// The incident as a value: what a fold of its entries yields. Everything people see is drawn from it.

import type {
  Actor,
  EntryData,
  Grounds,
  OwnerFacts,
  ReplacementWarning,
  Role,
  Room,
  SystemFacts,
} from './entry.ts';
import type { ErrorFacts } from './errors.ts';
import type { KeyFacts, KeyQuery, KeyStatus } from './key.ts';
import type { Runbook } from './runbook.ts';

/** One leaked key of the incident, with a clock and a state of its own. `subject` is `k1`, `k2`, … */
export interface KeyState {
  readonly subject: string;
  readonly query: KeyQuery;
  /** What was typed, masked; null once purged. */
  readonly words: string | null;
  readonly reportedAt: number;
  /** Offered to people because the query does not name one key. */
  readonly candidates: {
    readonly why: string;
    readonly total: number;
    readonly keys: readonly KeyFacts[];
  } | null;
  /** True once a complete fresh listing held no such key. */
  readonly unmatched: boolean;
  readonly facts: KeyFacts | null;
  readonly identifiedHow: 'exact' | 'confirmed' | null;
  /** Another incident that was open with this key when it was identified here. */
  readonly alsoIn: string | null;
  readonly owner: OwnerFacts | null;
  /** The provider no longer knows the owner that the key names. */
  readonly ownerLeft: boolean;
  /** Set when the provider, read back, said that the key is not active. */
  readonly dead: {
    readonly status: Exclude<KeyStatus, 'active'>;
    readonly already: boolean;
    /** When the provider said so. */
    readonly at: number;
    readonly by: Actor;
  } | null;
  /** What it was used for shortly before it was identified; null until it is known. */
  readonly impact: Omit<EntryData['impact.measured'], 'key'> | null;
  /** Keys made since the declaration, as last seen. */
  readonly successors: readonly KeyFacts[];
  readonly replacement:
    | (KeyFacts & { readonly warnings: readonly ReplacementWarning[]; readonly by: Actor })
    | null;
  readonly systems: readonly (SystemFacts & {
    readonly deployed: { readonly by: Actor; readonly at: number } | null;
  })[];
  /** What the figures last said about use after its death. */
  readonly containment: Omit<EntryData['containment.checked'], 'key'> | null;
}

export type StepStatus = 'open' | 'running' | 'needs_human' | 'done' | 'skipped';

/** A step, or one instance of a step for one key. */
export interface StepState {
  readonly status: StepStatus;
  /** Highest generation of its runs so far; 0 when it never ran. */
  readonly generation: number;
  readonly by: Actor | null;
  readonly at: number | null;
  readonly how: 'automatic' | 'by_hand' | null;
  readonly reason: string | null;
  /** Slack user id of who took it on or was given it. */
  readonly assignee: string | null;
  /** The last failure, while it matters. */
  readonly error: (ErrorFacts & { readonly retryAt: number | null }) | null;
}

export interface Note {
  readonly by: Actor;
  readonly at: number;
  readonly text: string | null;
}

export interface Incident {
  readonly id: string;
  /** Number of entries; the next one is `seq + 1`. */
  readonly seq: number;
  /** Hash of the last entry. */
  readonly head: string;
  /** Random and unique over all databases; 32 hex digits. Remote markers carry it. */
  readonly uid: string;
  readonly team: string | null;
  readonly enterprise: string | null;
  readonly severity: number;
  readonly source: string;
  readonly declaredBy: Actor;
  readonly declaredAt: number;
  /** What the declarer was allowed to do when they declared. */
  readonly authority: Grounds;
  readonly where: string | null;
  readonly runbook: { readonly id: string; readonly sha256: string };
  readonly status: 'open' | 'closed';
  readonly closed: {
    readonly by: Actor;
    readonly at: number;
    readonly verdict: string;
    readonly reason: string | null;
  } | null;
  readonly keys: readonly KeyState[];
  /** By instance name, see `instanceName`. Absent means open and never run. */
  readonly steps: Readonly<Record<string, StepState>>;
  readonly room: Room | null;
  readonly card: { readonly channel: string; readonly ts: string } | null;
  readonly invited: readonly string[];
  /** Completion time by phase id. */
  readonly phases: Readonly<Record<string, number>>;
  /** Deadlines that were missed, by their name, with how late that was noticed. */
  readonly missed: Readonly<Record<string, number>>;
  readonly notes: readonly Note[];
  /** The reminder that stands in the room; the next one takes its place. */
  readonly nudge: { readonly channel: string; readonly ts: string; readonly phase: string | null } | null;
  /** True once a person did anything after the declaration. */
  readonly answered: boolean;
  /** Failures of work that is not a runbook step (opening the room, posting the card), by run step name. */
  readonly chores: Readonly<Record<string, ErrorFacts>>;
  readonly lastAt: number;
}

/** An incident with the runbook that was frozen into it. */
export interface Case {
  readonly incident: Incident;
  readonly runbook: Runbook;
}

/** `deactivate-key/k1` for a step that has one instance per key, `usage-report` for one that has not. */
export function instanceName(step: string, subject: string | null): string {
  return subject === null ? step : `${step}/${subject}`;
}

/** `contain` for the incident's own deadline of a phase, `contain@k2` for that of a key that was found later. */
export function deadlineName(phase: string, key: string | null): string {
  return key === null ? phase : `${phase}@${key}`;
}

/** The phase and key that a deadline is about. */
export function deadlineParts(name: string): { readonly phase: string; readonly key: string | null } {
  const [phase = name, key] = name.split('@');
  return { phase, key: key ?? null };
}

const UNTOUCHED: StepState = {
  status: 'open',
  generation: 0,
  by: null,
  at: null,
  how: null,
  reason: null,
  assignee: null,
  error: null,
};

/** The state of a step instance; one that was never touched is open. */
export function stepState(incident: Incident, step: string, subject: string | null): StepState {
  return incident.steps[instanceName(step, subject)] ?? UNTOUCHED;
}

export function keyState(incident: Incident, subject: string): KeyState | null {
  return incident.keys.find((key) => key.subject === subject) ?? null;
}

/** Who asks, and what keyleak knows of their authority. */
export interface Asker {
  readonly actor: Actor;
  readonly role: Role;
  readonly grounds: {
    readonly by: 'configured' | 'group' | 'operator' | 'none';
    readonly listAgeMs: number | null;
  };
}

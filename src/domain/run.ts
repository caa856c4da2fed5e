// An action run: one intended effect on the outside world, durable before it is tried.

/** pending: to be claimed. claimed: a process works on it. unknown: an attempt may have had its effect; look before trying again. */
export type RunState = 'pending' | 'claimed' | 'unknown' | 'done' | 'failed' | 'needs_human';

export type RunInput = Readonly<Record<string, string | number | boolean | null>>;

/** A run to be created. Its key is `incident:step:subject:generation`, unique for ever. */
export interface NewRun {
  readonly step: string;
  /** A key's local name such as `k1`, or `-` where the step has no subject. */
  readonly subject: string;
  /** 1 for the first attempt a person or the bot asks for; a later legitimate attempt is a new generation. */
  readonly generation: number;
  /** Action name with version, such as `anthropic/deactivate-key@1`. */
  readonly action: string;
  readonly input: RunInput;
  /** Who asked. */
  readonly actor: string;
  /** Milliseconds since the epoch before which the run is not claimed. */
  readonly notBefore: number;
}

export interface Run extends NewRun {
  readonly incident: string;
  readonly state: RunState;
  /** How often it was claimed, this time included. */
  readonly attempt: number;
  /** Fencing number: a result is recorded only for the epoch that claimed it. */
  readonly epoch: number;
  /** True when an earlier attempt may have had its effect, so a creation must look for it first. */
  readonly doubtful: boolean;
  readonly createdAt: number;
}

/** The run's name inside its incident, as entries show it: `deactivate-key:k1:1`. */
export function runName(run: Pick<NewRun, 'step' | 'subject' | 'generation'>): string {
  return `${run.step}:${run.subject}:${run.generation}`;
}

/** The subject as entries show it: null where the step has none. */
export function runSubject(run: Pick<NewRun, 'subject'>): string | null {
  return run.subject === '-' ? null : run.subject;
}

/** What the second transaction says about a run. */
export interface RunResult {
  readonly step: string;
  readonly subject: string;
  readonly generation: number;
  readonly epoch: number;
  readonly state: Exclude<RunState, 'claimed'>;
  /** For `pending` and `unknown`: not claimed before this time (milliseconds since the epoch). */
  readonly notBefore: number;
}

/** An action is aborted after this long. */
export const ATTEMPT_TIMEOUT_MS = 8_000;
/** A claim lapses after this long, should the process that holds it hang. */
export const LEASE_MS = 45_000;
/** A creation whose answer was lost is looked for only after this long, since it may still land. */
export const GRACE_MS = 30_000;
/** The same where the service answered that it failed: what it did it has done. */
export const ANSWERED_GRACE_MS = 3_000;
/** Attempts of a provider action before a person is asked. */
export const MAX_ATTEMPTS = 8;

const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/** Milliseconds to wait after attempt number `attempt` (from 1) failed; never above one minute unless the service asked for longer. */
export function backoffMs(attempt: number, retryAfterMs: number | null): number {
  const step = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] ?? 60_000;
  return Math.max(step, Math.min(retryAfterMs ?? 0, 10 * 60_000));
}

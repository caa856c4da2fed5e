// Carries out action runs: claim, act with no transaction open, record what was observed. The only place that acts on the world.

import type { Alarm, Boundary, Clock } from '../domain/clock.ts';
import { afterFailure, decideFailed, decideObserved } from '../domain/decide-observed.ts';
import type { LoggedEntry } from '../domain/entry.ts';
import { KeyleakError } from '../domain/errors.ts';
import type { Case } from '../domain/incident.ts';
import type { Pager } from '../domain/pager.ts';
import type { Action, ActionWorld, Chat, KeyProvider, Observation, Store } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { ATTEMPT_TIMEOUT_MS, type Run, type RunResult } from '../domain/run.ts';
import type { EngineCore } from './engine.ts';
import type { KeyCache } from './key-cache.ts';

export interface RunnerParts {
  readonly store: Store;
  readonly engine: EngineCore;
  readonly actions: ReadonlyMap<string, Action>;
  /** Providers are resolved per incident: a drill may run beside a real one. */
  readonly providerFor: (subject: Case) => KeyProvider | null;
  readonly chat: Chat | null;
  readonly pager: Pager | null;
  readonly keys: KeyCache;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly fingerprint: string;
  /** Actions whose runs are left where they are, for the bot that can carry them out; none unless given. */
  readonly except?: readonly string[];
  readonly boundary: Boundary;
  /** Told of what went wrong inside keyleak itself; what the world refused is in the log already. */
  readonly onFault: (error: unknown, run: Run) => void;
}

export interface Runner {
  /** Looks for work now. Cheap; may be called at any time. */
  kick(): void;
  /** Resolves when no run is being worked on and none is due. */
  idle(): Promise<void>;
  /** Claims nothing more and resolves when the runs in hand are recorded. */
  stop(): Promise<void>;
}

/** Runs in hand at once. Keys of one incident die side by side. */
const CONCURRENCY = 16;

export function createRunner(parts: RunnerParts): Runner {
  const inHand = new Set<Promise<void>>();
  let looking: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  async function look(): Promise<void> {
    do {
      again = false;
      const room = CONCURRENCY - inHand.size;
      if (stopped || room <= 0) return;
      const runs = await parts.store.claim({
        now: parts.clock.now(),
        limit: room,
        except: parts.except ?? [],
      });
      for (const run of runs) take(run);
    } while (again);
  }

  function take(run: Run): void {
    const work = carryOut(parts, run)
      .catch((error: unknown) => parts.onFault(error, run))
      .finally(() => {
        inHand.delete(work);
        kick();
      });
    inHand.add(work);
  }

  function kick(): void {
    if (stopped) return;
    if (looking !== null) {
      again = true;
      return;
    }
    looking = look()
      .catch((error: unknown) => parts.onFault(error, NO_RUN))
      .finally(() => {
        looking = null;
        if (again) kick();
      });
  }

  async function idle(): Promise<void> {
    while (looking !== null || inHand.size > 0) {
      await Promise.all([looking, ...inHand]);
    }
  }

  return {
    kick,
    idle,
    async stop() {
      stopped = true;
      await idle();
    },
  };
}

/** Stands for "no run in particular" where the queue itself failed. */
const NO_RUN: Run = {
  incident: '-',
  step: '-',
  subject: '-',
  generation: 0,
  action: '-',
  input: {},
  actor: 'keyleak',
  notBefore: 0,
  state: 'pending',
  attempt: 0,
  epoch: 0,
  doubtful: false,
  createdAt: 0,
};

async function carryOut(parts: RunnerParts, run: Run): Promise<void> {
  parts.boundary(`run:claimed:${run.step}`);
  const subject = await parts.engine.view(run.incident);
  if (subject === null) return;
  const action = parts.actions.get(run.action);
  if (action === undefined) {
    await record(parts, run, { effect: 'read', maxAttempts: 1 }, unknownAction(run));
    return;
  }
  const seen = await attempt(parts, run, action, subject);
  parts.boundary(`run:acted:${run.step}`);
  if (seen instanceof RemoteError) {
    await record(parts, run, action, seen);
  } else {
    learn(parts.keys, seen);
    const again = 'again' in seen ? (seen.again ?? null) : null;
    const result = resultOf(
      run,
      again === null
        ? { state: 'done', notBefore: parts.clock.now() }
        : { state: 'pending', notBefore: again },
    );
    await parts.engine.apply(
      run.incident,
      result,
      (now, situation) => decideObserved(now, run, seen, situation),
      seen.type === 'matched' && seen.match.outcome === 'exact' ? seen.match.key.id : null,
    );
  }
  parts.boundary(`run:recorded:${run.step}`);
}

/** What an action read anyway is as good as a refresh of the cache. */
function learn(keys: KeyCache, seen: Observation): void {
  if ('listing' in seen) keys.offer(seen.listing);
  if (seen.type === 'status') keys.observe(seen.after);
}

async function attempt(
  parts: RunnerParts,
  run: Run,
  action: Action,
  subject: Case,
): Promise<Observation | RemoteError> {
  const timeout = new AbortController();
  const world: ActionWorld = {
    case: subject,
    run,
    provider: parts.providerFor(subject),
    chat: parts.chat,
    pager: parts.pager,
    fingerprint: parts.fingerprint,
    headAt: (count) => headAt(parts.store, run.incident, count),
    now: () => parts.clock.now(),
    pause: (ms) => new Promise((resolve) => void parts.alarm(ms, resolve)),
    signal: timeout.signal,
  };
  return new Promise((resolve) => {
    const cancel = parts.alarm(ATTEMPT_TIMEOUT_MS, () => {
      timeout.abort(new DOMException('timed out', 'TimeoutError'));
      resolve(timedOut(run));
    });
    void actOnce(action, world)
      .catch((error: unknown) => {
        // The log of the incident names the code only; whoever mends keyleak needs the error itself.
        if (!(error instanceof KeyleakError) && !timeout.signal.aborted) parts.onFault(error, run);
        return asRemoteError(error, run);
      })
      .then(resolve)
      .finally(cancel);
  });
}

async function actOnce(action: Action, world: ActionWorld): Promise<Observation> {
  const found = world.run.doubtful && action.find !== undefined ? await lookFirst(action.find, world) : null;
  return found ?? action.perform(world);
}

/** Where looking is refused, nobody will ever know: a second message is better than none. */
async function lookFirst(find: NonNullable<Action['find']>, world: ActionWorld): Promise<Observation | null> {
  try {
    return await find(world);
  } catch (error) {
    if (error instanceof RemoteError && error.outcome === 'refused') return null;
    throw error;
  }
}

async function headAt(store: Store, incident: string, count: number): Promise<string> {
  const entries: readonly LoggedEntry[] = (await store.load(incident)) ?? [];
  return entries[count - 1]?.entry.hash ?? '';
}

async function record(
  parts: RunnerParts,
  run: Run,
  action: Pick<Action, 'effect' | 'maxAttempts'> & Partial<Pick<Action, 'needs'>>,
  error: RemoteError,
): Promise<void> {
  const result = afterFailure(run, action, error, parts.clock.now());
  await parts.engine.apply(run.incident, resultOf(run, result), (subject, situation) =>
    decideFailed(subject, run, error, result, situation),
  );
}

function resultOf(run: Run, result: Pick<RunResult, 'state' | 'notBefore'>): RunResult {
  return { step: run.step, subject: run.subject, generation: run.generation, epoch: run.epoch, ...result };
}

/** Whatever an action throws, as a statement about its effect. A fault of our own is never repeated blindly. */
function asRemoteError(error: unknown, run: Run): RemoteError {
  if (error instanceof RemoteError) return error;
  if (error instanceof KeyleakError) {
    return new RemoteError(error.code, error.message, error.next, {
      outcome: 'refused',
      reason: error.code,
      cause: error,
    });
  }
  return new RemoteError(
    'KL_ACTION_FAULT',
    `keyleak itself failed in ${run.action}.`,
    'Do the step by its guide, and report the error from the log of the bot.',
    { outcome: 'refused', reason: 'fault', cause: error },
  );
}

/** An action that ignores its signal is not waited for: what it still does counts as unknown. */
function timedOut(run: Run): RemoteError {
  return new RemoteError(
    'KL_ATTEMPT_TIMEOUT',
    `No answer came within ${ATTEMPT_TIMEOUT_MS / 1000} seconds, so it is not known whether ${run.action} had its effect.`,
    'keyleak looks and tries again by itself; if it is urgent, do the step by its guide.',
    { outcome: 'unknown', reason: 'timeout' },
  );
}

function unknownAction(run: Run): RemoteError {
  return new RemoteError(
    'KL_ACTION_UNKNOWN',
    `This version of keyleak has no action ${run.action}.`,
    'Do the step by its guide.',
    {
      outcome: 'refused',
      reason: 'unknown action',
    },
  );
}

// Engine, runner and timekeeper over a real store in memory, on a clock that moves only when told.

import { onTestFinished } from 'vitest';
import type { Boundary } from '../../src/domain/clock.ts';
import type { Report } from '../../src/domain/decide-declare.ts';
import type { Entry } from '../../src/domain/entry.ts';
import { PLAIN_HOUSE } from '../../src/domain/house-rules.ts';
import type { Action, Store } from '../../src/domain/ports.ts';
import type { Run } from '../../src/domain/run.ts';
import { createEngine, type EngineCore } from '../../src/engine/engine.ts';
import { createKeyCache, type KeyCache } from '../../src/engine/key-cache.ts';
import { runbooks } from '../../src/engine/runbooks.ts';
import { createRunner, type Runner } from '../../src/engine/runner.ts';
import { openStore } from '../../src/store/store.ts';
import { parts } from '../store/batches.ts';
import { hintReport, person, shippedRunbook, T0 } from '../support/cases.ts';
import { seeded, type VirtualTime, virtualTime } from '../support/virtual-time.ts';

/** The only action of these incidents: one run for each reported key. */
export const IDENTIFY = 'anthropic/identify-key@1';

export interface Rig {
  readonly time: VirtualTime;
  readonly store: Store;
  readonly engine: EngineCore;
  readonly runner: Runner;
  readonly boundary: Boundary;
  readonly keys: KeyCache;
  /** What the runner called a fault of its own, with the step. */
  readonly faults: { readonly error: unknown; readonly step: string }[];
  declare(reports?: readonly Report[]): Promise<string>;
  log(incident?: string): Promise<readonly Entry[]>;
  run(): Promise<Run>;
}

/** `action` is what IDENTIFY does; without it this keyleak has no such action. */
export async function rig(
  action: (Pick<Action, 'perform'> & Partial<Action>) | null,
  boundary: Boundary = () => undefined,
): Promise<Rig> {
  const time = virtualTime(T0);
  const chance = seeded(2);
  const { clock, alarm } = time;
  const store = await openStore(parts({ clock, randomness: chance, boundary }));
  onTestFinished(() => store.close());
  const keys = createKeyCache();
  const engine = createEngine({
    store,
    runbooks: runbooks(new Map(), shippedRunbook()),
    rules: PLAIN_HOUSE,
    clock,
    randomness: chance,
    automated: (name) => name === IDENTIFY,
    keys,
    boundary,
  });
  const faults: { error: unknown; step: string }[] = [];
  const whole: Action | null =
    action === null ? null : { name: IDENTIFY, effect: 'read', needs: 'provider', maxAttempts: 3, ...action };
  const runner = createRunner({
    store,
    engine,
    actions: new Map(whole === null ? [] : [[IDENTIFY, whole]]),
    providerFor: () => null,
    chat: null,
    pager: null,
    keys,
    clock,
    alarm,
    fingerprint: '',
    boundary,
    onFault: (error, { step }) => faults.push({ error, step }),
  });
  return {
    time,
    store,
    engine,
    runner,
    boundary,
    keys,
    faults,
    async declare(reports = [hintReport()]) {
      const { case: subject } = await engine.declare({
        by: person('U0DECLARER', 'participant'),
        source: 'slash',
        team: 'T0ACME',
        enterprise: null,
        reports,
        where: '',
        declaredIn: null,
        delivery: null,
      });
      return subject?.incident.id ?? '';
    },
    log: async (incident = 'KL-1') => ((await store.load(incident)) ?? []).map(({ entry }) => entry),
    async run() {
      const [run] = await store.runs('KL-1');
      if (run === undefined) throw new Error('there is no run');
      return run;
    },
  };
}

/** A promise with its ends in hand. */
export function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

// Makes time matter: reads the wall clock every second, settles what fell due and sends the runner to look for work.
// Deadlines are rows, so a restart, a sleeping machine or a stepped clock loses none and fires none twice.

import type { Alarm, Boundary, Clock } from '../domain/clock.ts';
import type { Deadline, Store } from '../domain/ports.ts';
import type { EngineCore } from './engine.ts';
import type { Runner } from './runner.ts';

export interface TimekeeperParts {
  readonly store: Store;
  readonly engine: EngineCore;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly boundary: Boundary;
  readonly onFault: (error: unknown) => void;
}

export interface Timekeeper {
  start(): void;
  /** Settles everything that is due now, once. */
  tick(): Promise<void>;
  stop(): void;
}

const TICK_MS = 1_000;

export function createTimekeeper(parts: TimekeeperParts): Timekeeper {
  let cancel: (() => void) | null = null;

  async function tick(): Promise<void> {
    for (const deadline of await parts.store.due(parts.clock.now())) {
      // An incident that cannot be read keeps no other from its deadlines.
      await settle(deadline).catch(parts.onFault);
    }
    parts.runner.kick();
  }

  async function settle(deadline: Deadline): Promise<void> {
    parts.boundary('deadline:due');
    await parts.engine.expire(deadline);
    parts.boundary('deadline:settled');
  }

  function start(): void {
    cancel = parts.alarm(TICK_MS, () => {
      tick()
        .catch(parts.onFault)
        .finally(() => {
          if (cancel !== null) start();
        });
    });
  }

  return {
    start,
    tick,
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}

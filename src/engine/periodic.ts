// Work that is done again and again in the background, such as reading a list afresh; a failure waits for the next turn.

import type { Alarm } from '../domain/clock.ts';

export interface PeriodicParts {
  readonly alarm: Alarm;
  readonly everyMs: number;
  /** How long one turn may take before its signal aborts it. */
  readonly withinMs: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

export interface Periodic {
  /** Begins the first turn now. */
  start(): void;
  /** Resolves when no turn is under way. */
  idle(): Promise<void>;
  /** Aborts the turn under way, if any, and begins no other. */
  stop(): Promise<void>;
}

export function createPeriodic(parts: PeriodicParts): Periodic {
  let cancelNext = (): void => undefined;
  let turn: Promise<void> | null = null;
  let abort: AbortController | null = null;
  let stopped = true;

  async function run(): Promise<void> {
    const controller = new AbortController();
    abort = controller;
    const cancelTimeout = parts.alarm(parts.withinMs, () => controller.abort());
    try {
      await parts.work(controller.signal);
    } catch (error) {
      if (!stopped) parts.onFault(error);
    } finally {
      cancelTimeout();
      turn = null;
      if (!stopped) cancelNext = parts.alarm(parts.everyMs, begin);
    }
  }

  function begin(): void {
    turn = run();
  }

  return {
    start() {
      stopped = false;
      begin();
    },
    async idle() {
      await turn;
    },
    async stop() {
      stopped = true;
      cancelNext();
      abort?.abort();
      await turn;
    },
  };
}

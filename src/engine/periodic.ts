// Work that is done again and again in the background, such as reading a list afresh; after a failure sooner than else.

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

const SOON_MS = 5_000;

export function createPeriodic(parts: PeriodicParts): Periodic {
  let cancelNext = (): void => undefined;
  let turn: Promise<void> | null = null;
  let abort: AbortController | null = null;
  let stopped = true;
  let failures = 0;

  /** After a failure sooner, then ever later. */
  function pause(): number {
    return failures === 0 ? parts.everyMs : Math.min(parts.everyMs, SOON_MS * 2 ** (failures - 1));
  }

  async function run(): Promise<void> {
    const controller = new AbortController();
    abort = controller;
    const cancelTimeout = parts.alarm(parts.withinMs, () => controller.abort());
    try {
      await parts.work(controller.signal);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!stopped) parts.onFault(error);
    } finally {
      cancelTimeout();
      turn = null;
      if (!stopped) cancelNext = parts.alarm(pause(), begin);
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

// The machine as the bot takes it in production: the wall clock, real timers, real chance, the network.

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { World } from '../app.ts';
import type { Log } from '../log.ts';

/** setTimeout fires at once beyond this (2^31 - 1 ms); nothing here waits that long, the timekeeper ticks every second. */
const LONGEST_TIMER_MS = 2_147_483_647;

export function realWorld(parts: { log: Log; receiver: World['receiver'] }): World {
  return {
    clock: { now: () => Date.now() },
    alarm(ms, wake) {
      const timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
    randomness: { bytes: (count) => randomBytes(count) },
    fetch: (input, init) => fetch(input, init),
    boundary: () => undefined,
    ...parts,
  };
}

/** Files that ship with keyleak; the same from `src` and from `dist`. */
export const SHIPPED = {
  runbooks: fileURLToPath(new URL('../../runbooks', import.meta.url)),
  migrations: fileURLToPath(new URL('../../migrations', import.meta.url)),
} as const;

/** The runbook that new incidents get. */
export const RUNBOOK_ID = 'anthropic-api-key';

// Waits out a short pause that a provider asks for, inside one attempt: beginning the whole attempt anew would use up what
// the provider lets through on questions that were answered already.

import type { ActionWorld } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';

/** A longer pause is left to the next attempt. */
const LONGEST_PAUSE_MS = 2_000;
/** Pauses of one attempt together: what is left of it has to be enough for the requests themselves. */
const PATIENCE_MS = 5_000;

export type Patiently = <T>(call: () => Promise<T>) => Promise<T>;

/** One for each attempt. Throws what `call` throws, `rate_limited` only once its patience is used up. */
export function createPatience({ pause, signal }: Pick<ActionWorld, 'pause' | 'signal'>): Patiently {
  let left = PATIENCE_MS;
  return async (call) => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof RemoteError) || error.outcome !== 'rate_limited') throw error;
        const ms = error.retryAfterMs ?? LONGEST_PAUSE_MS;
        left -= ms;
        if (ms > LONGEST_PAUSE_MS || left < 0 || signal.aborted) throw error;
        await pause(ms);
      }
    }
  };
}

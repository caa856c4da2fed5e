// One reading of all keys serves everybody who asks for it: ten keys of an incident cost the provider one listing, not ten.

import type { Clock } from '../domain/clock.ts';
import type { KeyListing } from '../domain/key.ts';
import type { KeyProvider } from '../domain/ports.ts';
import { remoteErrorOf } from './anthropic-errors.ts';

/** A reading that takes longer may hang; whoever comes then begins one of their own. */
const JOINED_WITHIN_MS = 2_000;

interface Reading {
  readonly beganAt: number;
  readonly listing: Promise<KeyListing>;
  over: boolean;
  /** Who waits; a reading that all have left is given up. */
  readonly waiting: Set<AbortSignal>;
  readonly abort: AbortController;
}

/**
 * `provider` with a `list` that takes the last reading where it began no earlier than `since`, under way or over, and
 * begins one otherwise. A reading that fails fails for all who wait for it, and serves nobody afterwards.
 */
export function sharedListing(provider: KeyProvider, clock: Clock): KeyProvider {
  let last: Reading | null = null;

  function begin(): Reading {
    const abort = new AbortController();
    const reading: Reading = {
      beganAt: clock.now(),
      listing: provider.list(abort.signal),
      over: false,
      waiting: new Set(),
      abort,
    };
    reading.listing.then(
      () => {
        reading.over = true;
      },
      () => {
        if (last === reading) last = null;
      },
    );
    return reading;
  }

  function serves(reading: Reading, since: number): boolean {
    const age = clock.now() - reading.beganAt;
    // One that is over may have begun in the same millisecond and before what is looked for.
    if (reading.over) return reading.beganAt > since && age >= 0;
    return reading.beganAt >= since && age >= 0 && age <= JOINED_WITHIN_MS;
  }

  function wait(reading: Reading, signal: AbortSignal): Promise<KeyListing> {
    reading.waiting.add(signal);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reading.waiting.delete(signal);
        if (reading.waiting.size === 0) reading.abort.abort(signal.reason);
        reject(remoteErrorOf(signal.reason, signal, clock.now()));
      };
      signal.addEventListener('abort', leave);
      reading.listing.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  return {
    ...provider,
    async list(signal, since = clock.now()) {
      if (signal.aborted) throw remoteErrorOf(signal.reason, signal, clock.now());
      last = last !== null && serves(last, since) ? last : begin();
      return wait(last, signal);
    },
  };
}

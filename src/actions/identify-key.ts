// Finds the reported key in a fresh and complete listing. Only an exact match names a key; all else is for a person.

import { keyState } from '../domain/incident.ts';
import { matchKeys } from '../domain/match-keys.ts';
import type { Action } from '../domain/ports.ts';
import { MAX_ATTEMPTS } from '../domain/run.ts';
import { providerOf } from './provider-of.ts';

/**
 * Observes `matched`: the listing, and which of its keys fit what was reported as the run's subject.
 * Throws the provider's RemoteError when the listing could not be read to its end.
 */
export const identifyKey: Action = {
  name: 'anthropic/identify-key@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: MAX_ATTEMPTS,
  async perform(world) {
    const query = keyState(world.case.incident, world.run.subject)?.query ?? { shape: 'none' };
    const listing = await providerOf(world).list(world.signal, world.run.createdAt);
    return { type: 'matched', listing, match: matchKeys(query, listing) };
  },
};

// Pins the card, so that it is found on a phone with one touch.

import type { Action } from '../domain/ports.ts';
import { cardOf, chatOf } from './room.ts';

/** Observes nothing worth an entry: pinning twice is pinning once. */
export const pinCard: Action = {
  name: 'slack/pin-card@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    await chatOf(world).pin(cardOf(world), world.signal);
    return { type: 'done' };
  },
};

// Posts the card, once. From then on the board edits it in place.

import type { Action } from '../domain/ports.ts';
import { findPosted, postOnce } from './room.ts';

/** Observes `card`. */
export const postCard: Action = {
  name: 'slack/post-card@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    return { type: 'card', ...(await postOnce(world, { type: 'card', case: world.case })) };
  },
  async find(world) {
    const found = await findPosted(world);
    return found === null ? null : { type: 'card', ...found };
  },
};

// Says in the room, once for each key that keyleak deactivated, who may bring it back and how.

import { keyState } from '../domain/incident.ts';
import type { Action } from '../domain/ports.ts';
import { findPosted, posted, postOnce } from './room.ts';

/** Observes `posted`. */
export const postUndo: Action = {
  name: 'slack/post-undo@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const key = keyState(world.case.incident, world.run.subject);
    if (key?.dead == null) return { type: 'done' };
    return posted('undo', await postOnce(world, { type: 'undo', case: world.case, key: key.subject }));
  },
  async find(world) {
    const found = await findPosted(world);
    return found === null ? null : posted('undo', found);
  },
};

// Says in the room, once, that a deadline was missed and what is open.

import type { Action } from '../domain/ports.ts';
import { runSubject } from '../domain/run.ts';
import { findPosted, posted, postOnce } from './room.ts';

/** Observes `posted`. */
export const postMissed: Action = {
  name: 'slack/post-missed@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const phase = String(world.run.input.phase ?? '');
    const key = runSubject(world.run);
    return posted('missed', await postOnce(world, { type: 'missed', case: world.case, phase, key }));
  },
  async find(world) {
    const found = await findPosted(world);
    return found === null ? null : posted('missed', found);
  },
};

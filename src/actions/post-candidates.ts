// Offers by name the keys that the words could mean, once for each search.

import { keyState } from '../domain/incident.ts';
import type { Action } from '../domain/ports.ts';
import { findPosted, posted, postOnce } from './room.ts';

/** Observes `posted`; nothing when the key was named meanwhile. */
export const postCandidates: Action = {
  name: 'slack/post-candidates@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const key = keyState(world.case.incident, world.run.subject);
    if (key === null || key.candidates === null) return { type: 'done' };
    return posted(
      'candidates',
      await postOnce(world, { type: 'candidates', case: world.case, key: key.subject }),
    );
  },
  async find(world) {
    const found = await findPosted(world);
    return found === null ? null : posted('candidates', found);
  },
};

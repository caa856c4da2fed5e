// Calls the responders by name in a thread: nobody is told of a thread that he is not named in.

import type { Action } from '../domain/ports.ts';
import { findPosted, posted, postOnce } from './room.ts';

/** Observes `posted`. `people` of its input are Slack user ids, parted by spaces. */
export const callPeople: Action = {
  name: 'slack/call-people@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const people = String(world.run.input.people ?? '').split(' ');
    return posted('call', await postOnce(world, { type: 'call', case: world.case, people }));
  },
  async find(world) {
    const found = await findPosted(world);
    return found === null ? null : posted('call', found);
  },
};

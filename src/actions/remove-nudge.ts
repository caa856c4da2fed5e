// Takes a reminder out of the room when the next one, or the end of what it was about, makes it stale.

import type { Action } from '../domain/ports.ts';
import { chatOf } from './room.ts';

/** Observes `removed`. */
export const removeNudge: Action = {
  name: 'slack/remove-nudge@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const channel = String(world.run.input.channel);
    const ts = String(world.run.input.ts);
    await chatOf(world).remove({ channel, ts }, world.signal);
    return { type: 'removed', purpose: 'nudge', channel, ts };
  },
};

// Calls the responders into the room.

import type { Action } from '../domain/ports.ts';
import { chatOf, roomOf } from './room.ts';

/** Observes `invited`. Who is in already counts as invited. */
export const invitePeople: Action = {
  name: 'slack/invite-people@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const chat = chatOf(world);
    const users = await chat.responders(world.signal);
    return { type: 'invited', ...(await chat.invite(roomOf(world), users, world.signal)) };
  },
};

// Calls the responders into the room, and looks again for a while: who is one may become known only later.

import type { Action } from '../domain/ports.ts';
import { chatOf, roomOf } from './room.ts';

const PAUSE_MS = 30_000;
const LOOKS = 20;

/** Observes `invited`; on later looks only where somebody is new. Who is in already counts as invited. */
export const invitePeople: Action = {
  name: 'slack/invite-people@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const chat = chatOf(world);
    const { invited: known, status } = world.case.incident;
    const { attempt } = world.run;
    const again = status === 'closed' || attempt >= LOOKS ? null : world.now() + PAUSE_MS;
    const responders = await chat.responders(world.signal);
    const users = attempt === 1 ? responders : responders.filter((user) => !known.includes(user));
    if (users.length === 0) return { type: 'done', again };
    return { type: 'invited', ...(await chat.invite(roomOf(world), users, world.signal)), again };
  },
};

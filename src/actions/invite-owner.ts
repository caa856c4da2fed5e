// Calls the owner of the key into the room: nobody knows better what stops when it dies.

import { keyState } from '../domain/incident.ts';
import type { Action } from '../domain/ports.ts';
import { chatOf, roomOf } from './room.ts';

/** Observes `invited`; nothing when the owner is not in Slack or the room is no channel of its own. */
export const inviteOwner: Action = {
  name: 'slack/invite-owner@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const owner = keyState(world.case.incident, world.run.subject)?.owner?.slack_user ?? null;
    // A thread's channel is the security team's own: it has other incidents in it.
    if (owner === null || world.case.incident.room?.place === 'thread') return { type: 'done' };
    return { type: 'invited', ...(await chatOf(world).invite(roomOf(world), [owner], world.signal)) };
  },
};

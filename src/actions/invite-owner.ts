// Calls the owner of the key into the room: nobody knows better what stops when it dies.

import { keyState } from '../domain/incident.ts';
import type { Action } from '../domain/ports.ts';
import { chatOf, roomOf } from './room.ts';

/** Observes `invited`; nothing when the owner is not in Slack. */
export const inviteOwner: Action = {
  name: 'slack/invite-owner@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const owner = keyState(world.case.incident, world.run.subject)?.owner?.slack_user ?? null;
    if (owner === null) return { type: 'done' };
    return { type: 'invited', ...(await chatOf(world).invite(roomOf(world), [owner], world.signal)) };
  },
};

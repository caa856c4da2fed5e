// Tells the managers directly, outside the room: a deadline passed, somebody used the command line, or the
// room is lost.

import type { Room, TellReason } from '../domain/entry.ts';
import type { Action, ActionWorld } from '../domain/ports.ts';
import { chatOf, markerOf, posted, SKEW_MS } from './room.ts';

/** Observes `posted`; `done` where no managers are configured or what it is about has ended. */
export const tellManagers: Action = {
  name: 'slack/tell-managers@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const room = await managersRoom(world);
    if (room === null) return { type: 'done' };
    const { reason, phase } = world.run.input;
    const { ts } = await chatOf(world).post(
      room,
      {
        type: 'managers',
        case: world.case,
        reason: reason as TellReason,
        phase: typeof phase === 'string' ? phase : null,
      },
      markerOf(world),
      world.signal,
    );
    return posted('managers', { channel: room.channel, ts });
  },
  async find(world) {
    const room = await managersRoom(world);
    if (room === null) return null;
    const since = world.run.createdAt - SKEW_MS;
    const found = await chatOf(world).findPost(room, markerOf(world), since, world.signal);
    return found === null ? null : posted('managers', { channel: room.channel, ts: found.ts });
  },
};

async function managersRoom(world: ActionWorld): Promise<Room | null> {
  const chat = chatOf(world);
  const managers = await chat.managers(world.signal);
  return managers.length === 0 ? null : chat.openDirect(managers, world.signal);
}

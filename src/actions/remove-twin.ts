// A message whose answer was lost is looked for before it is posted again. Should Slack deliver it later still, there are
// two: this finds the second one long afterwards and takes it out.

import type { Room } from '../domain/entry.ts';
import type { Action, ActionWorld } from '../domain/ports.ts';
import { chatOf, SKEW_MS } from './room.ts';

/** Observes `removed`, or `done` where the message has no twin. */
export const removeTwin: Action = {
  name: 'slack/remove-twin@1',
  effect: 'idempotent',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const channel = String(world.run.input.channel);
    const kept = String(world.run.input.ts);
    const since = Number(world.run.input.since) - SKEW_MS;
    const marker = `${world.case.incident.uid}:${String(world.run.input.run)}`;
    const twin = await chatOf(world).findPost(placeOf(world, channel), marker, since, world.signal, kept);
    if (twin === null) return { type: 'done' };
    await chatOf(world).remove({ channel, ts: twin.ts }, world.signal);
    return { type: 'removed', purpose: 'twin', channel, ts: twin.ts };
  },
};

/** The incident's room, in its thread where it is one, or a conversation beside it. */
function placeOf({ case: { incident } }: ActionWorld, channel: string): Room {
  if (incident.room?.channel === channel) return incident.room;
  return { place: 'direct', channel, thread: null, name: channel };
}

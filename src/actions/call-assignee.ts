// Brings somebody into the room whom a step was given, and tells them so in one new message: an edit of the card wakes nobody.

import type { Room } from '../domain/entry.ts';
import { stepState } from '../domain/incident.ts';
import type { Action, ActionWorld, ChatMessage, Observation } from '../domain/ports.ts';
import { isSettled } from '../domain/progress.ts';
import { runSubject } from '../domain/run.ts';
import { chatOf, markerOf, noRoomYet, SKEW_MS } from './room.ts';

/** Observes `called`; `done` where the step is settled or somebody else's by now. */
export const callAssignee: Action = {
  name: 'slack/call-assignee@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const { incident } = world.case;
    const task = taskOf(world);
    const state = stepState(incident, task.step, task.key);
    if (incident.status === 'closed' || isSettled(state) || state.assignee !== task.assignee)
      return { type: 'done' };
    const place = await placeFor(world, task.assignee);
    const came = await bring(world, place, task.assignee);
    const message: ChatMessage = {
      type: 'assigned',
      case: world.case,
      ...task,
      place: place.name,
      refused: came.refused[0]?.why ?? null,
    };
    const { ts } = await chatOf(world).post(place.room, message, markerOf(world), world.signal);
    return called(place, came, ts);
  },
  async find(world) {
    if (world.case.incident.card === null) return null;
    const { assignee } = taskOf(world);
    const place = await placeFor(world, assignee);
    const since = world.run.createdAt - SKEW_MS;
    const found = await chatOf(world).findPost(place.room, markerOf(world), since, world.signal);
    return found === null ? null : called(place, await bring(world, place, assignee), found.ts);
  },
};

function taskOf({ run }: ActionWorld): { step: string; key: string | null; assignee: string; by: string } {
  const { step, assignee, by } = run.input;
  return { step: String(step), key: runSubject(run), assignee: String(assignee), by: String(by) };
}

interface Place {
  readonly name: 'room' | 'direct';
  readonly room: Room;
}

/**
 * In the room, where they can be: a channel of its own takes anybody, the channel of a thread has the responders in it.
 * Whoever cannot be in the room is told directly.
 */
async function placeFor(world: ActionWorld, user: string): Promise<Place> {
  const { room, card } = world.case.incident;
  if (room === null || card === null) throw noRoomYet();
  const chat = chatOf(world);
  const isIn =
    room.place === 'channel' ||
    (room.place === 'thread' && (await chat.responders(world.signal)).includes(user));
  return isIn
    ? { name: 'room', room }
    : { name: 'direct', room: await chat.openDirect([user], world.signal) };
}

type Came = Pick<Extract<Observation, { type: 'called' }>, 'invited' | 'refused'>;

async function bring(world: ActionWorld, { room }: Place, user: string): Promise<Came> {
  if (room.place !== 'channel') return { invited: [], refused: [] };
  return chatOf(world).invite(room, [user], world.signal);
}

function called({ room }: Place, came: Came, ts: string): Observation {
  return { type: 'called', ...came, channel: room.channel, ts };
}

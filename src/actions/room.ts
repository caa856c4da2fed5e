// What every action in an incident's room starts from: a chat, a room, a marker.

import type { Room } from '../domain/entry.ts';
import type { ActionWorld, Chat, ChatMessage, Observation } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { runName } from '../domain/run.ts';

/** Throws KL_CHAT_MISSING, refused. */
export function chatOf({ chat }: ActionWorld): Chat {
  if (chat !== null) return chat;
  throw new RemoteError(
    'KL_CHAT_MISSING',
    'Slack is not connected here, so this was not done in Slack.',
    'The log has the incident; read it with keyleak show.',
    { outcome: 'refused', reason: 'no chat' },
  );
}

/** Throws KL_ROOM_MISSING, refused: the room comes first. */
export function roomOf(world: ActionWorld): Room {
  const { room } = world.case.incident;
  if (room !== null) return room;
  throw new RemoteError(
    'KL_ROOM_MISSING',
    'The incident has no room in Slack yet, so this was not posted.',
    'The log has the incident; read it with keyleak show.',
    { outcome: 'refused', reason: 'no room' },
  );
}

/** For what waits until there is a room. */
export function noRoomYet(): RemoteError {
  return new RemoteError(
    'KL_ROOM_MISSING',
    'The incident has no room in Slack yet, so this was not posted.',
    'The log has the incident; read it with keyleak show.',
    { outcome: 'not_sent', reason: 'no room' },
  );
}

export function cardOf(world: ActionWorld): { channel: string; ts: string } {
  const { card } = world.case.incident;
  if (card !== null) return card;
  throw new RemoteError(
    'KL_ROOM_MISSING',
    'The incident has no card in Slack yet, so this was not done.',
    'The log has the incident; read it with keyleak show.',
    { outcome: 'refused', reason: 'no card' },
  );
}

/** Unique over all databases: the incident's random uid and the run's name. */
export function markerOf({ case: subject, run }: ActionWorld): string {
  return `${subject.incident.uid}:${runName(run)}`;
}

/** Slack's clock and ours may differ; a post is looked for from this much before its run was made. */
export const SKEW_MS = 10 * 60_000;

export async function postOnce(
  world: ActionWorld,
  message: ChatMessage,
): Promise<{ channel: string; ts: string }> {
  const room = roomOf(world);
  const { ts } = await chatOf(world).post(room, message, markerOf(world), world.signal);
  return { channel: room.channel, ts };
}

/** The post of an earlier attempt, or null. */
export async function findPosted(world: ActionWorld): Promise<{ channel: string; ts: string } | null> {
  const room = roomOf(world);
  const found = await chatOf(world).findPost(
    room,
    markerOf(world),
    world.run.createdAt - SKEW_MS,
    world.signal,
  );
  return found === null ? null : { channel: room.channel, ts: found.ts };
}

export function posted(
  purpose: string,
  at: { channel: string; ts: string },
  witness: { count: number; head: string } | null = null,
): Observation {
  return { type: 'posted', purpose, ...at, witness };
}

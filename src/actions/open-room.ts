// Gives an incident its room: a private channel; where Slack forbids that, a thread in the fallback channel; else direct
// messages. Exactly one room comes of it, whatever the network does.

import type { Room } from '../domain/entry.ts';
import type { Action, ActionWorld, Chat, Observation } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { channelName } from './codename.ts';
import { chatOf } from './room.ts';

/** Names that somebody else may have before keyleak gives up on a channel of its own. */
const NAMES = 5;

/** Observes `room`. After doubt it adopts a channel that keyleak itself made under one of the incident's names. */
export const openRoom: Action = {
  name: 'slack/open-room@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const chat = chatOf(world);
    const { incident } = world.case;
    const purpose = `${incident.id}: a key has leaked. Opened by keyleak; the pinned card says what to do.`;
    for (let attempt = 0; attempt < NAMES; attempt += 1) {
      try {
        return seen(await chat.openChannel(channelName(incident, attempt), purpose, world.signal));
      } catch (error) {
        if (!(error instanceof RemoteError) || error.outcome !== 'refused' || error.code === 'KL_SLACK_TOKEN')
          throw error;
        if (error.reason !== 'name_taken') return seen(await elsewhere(world, chat, error));
      }
    }
    throw nameTaken();
  },
  async find(world) {
    const chat = chatOf(world);
    for (let attempt = 0; attempt < NAMES; attempt += 1) {
      const found = await chat.findChannel(channelName(world.case.incident, attempt), world.signal);
      if (found !== null) return seen(found);
    }
    return null;
  },
};

async function elsewhere(world: ActionWorld, chat: Chat, refusal: RemoteError): Promise<Room> {
  const fallback = await chat.fallbackChannel(world.signal);
  if (fallback !== null) return { place: 'thread', channel: fallback, thread: null, name: null };
  const people = await directPeople(world, chat);
  if (people.length === 0) throw refusal;
  return chat.openDirect(people, world.signal);
}

/** Responders first: the declarer is told by the answer to the command. */
async function directPeople(world: ActionWorld, chat: Chat): Promise<readonly string[]> {
  const responders = await chat.responders(world.signal);
  const { declaredBy } = world.case.incident;
  const own = responders.includes(declaredBy) ? [declaredBy] : [];
  return [...new Set([...own, ...responders])].slice(0, 7);
}

function seen(room: Room): Observation {
  return { type: 'room', room };
}

function nameTaken(): RemoteError {
  return new RemoteError(
    'KL_SLACK_NAMES_TAKEN',
    'Every name that keyleak tried for the incident’s channel is taken.',
    'Work from the answer to /keyleak and in the Console; rename the old channels whose names begin with kl-.',
    { outcome: 'refused', reason: 'name_taken' },
  );
}

// Puts length and head of the log where keyleak cannot change them any more: into the room, at opening and containment.

import type { Action, ActionWorld } from '../domain/ports.ts';
import { findPosted, posted, postOnce } from './room.ts';

/** Observes `posted` with the witness. It speaks of the entry that caused it, so every attempt says the same. */
export const postWitness: Action = {
  name: 'slack/post-witness@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const witness = await witnessOf(world);
    const occasion = String(world.run.input.occasion ?? 'opening');
    const { fingerprint } = world;
    const at = await postOnce(world, {
      type: 'witness',
      case: world.case,
      occasion,
      ...witness,
      fingerprint,
    });
    return posted('witness', at, witness);
  },
  async find(world) {
    const found = await findPosted(world);
    return found === null ? null : posted('witness', found, await witnessOf(world));
  },
};

async function witnessOf(world: ActionWorld): Promise<{ count: number; head: string }> {
  const count = world.run.generation;
  return { count, head: await world.headAt(count) };
}

// The right to open one view: given with every interaction, good once and for three seconds.

import { refuse } from './wire.ts';
import type { World } from './world.ts';

export const TRIGGER_MS = 3_000;

export function giveTrigger(world: World, user: string): string {
  const id = `${world.id('')}.${world.team.id}.${world.secret()}`;
  world.triggers.set(id, { user, at: world.clock.now(), used: false });
  return id;
}

/** Takes the right away and says whose screen it was for. Refuses what is unknown, used or too late. */
export function takeTrigger(world: World, id: string): string {
  const trigger = world.triggers.get(id) ?? refuse('invalid_trigger_id');
  if (trigger.used) return refuse('exchanged_trigger_id');
  if (world.clock.now() - trigger.at > TRIGGER_MS) return refuse('expired_trigger_id');
  trigger.used = true;
  return trigger.user;
}

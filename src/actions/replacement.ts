// The key that takes the leaked one's place: looked for again and again, and confirmed when a person says so.

import { keyState, stepState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import type { Action, ActionWorld, Observation } from '../domain/ports.ts';
import { isSettled, REPLACE_STEP } from '../domain/progress.ts';
import { replacementWarnings, sameWorkspace, successorsOf } from '../domain/replacement.ts';
import { MAX_ATTEMPTS } from '../domain/run.ts';
import { confirmedKey, providerOf } from './provider-of.ts';

const SOON_MS = 15_000;
const LATER_MS = 60_000;
/** How often it looks at the shorter distance, and in all: five minutes, then until about an hour is over. */
const SOON_LOOKS = 20;
const LOOKS = 75;

/** Observes `successors`: keys of the same workspace made since the declaration. Ends when the step is settled. */
export const watchReplacement: Action = {
  name: 'anthropic/watch-replacement@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const { incident } = world.case;
    const over =
      incident.status === 'closed' || isSettled(stepState(incident, REPLACE_STEP, world.run.subject));
    if (over) return { type: 'done' };
    const leaked = confirmedKey(world);
    const { listing, all } = await look(world, world.now() - SOON_MS / 3);
    const { attempt } = world.run;
    // Keys of other workspaces are nobody's business here, unless a person who pressed was offered one.
    const offered = keyState(incident, world.run.subject)?.successors.map(({ id }) => id) ?? [];
    return {
      type: 'successors',
      listing,
      found: all.filter((key) => sameWorkspace(key, leaked) || offered.includes(key.id)),
      again: attempt >= LOOKS ? null : world.now() + (attempt < SOON_LOOKS ? SOON_MS : LATER_MS),
    };
  },
};

/**
 * Observes `replacement`: the key that `input.choice` names, else the only new one of the workspace, in a fresh listing.
 * Observes `no_replacement` where no such key, or no single one, is there.
 */
export const confirmReplacement: Action = {
  name: 'anthropic/confirm-replacement@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: MAX_ATTEMPTS,
  async perform(world) {
    const leaked = confirmedKey(world);
    const { listing, all } = await look(world, world.run.createdAt);
    const confirmed = (key: KeyFacts): Observation => ({
      type: 'replacement',
      listing,
      key,
      warnings: replacementWarnings(leaked, key),
    });
    const { choice } = world.run.input;
    if (typeof choice === 'string') {
      const chosen = all.find(({ id }) => id === choice);
      return chosen === undefined
        ? { type: 'no_replacement', why: 'gone', listing, found: all }
        : confirmed(chosen);
    }
    const here = all.filter((key) => sameWorkspace(key, leaked));
    const [only, ...others] = here;
    if (only !== undefined && others.length === 0) return confirmed(only);
    if (only !== undefined) return { type: 'no_replacement', why: 'several', listing, found: here };
    return {
      type: 'no_replacement',
      why: all.length === 0 ? 'none' : 'elsewhere',
      listing,
      found: all,
    };
  },
};

/** A listing from `since` on, and of it the active keys made since the declaration that nothing else claims. */
async function look(world: ActionWorld, since: number) {
  const { incident } = world.case;
  const listing = await providerOf(world).list(world.signal, since);
  const taken = incident.keys.flatMap((key) => [
    ...(key.facts === null ? [] : [key.facts.id]),
    ...(key.replacement === null || key.subject === world.run.subject ? [] : [key.replacement.id]),
  ]);
  return { listing, all: successorsOf(listing.keys, taken, incident.declaredAt) };
}

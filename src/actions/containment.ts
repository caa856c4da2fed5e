// Whether a dead key is still used, and its replacement is: by the provider's figures, as far as they reach.

import { type Incident, keyState, stepState } from '../domain/incident.ts';
import type { Action, ActionWorld, Observation } from '../domain/ports.ts';
import { isSettled, REPLACE_STEP, VERIFY_STEP } from '../domain/progress.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { MAX_ATTEMPTS } from '../domain/run.ts';
import { requestsAfter, type UsageQuery, type UsageReport } from '../domain/usage.ts';
import { confirmedKey, providerOf } from './provider-of.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Minutes are told for one day only; what is later, by the hour. */
const DAY_MS = 24 * HOUR_MS;
/** Figures that reach this far beyond the death of a key, in whole minutes, can tell whether it is used. */
const PROOF_MS = 2 * MINUTE_MS;
const LOOKS = 30;

/**
 * Observes `containment` until the figures tell that the key is dead and its replacement, if there will be one, is used;
 * every minute at first, then every five.
 */
export const watchContainment: Action = {
  name: 'anthropic/watch-containment@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const { incident } = world.case;
    if (incident.status === 'closed') return { type: 'done' };
    const checked = await check(world);
    const unused = checked.covered && checked.requests === 0 && !checked.uncounted;
    const settled = isSettled(stepState(incident, VERIFY_STEP, world.run.subject));
    const told = (unused || (settled && checked.covered)) && isReplaced(incident, world.run.subject, checked);
    const { attempt } = world.run;
    const again = told || attempt >= LOOKS ? null : world.now() + (attempt < 10 ? 1 : 5) * MINUTE_MS;
    return { type: 'containment', checked, again };
  },
};

/** True once the replacement was used, or where none is to come. */
function isReplaced(incident: Incident, key: string, { replacement }: Checked): boolean {
  if (replacement !== null) return replacement.first_at !== null || replacement.requests > 0;
  return keyState(incident, key)?.replacement == null && isSettled(stepState(incident, REPLACE_STEP, key));
}

/** The same look once, for a person who asks. Throws KL_KEY_NOT_DEAD, refused. */
export const checkContainment: Action = {
  name: 'anthropic/check-containment@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: MAX_ATTEMPTS,
  perform: async (world) => ({ type: 'containment', checked: await check(world), again: null }),
};

type Checked = Extract<Observation, { type: 'containment' }>['checked'];

async function check(world: ActionWorld): Promise<Checked> {
  const { id } = confirmedKey(world);
  const key = keyState(world.case.incident, world.run.subject);
  if (key?.dead == null) throw notDead();
  const since = key.dead.at;
  const made = Date.parse(key.replacement?.created_at ?? '');
  const start = Number.isNaN(made) ? since : Math.min(since, made);
  const ids = [id, ...(key.replacement === null ? [] : [key.replacement.id])];
  const reports = await usageSince(world, ids, start - MINUTE_MS);
  const old = together(reports, id, since);
  const fresh = key.replacement === null ? null : together(reports, key.replacement.id, start - MINUTE_MS);
  const refreshedAt = reports.at(-1)?.refreshedAt ?? null;
  return {
    dead_since: new Date(since).toISOString(),
    refreshed_at: iso(refreshedAt),
    covered: refreshedAt !== null && refreshedAt >= since + PROOF_MS,
    requests: old.requests,
    uncounted: old.uncounted,
    first_at: iso(old.firstAt),
    last_at: iso(old.lastAt),
    replacement:
      key.replacement === null || fresh === null
        ? null
        : { id: key.replacement.id, requests: fresh.requests, first_at: iso(fresh.firstAt) },
  };
}

/** By the minute for the first day, and from there on by whole hours until now. */
async function usageSince(
  world: ActionWorld,
  keys: readonly string[],
  startingAt: number,
): Promise<UsageReport[]> {
  const now = world.now();
  const provider = providerOf(world);
  const turn = Math.floor((startingAt + DAY_MS) / HOUR_MS) * HOUR_MS;
  const parts: Pick<UsageQuery, 'startingAt' | 'endingAt' | 'bucket'>[] =
    now <= turn
      ? [{ startingAt, endingAt: now, bucket: '1m' }]
      : [
          { startingAt, endingAt: turn, bucket: '1m' },
          { startingAt: turn, endingAt: now, bucket: '1h' },
        ];
  const reports: UsageReport[] = [];
  for (const part of parts)
    reports.push(await provider.usage({ ...part, keys, groupBy: ['key'] }, world.signal));
  return reports;
}

/** Use of one key after a moment, over reports that follow each other. */
function together(reports: readonly UsageReport[], key: string, moment: number) {
  const each = reports.map((report) => requestsAfter(report, key, moment));
  return {
    requests: each.reduce((sum, one) => sum + one.requests, 0),
    uncounted: each.some((one) => one.uncounted),
    firstAt: each.find((one) => one.firstAt !== null)?.firstAt ?? null,
    lastAt: each.findLast((one) => one.lastAt !== null)?.lastAt ?? null,
  };
}

function notDead(): RemoteError {
  return new RemoteError(
    'KL_KEY_NOT_DEAD',
    'The provider never said that this key is dead, so there is no moment to count its use from.',
    'Deactivate it, or follow the guide and press Mark done.',
    { outcome: 'refused', reason: 'not dead' },
  );
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

// The bot dies by SIGKILL at every named boundary once: each is a place between two durable facts.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHORES } from '../../src/domain/chores.ts';
import { shippedRunbook } from '../support/cases.ts';
import { openOrdeal, rest } from './ordeal.ts';

/** Once nothing is left to do at once, deadlines and reminders are leapt to. */
const LEAP_MS = 3 * 60_000;

const SOURCES = ['engine/engine', 'engine/joining', 'engine/timekeeper', 'store/queue'];

/** Those outside of runs, as the source names them; and three of every run. */
function boundaries(): readonly string[] {
  const named = SOURCES.flatMap((file) => {
    const text = readFileSync(new URL(`../../src/${file}.ts`, import.meta.url), 'utf8');
    return [...text.matchAll(/boundary\('([a-z:-]+)'\)/g)].map(([, name]) => name ?? '');
  });
  const steps = shippedRunbook().phases.flatMap(({ steps: all }) => all);
  const automated = steps.filter(({ uses }) => uses !== undefined).map(({ id }) => id);
  const runs = [...CHORES, ...automated].flatMap((step) =>
    ['claimed', 'acted', 'recorded'].map((moment) => `run:${moment}:${step}`),
  );
  return [...named, ...runs];
}

test('a bot that dies at every boundary once loses nothing and does nothing twice', {
  timeout: 900_000,
}, async () => {
  const left = new Set(boundaries());
  expect(left.size).toBeGreaterThanOrEqual(60);
  // A process that dies over one run may take the moment of another with it, so what is left is tried again.
  for (const channelCreation of ['allowed', 'restricted', 'allowed', 'restricted'] as const) {
    if (left.size === 0) break;
    const ordeal = await openOrdeal({ policy: { channelCreation } });
    for (let quiet = 0; quiet < 5 && left.size > 0; ) {
      const died = await ordeal.live({ DIE_AT: [...left].join() }, quiet === 0 ? undefined : LEAP_MS);
      if (died === null) quiet += 1;
      else left.delete(died);
    }
    await rest(ordeal);
  }
  expect([...left], 'boundaries that were never reached').toEqual([]);
});

// Tells stories of many seeds and checks each. A failure names its seed and prints its trace; to replay one:
// SEED=17 npx vitest run --project slow test/simulation

import { expect, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { tell } from './story.ts';

/** Seeds `first` to `last`, or the one in SEED. */
export function runSeeds(first: number, last: number): void {
  const only = process.env.SEED === undefined ? null : Number(process.env.SEED);
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (seed) => only === null || seed === only,
  );
  test(`seeds ${first} to ${last} keep every promise`, { timeout: 600_000 }, async () => {
    let crashes = 0;
    for (const seed of seeds) {
      const told = await tell(seed);
      try {
        await checkInvariants(told);
      } catch (error) {
        throw new Error(`seed ${seed}:\n${told.trace.join('\n')}\n${String(error)}`, { cause: error });
      } finally {
        await told.workspace.close();
      }
      crashes += told.crashes;
    }
    if (only === null) expect(crashes, 'the bot crashed in many of them').toBeGreaterThan(seeds.length / 4);
  });
}

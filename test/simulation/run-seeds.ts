// Tells the stories of many seeds and checks each. A failure prints its trace, the fewest moves that still fail, and the
// command that tells it again.

import { expect, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { type Plot, tell } from './story.ts';

/** SEED and MOVES tell one story, or its beginning. */
const ONLY = process.env.SEED === undefined ? null : Number(process.env.SEED);
const MOVES = process.env.MOVES === undefined ? {} : { moves: Number(process.env.MOVES) };

interface Ending {
  readonly incidents: number;
  readonly crashes: number;
  readonly moves: number;
  /** Null where every promise was kept. */
  readonly failure: { readonly error: unknown; readonly trace: readonly string[] } | null;
}

export async function endingOf(plot: Plot): Promise<Ending> {
  const told = await tell(plot);
  const { crashes, moves, trace } = told;
  try {
    return { crashes, moves, incidents: await checkInvariants(told), failure: null };
  } catch (error) {
    return { crashes, moves, incidents: 0, failure: { error, trace } };
  } finally {
    await told.workspace.close();
  }
}

/** The same story with as few moves as still fail. */
export async function shortest(plot: Plot, whole: Ending): Promise<Ending> {
  for (let moves = 1; moves < whole.moves; moves += 1) {
    const ending = await endingOf({ ...plot, moves });
    if (ending.failure !== null) return ending;
  }
  return whole;
}

export function report(file: string, { seed }: Plot, { moves, failure }: Ending): Error {
  const again = `SEED=${seed} MOVES=${moves} npx vitest run --mode whole ${file}`;
  const story = failure?.trace.join('\n') ?? '';
  return new Error(`seed ${seed}, ${moves} moves:\n${story}\n${String(failure?.error)}\nagain: ${again}`, {
    cause: failure?.error,
  });
}

/** Seeds `first` to `last`, which have `incidents` or more between them. `file` tells them again. */
export function runSeeds(parts: {
  first: number;
  last: number;
  incidents: number;
  file: string;
  short?: boolean;
}): void {
  const { first, last, short = false } = parts;
  const seeds =
    ONLY === null ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : [ONLY];
  test(`seeds ${first} to ${last} keep every promise`, { timeout: 1_200_000 }, async () => {
    let crashes = 0;
    let incidents = 0;
    for (const seed of seeds) {
      const plot = { seed, short, ...MOVES };
      const ending = await endingOf(plot);
      if (ending.failure !== null) throw report(parts.file, plot, await shortest(plot, ending));
      crashes += ending.crashes;
      incidents += ending.incidents;
    }
    process.stderr.write(`${incidents} incidents, ${crashes} crashes\n`);
    if (ONLY !== null) return;
    expect(incidents).toBeGreaterThanOrEqual(parts.incidents);
    expect(crashes, 'the bot crashed in many of them').toBeGreaterThan(seeds.length / 8);
  });
}

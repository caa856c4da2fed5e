// How long keyleak takes to be there: the whole process, from node to the sentence about its configuration, over a process
// that imports the same four large packages and ends.

import { spawnSync } from 'node:child_process';
import { type Gate, summary } from './paired.ts';

const RUNS = 15;
const FLOOR = ['@slack/bolt', '@anthropic-ai/sdk', 'better-sqlite3', 'undici']
  .map((name) => `await import(${JSON.stringify(name)})`)
  .join(';');

function took(args: readonly string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, args, { stdio: 'ignore', env: { PATH: process.env.PATH ?? '' } });
  return performance.now() - start;
}

const floor = (): number => took(['--input-type=module', '-e', FLOOR]);
/** Loads everything, then ends over what is not configured. */
const ours = (): number => took(['dist/cli/keyleak.js', 'start']);

/** Needs `npm run build`. */
export async function benchStart(): Promise<Gate> {
  const pairs = (a: () => number): number[] =>
    Array.from({ length: RUNS }, (_, n) => {
      const first = n % 2 === 0 ? a() : null;
      const beside = floor();
      return (first ?? a()) / beside;
    });
  const control = summary(pairs(floor));
  return {
    name: 'start: over importing four packages',
    ratio: summary(pairs(ours)),
    control,
    goal: 1.1,
    limit: 1.3,
  };
}

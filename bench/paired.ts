// Compares two pieces of work inside one process: short slices in turn, A B B A, so that a machine whose speed drifts
// slows both. Quotes the median ratio with its quartiles; an A/A control says whether the figures can be trusted.

/** Does its work `rounds` times; resolves when done. */
export type Work = (rounds: number) => Promise<void>;

export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Gate {
  readonly name: string;
  readonly ratio: Ratio;
  readonly control: Ratio;
  /** The ratio must not be above (time ratios) this. */
  readonly limit: number;
  readonly goal: number;
}

const PAIRS = 30;

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function quantile(sorted: readonly number[], at: number): number {
  const position = (sorted.length - 1) * at;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}

export function summary(values: readonly number[]): Ratio {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

async function timed(work: Work, rounds: number): Promise<number> {
  const start = now();
  await work(rounds);
  return (now() - start) / rounds;
}

/** Rounds that make one slice last about `sliceMs`. */
async function roundsFor(work: Work, sliceMs: number): Promise<number> {
  await work(1);
  const each = await timed(work, 3);
  return Math.max(1, Math.round(sliceMs / Math.max(each, 1e-4)));
}

async function pairs(a: Work, b: Work, sliceMs: number, count: number): Promise<Ratio> {
  const rounds = { a: await roundsFor(a, sliceMs), b: await roundsFor(b, sliceMs) };
  const ratios: number[] = [];
  for (let pair = 0; pair < count; pair += 1) {
    if (pair % 2 === 0) {
      const first = await timed(a, rounds.a);
      ratios.push(first / (await timed(b, rounds.b)));
    } else {
      const first = await timed(b, rounds.b);
      ratios.push((await timed(a, rounds.a)) / first);
    }
  }
  return summary(ratios);
}

/** Time of `ours` over time of `floor`, per round, with the control floor over floor. */
export async function compare(
  name: string,
  ours: Work,
  floor: Work,
  bounds: { goal: number; limit: number; sliceMs?: number; pairs?: number },
): Promise<Gate> {
  const sliceMs = bounds.sliceMs ?? 60;
  const count = bounds.pairs ?? PAIRS;
  const control = await pairs(floor, floor, sliceMs, Math.ceil(count / 2));
  const ratio = await pairs(ours, floor, sliceMs, count);
  return { name, ratio, control, goal: bounds.goal, limit: bounds.limit };
}

const show = ({ median, low, high }: Ratio): string =>
  `${median.toFixed(2)} [${low.toFixed(2)}-${high.toFixed(2)}]`;

/** One line a gate, and the exit code: 1 when a whole quartile range misses its limit, 0 otherwise. */
export function report(gates: readonly Gate[]): number {
  let code = 0;
  for (const { name, ratio, control, goal, limit } of gates) {
    const trusted = control.median > 0.9 && control.median < 1.1;
    const missed = ratio.low > limit;
    if (trusted && missed) code = 1;
    const verdict = trusted ? (missed ? 'MISSED' : ratio.median <= goal ? 'goal' : 'ok') : 'noisy';
    console.log(`${name.padEnd(44)} ${show(ratio)}  control ${show(control)}  limit ${limit}  ${verdict}`);
  }
  return code;
}

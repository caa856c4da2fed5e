// Runs every measurement, or those whose names are given.

import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { benchAck } from './ack.ts';
import { benchContain } from './contain.ts';
import { benchExport } from './export.ts';
import { benchGrowth } from './growth.ts';
import { type Gate, type Ratio, report } from './paired.ts';
import { benchRedact } from './redact.ts';
import { benchStart } from './start.ts';
import { benchStore } from './store.ts';

const RESULTS = 'bench/results.json';

const BENCHES: ReadonlyMap<string, () => Promise<readonly Gate[]>> = new Map([
  ['ack', benchAck],
  ['contain', benchContain],
  ['growth', benchGrowth],
  ['start', async () => [await benchStart()]],
  ['store', async () => [await benchStore()]],
  ['redact', benchRedact],
  ['export', async () => [await benchExport()]],
]);

/** What was measured, beside what was measured before under other names; with the versions that it holds for. */
async function keep(measured: readonly Gate[]): Promise<void> {
  const before = JSON.parse(await readFile(RESULTS, 'utf8').catch(() => '{"gates":[]}')) as { gates: Gate[] };
  const names = new Set(measured.map(({ name }) => name));
  const gates = [...before.gates.filter(({ name }) => !names.has(name)), ...measured].map((gate) => ({
    ...gate,
    ratio: rounded(gate.ratio),
    control: rounded(gate.control),
  }));
  const { version } = process;
  const packages = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const versions = Object.fromEntries(
    ['@slack/bolt', '@anthropic-ai/sdk', 'better-sqlite3'].map((name) => [
      name,
      packages.packages[`node_modules/${name}`]?.version,
    ]),
  );
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
  const written = {
    measured_at: new Date().toISOString().slice(0, 10),
    node: version,
    versions,
    machine,
    gates,
  };
  await writeFile(RESULTS, `${JSON.stringify(written, null, 2)}\n`);
}

function rounded({ median, low, high }: Ratio): Ratio {
  const two = (value: number): number => Math.round(value * 100) / 100;
  return { median: two(median), low: two(low), high: two(high) };
}

const wanted = process.argv.slice(2);
const gates: Gate[] = [];
for (const [name, bench] of BENCHES) {
  if (wanted.length === 0 || wanted.includes(name)) gates.push(...(await bench()));
}
process.exitCode = report(gates);
await keep(gates);

// Runs every measurement, or those whose names are given: store, redact, export.

import { benchAck } from './ack.ts';
import { benchContain } from './contain.ts';
import { benchExport } from './export.ts';
import { type Gate, report } from './paired.ts';
import { benchRedact } from './redact.ts';
import { benchStore } from './store.ts';

const BENCHES: ReadonlyMap<string, () => Promise<readonly Gate[]>> = new Map([
  ['ack', benchAck],
  ['contain', benchContain],
  ['store', async () => [await benchStore()]],
  ['redact', benchRedact],
  ['export', async () => [await benchExport()]],
]);

const wanted = process.argv.slice(2);
const gates: Gate[] = [];
for (const [name, bench] of BENCHES) {
  if (wanted.length === 0 || wanted.includes(name)) gates.push(...(await bench()));
}
process.exitCode = report(gates);

// keyleak timeline: the log of one incident, one entry a line.

import { describeEntry } from '../domain/describe.ts';
import { entryRow } from '../export/dossier.ts';
import { EXIT, type Io } from './io.ts';
import { readDossier, withLog } from './open-log.ts';
import { printable } from './printable.ts';

export async function timeline(io: Io, id: string, options: { json?: boolean }): Promise<number> {
  const { entries } = await withLog(io, (log) => readDossier(log, id, io.now()));
  for (const logged of entries) {
    const { entry } = logged;
    await io.out(
      options.json === true
        ? `${JSON.stringify(entryRow(logged))}\n`
        : `${String(entry.seq).padStart(4)}  ${entry.recorded_at}  ${entry.kind.padEnd(19)} ${printable(describeEntry(logged))}\n`,
    );
  }
  return EXIT.ok;
}

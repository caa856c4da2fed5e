// What the Markdown export of a long incident costs over reading and parsing the same rows.

import { foldIncident } from '../src/domain/evolve.ts';
import { exportMarkdown } from '../src/export/markdown.ts';
import { openReader, type Reader } from '../src/store/reader.ts';
import { note, openBook } from './book.ts';
import { compare, type Gate } from './paired.ts';

const ENTRIES = 10_000;

export async function benchExport(): Promise<Gate> {
  const book = await openBook();
  await book.append(Array.from({ length: ENTRIES }, (_, count) => note(count)));
  const reader = openReader(book.path);
  const gate = await compare(
    `export: Markdown of ${ENTRIES} entries over reading`,
    async (rounds) => {
      for (let round = 0; round < rounds; round += 1) await exported(reader);
    },
    async (rounds) => {
      for (let round = 0; round < rounds; round += 1) await reader.load('KL-1');
    },
    { goal: 2, limit: 4, sliceMs: 1, pairs: 16 },
  );
  await reader.close();
  await book.close();
  return gate;
}

async function exported(reader: Reader): Promise<string> {
  const entries = (await reader.load('KL-1')) ?? [];
  const incident = foldIncident(entries);
  const runbook = incident === null ? null : await reader.runbook(incident.runbook.sha256);
  if (incident === null || runbook === null) throw new Error('there is no KL-1');
  return exportMarkdown({ case: { incident, runbook }, entries, checkpoints: [], exportedAt: Date.now() });
}

// keyleak export: one incident as Markdown, HTML, JSON, NDJSON or CSV, to stdout or into a file.

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KeyleakError } from '../domain/errors.ts';
import { containsSecret } from '../domain/redaction.ts';
import { exportCsv } from '../export/csv.ts';
import type { Dossier } from '../export/dossier.ts';
import { exportHtml } from '../export/html.ts';
import { exportJson, exportNdjson } from '../export/json.ts';
import { exportMarkdown } from '../export/markdown.ts';
import { EXIT, type Io } from './io.ts';
import { readDossier, withLog } from './open-log.ts';

const FORMATS: ReadonlyMap<string, (dossier: Dossier) => string> = new Map([
  ['md', exportMarkdown],
  ['html', exportHtml],
  ['json', exportJson],
  ['ndjson', exportNdjson],
  ['csv', exportCsv],
]);

export async function exportIncident(
  io: Io,
  id: string,
  options: { format: string; output?: string },
): Promise<number> {
  const format = FORMATS.get(options.format);
  if (format === undefined) {
    throw new KeyleakError(
      'KL_EXPORT_FORMAT',
      'keyleak does not export that format.',
      `Choose one of: ${[...FORMATS.keys()].join(', ')}.`,
    );
  }
  const dossier = await withLog(io, (log) => readDossier(log, id, io.now()));
  const text = format(dossier);
  // Markdown and HTML escape what would give a secret away; JSON holds the same words as they were written.
  if (containsSecret(text) !== null || containsSecret(exportJson(dossier)) !== null) {
    throw new KeyleakError(
      'KL_EXPORT_SECRET',
      'The export holds something that looks like a secret, so it was not written.',
      'Find the entry with keyleak timeline, purge its text, and export again.',
    );
  }
  if (options.output === undefined) {
    await io.out(text);
    return EXIT.ok;
  }
  const path = resolve(io.cwd, options.output);
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new KeyleakError(
      'KL_EXPORT_FILE',
      `The file ${options.output} could not be written.`,
      'Choose another path with -o.',
      {
        cause,
      },
    );
  }
  await io.err(`Wrote ${options.output}.\n`);
  return EXIT.ok;
}

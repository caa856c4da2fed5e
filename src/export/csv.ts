// The log of an incident as a table for spreadsheets (RFC 4180), in which no cell is a formula.

import { describeEntry } from '../domain/describe.ts';
import type { Dossier } from './dossier.ts';

const COLUMNS = ['seq', 'recorded_at', 'occurred_at', 'actor', 'kind', 'what'];
/** C0 and C1 controls, line separators, bidirectional controls and zero-width characters. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Spreadsheets take a cell that begins so for a formula. https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@]/;

/** One line an entry, each ended by CR LF. */
export function exportCsv({ entries }: Dossier): string {
  const rows = entries.map((logged) => {
    const { entry } = logged;
    return [
      String(entry.seq),
      entry.recorded_at,
      entry.occurred_at,
      entry.actor,
      entry.kind,
      describeEntry(logged),
    ];
  });
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** `text` on one line, in quotes; an apostrophe before it keeps what looks like a formula a text. */
function cell(text: string): string {
  const line = text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(INVISIBLE, '')
    .trim();
  return `"${FORMULA.test(line) ? "'" : ''}${line.replaceAll('"', '""')}"`;
}

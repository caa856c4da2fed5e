// keyleak list: all incidents, newest first.

import { EXIT, type Io } from './io.ts';
import { withLog } from './open-log.ts';

const MOST = 10_000;

export async function list(io: Io, options: { json?: boolean }): Promise<number> {
  const rows = await withLog(io, (log) => log.list({ status: 'any', limit: MOST }));
  if (options.json === true) {
    const shown = rows.map((row) => ({
      id: row.id,
      status: row.status,
      severity: row.severity,
      declared_at: new Date(row.declaredAt).toISOString(),
      declared_by: row.declaredBy,
      closed_at: row.closedAt === null ? null : new Date(row.closedAt).toISOString(),
      entries: row.seq,
    }));
    await io.out(`${JSON.stringify(shown, null, 2)}\n`);
    return EXIT.ok;
  }
  if (rows.length === 0) await io.err('No incidents yet.\n');
  for (const row of rows) {
    const declared = new Date(row.declaredAt).toISOString();
    await io.out(
      `${row.id.padEnd(8)} ${row.status.padEnd(7)} severity ${row.severity}  ${declared}  ${row.declaredBy}\n`,
    );
  }
  return EXIT.ok;
}

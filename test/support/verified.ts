// The whole database, checked from its stored text alone, as `keyleak verify` does.

import { verifyLog } from '../../src/domain/verify-log.ts';
import { openReader } from '../../src/store/reader.ts';

export interface LogFacts {
  readonly findings: readonly string[];
  readonly incidents: readonly string[];
}

export async function verifyDatabase(path: string): Promise<LogFacts> {
  const reader = openReader(path);
  try {
    const ids = await reader.incidentIds();
    const incidents = [];
    for (const id of ids) incidents.push({ id, rows: (await reader.stored(id)) ?? [] });
    const checkpoints = await reader.checkpoints(null);
    const judged = verifyLog({ extent: 'database', incidents, checkpoints, runbooks: null });
    return { findings: judged.findings.map((finding) => JSON.stringify(finding)), incidents: ids };
  } finally {
    await reader.close();
  }
}

// The whole dossier as JSON and as one JSON value a line. Both can be given to `keyleak verify`.

import { type Dossier, entryRow } from './dossier.ts';

function header(dossier: Dossier): object {
  const { incident } = dossier.case;
  return {
    format: 'keyleak.export.v1',
    incident: incident.id,
    uid: incident.uid,
    entries: dossier.entries.length,
    head: incident.head,
    exported_at: new Date(dossier.exportedAt).toISOString(),
  };
}

export function exportJson(dossier: Dossier): string {
  const { runbook } = dossier.case;
  const whole = {
    export: header(dossier),
    runbook,
    entries: dossier.entries.map(entryRow),
    checkpoints: dossier.checkpoints,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** One line an entry, with its `kind`; header and checkpoint lines have none. */
export function exportNdjson(dossier: Dossier): string {
  const lines = [
    { export: header(dossier) },
    ...dossier.entries.map(entryRow),
    ...dossier.checkpoints.map((checkpoint) => ({ checkpoint })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

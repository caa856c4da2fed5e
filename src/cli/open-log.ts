// Opens the log for reading beside a running bot, closes it whatever happens, and finds one incident in it.

import { loadConfig } from '../config.ts';
import { KeyleakError } from '../domain/errors.ts';
import { foldIncident } from '../domain/evolve.ts';
import type { Dossier } from '../export/dossier.ts';
import { openReader, type Reader } from '../store/reader.ts';
import { type Io, incidentId } from './io.ts';

export async function withLog<T>(io: Io, work: (log: Reader) => Promise<T>): Promise<T> {
  const config = loadConfig({ env: io.env, cwd: io.cwd, need: 'store' });
  const log = openReader(config.database);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Everything about one incident. Throws KL_INCIDENT_UNKNOWN. */
export async function readDossier(log: Reader, text: string, now: number): Promise<Dossier> {
  const id = incidentId(text);
  const entries = await log.load(id);
  const incident = entries === null ? null : foldIncident(entries);
  const runbook = incident === null ? null : await log.runbook(incident.runbook.sha256);
  if (entries === null || incident === null || runbook === null) {
    throw new KeyleakError(
      'KL_INCIDENT_UNKNOWN',
      `There is no incident ${id}.`,
      'See which there are with keyleak list.',
    );
  }
  return { case: { incident, runbook }, entries, checkpoints: await log.checkpoints(id), exportedAt: now };
}

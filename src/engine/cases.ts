// Incidents as they stand: the log of one, folded, with the runbook that was frozen into it.

import { KeyleakError } from '../domain/errors.ts';
import { foldIncident } from '../domain/evolve.ts';
import type { Case } from '../domain/incident.ts';
import type { Store } from '../domain/ports.ts';

/** Loads a case; null when there is no such incident. Throws KL_RUNBOOK_LOST when its frozen runbook is gone. */
export async function loadCase(store: Pick<Store, 'load' | 'runbook'>, id: string): Promise<Case | null> {
  const entries = await store.load(id);
  const incident = entries === null ? null : foldIncident(entries);
  if (incident === null) return null;
  const runbook = await store.runbook(incident.runbook.sha256);
  if (runbook === null) {
    throw new KeyleakError(
      'KL_RUNBOOK_LOST',
      `The runbook that was frozen into ${id} is not in the database.`,
      'Run keyleak verify and restore the database from its last backup.',
    );
  }
  return { incident, runbook };
}

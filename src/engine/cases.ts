// Incidents as they stand, folded out of the log. What was folded once is kept, and only entries that came since are added,
// so that a press in a long incident costs no more than one in a short incident.

import { KeyleakError } from '../domain/errors.ts';
import { evolve, foldIncident } from '../domain/evolve.ts';
import type { Case } from '../domain/incident.ts';
import type { Store } from '../domain/ports.ts';
import type { Runbook } from '../domain/runbook.ts';

/** Incidents that are kept in memory; those that were asked for longest ago go first. */
const KEPT = 256;
/** Entries of one look at what came since; more means that the incident is folded anew. */
const SINCE = 1_000;

/** The incident as it stands in the log now; null when there is none. Throws KL_RUNBOOK_LOST and what the store throws. */
export type Cases = (id: string) => Promise<Case | null>;

export function createCases(store: Pick<Store, 'load' | 'page' | 'runbook'>): Cases {
  const kept = new Map<string, Case>();
  /** By hash, so they never change. */
  const runbooks = new Map<string, Runbook>();

  async function runbookOf(id: string, sha256: string): Promise<Runbook> {
    const found = runbooks.get(sha256) ?? (await store.runbook(sha256));
    if (found === null) throw lost(id);
    runbooks.set(sha256, found);
    return found;
  }

  async function folded(id: string): Promise<Case | null> {
    const entries = await store.load(id);
    const incident = entries === null ? null : foldIncident(entries);
    if (incident === null) return null;
    return { incident, runbook: await runbookOf(id, incident.runbook.sha256) };
  }

  /** Null where it has to be folded anew: a purge takes a text out of what was folded before. */
  async function caughtUp(known: Case): Promise<Case | null> {
    const { id, seq } = known.incident;
    const page = await store.page(id, { from: seq + 1, limit: SINCE });
    if (page === null || page.count < seq || page.count > seq + SINCE) return null;
    if (page.count === seq) return known;
    if (page.entries.some(({ entry }) => entry.kind === 'text.purged')) return null;
    const incident = page.entries.reduce(evolve, known.incident);
    return { incident, runbook: await runbookOf(id, incident.runbook.sha256) };
  }

  return async (id) => {
    const known = kept.get(id);
    const subject = (known === undefined ? null : await caughtUp(known)) ?? (await folded(id));
    kept.delete(id);
    if (subject === null) return null;
    kept.set(id, subject);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return subject;
  };
}

function lost(id: string): KeyleakError {
  return new KeyleakError(
    'KL_RUNBOOK_LOST',
    `The runbook that was frozen into ${id} is not in the database.`,
    'Run keyleak verify and restore the database from its last backup.',
  );
}

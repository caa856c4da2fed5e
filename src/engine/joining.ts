// Where a reported key is known already: no key gets a second incident while it has an open one.

import type { Report } from '../domain/decide-declare.ts';
import type { Case } from '../domain/incident.ts';
import type { KeyQuery } from '../domain/key.ts';
import { matchKeys } from '../domain/match-keys.ts';
import type { Store } from '../domain/ports.ts';
import type { KeyCache } from './key-cache.ts';

export interface JoiningParts {
  readonly store: Store;
  readonly keys: KeyCache;
  readonly view: (incident: string) => Promise<Case | null>;
}

/** Reports, parted by the open incident that each belongs to. */
export interface Sorted {
  readonly fresh: readonly Report[];
  /** In the order of the reports; empty when all are fresh. */
  readonly known: ReadonlyMap<string, readonly Report[]>;
}

export async function sortReports(parts: JoiningParts, reports: readonly Report[]): Promise<Sorted> {
  const fresh: Report[] = [];
  const known = new Map<string, Report[]>();
  for (const report of reports) {
    const open = await openIncidentOf(parts, report.query);
    if (open === null) fresh.push(report);
    else known.set(open, [...(known.get(open) ?? []), report]);
  }
  return { fresh, known };
}

async function openIncidentOf(parts: JoiningParts, query: KeyQuery): Promise<string | null> {
  const id = query.shape === 'id' ? query.id : idOfHint(parts, query);
  const hint = query.shape === 'hint' ? { start: query.start, end: query.end } : null;
  if (id === null && hint === null) return null;
  const open = await parts.store.openIncidentWith({ id, hint });
  return open !== null && id === null && (await isAnother(parts, open, query)) ? null : open;
}

/** A hint names one key where it is exact in the last complete listing; an open incident may know that key by another name. */
function idOfHint({ keys }: JoiningParts, query: KeyQuery): string | null {
  const listing = keys.listing();
  if (query.shape !== 'hint' || listing === null) return null;
  const match = matchKeys(query, listing);
  return match.outcome === 'exact' ? match.key.id : null;
}

/** Where several keys share a hint, the one that an incident has may not be the one that is reported now. */
async function isAnother(parts: JoiningParts, incident: string, query: KeyQuery): Promise<boolean> {
  const listing = parts.keys.listing();
  if (query.shape !== 'hint' || listing === null) return false;
  if (matchKeys(query, listing).outcome !== 'candidates') return false;
  const subject = await parts.view(incident);
  const same = subject?.incident.keys.filter(
    ({ query: known }) => known.shape === 'hint' && known.start === query.start && known.end === query.end,
  );
  return same?.every(({ facts }) => facts !== null) ?? false;
}

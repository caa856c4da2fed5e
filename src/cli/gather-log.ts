// Collects from the database what a verification needs, without trusting any of it.

import { canonicalJson } from '../domain/canonical-json.ts';
import { KeyleakError } from '../domain/errors.ts';
import type { IncidentRow } from '../domain/ports.ts';
import { type Finding, verifyEntries } from '../domain/verify-entries.ts';
import type { IncidentLog, LogToVerify } from '../domain/verify-log.ts';
import type { Reader } from '../store/reader.ts';
import type { LooseText } from '../store/reading.ts';

/** As many rows as SQLite surely takes as a limit, and more than any database has. */
const ALL = { status: 'any', limit: 2 ** 31 - 1 } as const;

/** A log to verify, with what was found wrong while it was collected. */
export interface Gathered {
  readonly log: LogToVerify;
  readonly findings: readonly Finding[];
}

type Source = Pick<Reader, 'stored' | 'incidentIds' | 'looseTexts' | 'list' | 'runbook' | 'checkpoints'>;

/** Everything, with the list of incidents compared with the logs it was drawn from. */
export async function gatherDatabase(source: Source): Promise<Gathered> {
  const listed = await source.list(ALL);
  const ids = new Set([...(await source.incidentIds()), ...listed.map(({ id }) => id).reverse()]);
  const incidents: IncidentLog[] = [];
  for (const id of ids) incidents.push({ id, rows: (await source.stored(id)) ?? [] });
  const findings = [...unlisted(listed, incidents), ...loose(await source.looseTexts())];
  const log = {
    extent: 'database',
    incidents,
    checkpoints: await source.checkpoints(null),
    runbooks: await runbooksOf(source, incidents),
  } as const;
  return { log, findings };
}

/** One incident with all checkpoints. Throws KL_INCIDENT_UNKNOWN when neither an entry nor a checkpoint names it. */
export async function gatherIncident(source: Source, id: string): Promise<Gathered> {
  const rows = await source.stored(id);
  const checkpoints = await source.checkpoints(null);
  if (rows === null && !checkpoints.some(({ incident }) => incident === id)) {
    throw new KeyleakError(
      'KL_INCIDENT_UNKNOWN',
      `There is no incident ${id}.`,
      'See which there are with keyleak list.',
    );
  }
  const incidents = [{ id, rows: rows ?? [] }];
  const runbooks = await runbooksOf(source, incidents);
  const texts = (await source.looseTexts()).filter(({ incident }) => incident === id);
  const findings = [...unlisted(await source.list(ALL), incidents), ...loose(texts)];
  return { log: { extent: 'incident', incidents, checkpoints, runbooks }, findings };
}

/** Where the list of incidents disagrees with the logs that it was drawn from. */
function unlisted(listed: readonly IncidentRow[], incidents: readonly IncidentLog[]): readonly Finding[] {
  const lengths = new Map(listed.map(({ id, seq }) => [id, seq]));
  return incidents.flatMap(({ id, rows }): Finding[] => {
    const seq = lengths.get(id);
    if (seq === rows.length) return [];
    const problem =
      seq === undefined
        ? 'The list of incidents does not have it.'
        : `The list of incidents says ${seq} entries, but there are ${rows.length}.`;
    return [{ incident: id, seq: null, problem }];
  });
}

function loose(texts: readonly LooseText[]): readonly Finding[] {
  return texts.map(({ incident, seq, field }) => ({
    incident,
    seq,
    problem: `There is a text “${field}” of this entry, but the entry is gone.`,
  }));
}

async function runbooksOf(source: Source, incidents: readonly IncidentLog[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const sha256 of new Set(incidents.flatMap(({ id, rows }) => verifyEntries(id, rows).runbooks))) {
    const text = await runbookText(source, sha256);
    if (text !== null) texts.push(text);
  }
  return texts;
}

/** A runbook that is gone or no longer readable is left out: the verification then misses it. */
async function runbookText(source: Source, sha256: string): Promise<string | null> {
  try {
    const runbook = await source.runbook(sha256);
    return runbook === null ? null : canonicalJson(runbook);
  } catch (error) {
    if (error instanceof KeyleakError && ['KL_STORE_CORRUPT', 'KL_LOG_NOT_CANONICAL'].includes(error.code))
      return null;
    throw error;
  }
}

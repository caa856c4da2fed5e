// The questions that are answered from the log alone, for the running bot and for commands that read beside it.

import type Database from 'better-sqlite3';
import type { Entry, LoggedEntry, SaltedText } from '../domain/entry.ts';
import type { Checkpoint, IncidentRow } from '../domain/ports.ts';
import type { Runbook } from '../domain/runbook.ts';
import type { StoredEntry } from '../domain/seal.ts';
import { readError } from './storage-error.ts';

export interface ListFilter {
  readonly status: 'open' | 'closed' | 'any';
  readonly limit: number;
}

export interface LogReading {
  load(incident: string): readonly LoggedEntry[] | null;
  stored(incident: string): readonly StoredEntry[] | null;
  /** Every incident that has entries, oldest first, whatever the derived rows say. */
  incidentIds(): readonly string[];
  list(filter: ListFilter): readonly IncidentRow[];
  runbook(sha256: string): Runbook | null;
  checkpoints(incident: string | null): readonly Checkpoint[];
}

type EntryRow = Pick<StoredEntry, 'seq' | 'text' | 'hash'>;

interface TextRow extends SaltedText {
  readonly seq: number;
  readonly field: string;
}

const LIST = `
  SELECT id, status, severity, team, declared_at AS declaredAt, declared_by AS declaredBy, seq,
    room_channel AS room, closed_at AS closedAt
  FROM incidents`;

/** Runs a read and turns what SQLite throws into KL_STORE_READ or KL_STORE_CORRUPT. */
export async function reading<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw readError(error);
  }
}

/** Statements over the log, prepared once. They throw what SQLite throws: wrap them in `reading`. */
export function readLog(db: Database.Database): LogReading {
  const entries = db.prepare<[string], EntryRow>(
    'SELECT seq, text, hash FROM entries WHERE incident = ? ORDER BY seq',
  );
  const texts = db.prepare<[string], TextRow>(
    'SELECT seq, field, salt, text FROM entry_texts WHERE incident = ? AND text IS NOT NULL ORDER BY seq, field',
  );
  // Jumps from one incident to the next in the primary key instead of reading every entry.
  const ids = db
    .prepare<[], string>(
      `WITH RECURSIVE found (id) AS (
         SELECT MIN(incident) FROM entries
         UNION ALL
         SELECT (SELECT MIN(incident) FROM entries WHERE incident > found.id) FROM found WHERE found.id IS NOT NULL
       )
       SELECT id FROM found WHERE id IS NOT NULL ORDER BY LENGTH(id), id`,
    )
    .pluck();
  const listAny = db.prepare<[number], IncidentRow>(`${LIST} ORDER BY number DESC LIMIT ?`);
  const listOpen = db.prepare<[number], IncidentRow>(
    `${LIST} WHERE status = 'open' ORDER BY number DESC LIMIT ?`,
  );
  const listClosed = db.prepare<[number], IncidentRow>(
    `${LIST} WHERE status = 'closed' ORDER BY number DESC LIMIT ?`,
  );
  const runbook = db.prepare<[string], string>('SELECT text FROM runbooks WHERE sha256 = ?').pluck();
  const checkpoint = 'SELECT n, incident, count, head, text, signature FROM checkpoints';
  const allCheckpoints = db.prepare<[], Checkpoint>(`${checkpoint} ORDER BY n`);
  const someCheckpoints = db.prepare<[string], Checkpoint>(`${checkpoint} WHERE incident = ? ORDER BY n`);

  function stored(incident: string): readonly StoredEntry[] | null {
    const rows = entries.all(incident);
    if (rows.length === 0) return null;
    const bySeq = new Map<number, Record<string, SaltedText>>();
    for (const { seq, field, salt, text } of texts.all(incident)) {
      bySeq.set(seq, { ...bySeq.get(seq), [field]: { salt, text } });
    }
    return rows.map((row) => ({ ...row, texts: bySeq.get(row.seq) ?? {} }));
  }

  return {
    stored,
    load(incident) {
      const rows = stored(incident);
      return (
        rows?.map(({ text, hash, texts: own }) => ({ entry: parseEntry(text, hash), texts: own })) ?? null
      );
    },
    incidentIds: () => ids.all(),
    list({ status, limit }) {
      const statement = status === 'any' ? listAny : status === 'open' ? listOpen : listClosed;
      return statement.all(limit);
    },
    runbook(sha256) {
      const text = runbook.get(sha256);
      return text === undefined ? null : (JSON.parse(text) as Runbook);
    },
    checkpoints: (incident) => (incident === null ? allCheckpoints.all() : someCheckpoints.all(incident)),
  };
}

function parseEntry(text: string, hash: string): Entry {
  return { ...(JSON.parse(text) as Omit<Entry, 'hash'>), hash } as Entry;
}

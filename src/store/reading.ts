// The questions that are answered from the log alone, for the running bot and for commands that read beside it.

import type Database from 'better-sqlite3';
import type { Entry, LoggedEntry, SaltedText } from '../domain/entry.ts';
import type { Checkpoint, EntryPage, EntrySpan, IncidentFilter, IncidentRow } from '../domain/ports.ts';
import type { Runbook } from '../domain/runbook.ts';
import type { StoredEntry } from '../domain/seal.ts';
import { readError } from './storage-error.ts';

/** A text of an entry that is not there. */
export interface LooseText {
  readonly incident: string;
  readonly seq: number;
  readonly field: string;
}

export interface LogReading {
  load(incident: string): readonly LoggedEntry[] | null;
  stored(incident: string): readonly StoredEntry[] | null;
  /** Every incident that has entries, oldest first, whatever the derived rows say. */
  incidentIds(): readonly string[];
  list(filter: IncidentFilter): readonly IncidentRow[];
  page(incident: string, span: EntrySpan): EntryPage | null;
  looseTexts(): readonly LooseText[];
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
  const listed = (which: string) => ({
    older: db.prepare<[number, number], IncidentRow>(
      `${LIST} WHERE ${which}number < ? ORDER BY number DESC LIMIT ?`,
    ),
    newer: db.prepare<[number, number], IncidentRow>(
      `${LIST} WHERE ${which}number > ? ORDER BY number LIMIT ?`,
    ),
  });
  const lists = {
    any: listed(''),
    open: listed("status = 'open' AND "),
    closed: listed("status = 'closed' AND "),
  };
  const count = db.prepare<[string], number>('SELECT MAX(seq) FROM entries WHERE incident = ?').pluck();
  const someEntries = db.prepare<[string, number, number], EntryRow>(
    'SELECT seq, text, hash FROM entries WHERE incident = ? AND seq BETWEEN ? AND ? ORDER BY seq',
  );
  const someTexts = db.prepare<[string, number, number], TextRow>(
    `SELECT seq, field, salt, text FROM entry_texts
     WHERE incident = ? AND seq BETWEEN ? AND ? AND text IS NOT NULL ORDER BY seq, field`,
  );
  const loose = db.prepare<[], LooseText>(
    `SELECT incident, seq, field FROM entry_texts
     WHERE text IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM entries WHERE entries.incident = entry_texts.incident AND entries.seq = entry_texts.seq
     ) ORDER BY incident, seq, field`,
  );
  const runbook = db.prepare<[string], string>('SELECT text FROM runbooks WHERE sha256 = ?').pluck();
  const checkpoint = 'SELECT n, incident, count, head, text, signature FROM checkpoints';
  const allCheckpoints = db.prepare<[], Checkpoint>(`${checkpoint} ORDER BY n`);
  const someCheckpoints = db.prepare<[string], Checkpoint>(`${checkpoint} WHERE incident = ? ORDER BY n`);

  function stored(incident: string): readonly StoredEntry[] | null {
    const rows = entries.all(incident);
    return rows.length === 0 ? null : withTexts(rows, texts.all(incident));
  }

  function page(incident: string, span: EntrySpan): EntryPage | null {
    const last = count.get(incident) ?? null;
    if (last === null) return null;
    const end = 'from' in span ? span.from + span.limit - 1 : Math.min(span.to ?? last, last);
    const start = 'from' in span ? span.from : end - span.limit + 1;
    const rows = withTexts(someEntries.all(incident, start, end), someTexts.all(incident, start, end));
    return { count: last, entries: rows.map(logged) };
  }

  return {
    stored,
    load(incident) {
      return stored(incident)?.map(logged) ?? null;
    },
    incidentIds: () => ids.all(),
    list({ status, limit, before = Number.MAX_SAFE_INTEGER, after }) {
      const { older, newer } = lists[status];
      return after === undefined ? older.all(before, limit) : newer.all(after, limit).reverse();
    },
    page,
    looseTexts: () => loose.all(),
    runbook(sha256) {
      const text = runbook.get(sha256);
      return text === undefined ? null : (JSON.parse(text) as Runbook);
    },
    checkpoints: (incident) => (incident === null ? allCheckpoints.all() : someCheckpoints.all(incident)),
  };
}

function withTexts(rows: readonly EntryRow[], texts: readonly TextRow[]): readonly StoredEntry[] {
  const bySeq = new Map<number, Record<string, SaltedText>>();
  for (const { seq, field, salt, text } of texts)
    bySeq.set(seq, { ...bySeq.get(seq), [field]: { salt, text } });
  return rows.map((row) => ({ ...row, texts: bySeq.get(row.seq) ?? {} }));
}

function logged({ text, hash, texts }: StoredEntry): LoggedEntry {
  return { entry: parseEntry(text, hash), texts };
}

function parseEntry(text: string, hash: string): Entry {
  return { ...(JSON.parse(text) as Omit<Entry, 'hash'>), hash } as Entry;
}

// Deadlines as rows: open until something settles them, and settled once.

import type Database from 'better-sqlite3';
import type { Batch, Deadline } from '../domain/ports.ts';

export interface DeadlineRows {
  /** Throws where the incident has a deadline for this phase already. */
  insert(incident: string, deadline: Batch['deadlines'][number]): void;
  /** Leaves a deadline that was settled before as it was. */
  settle(incident: string, settled: Batch['settled'][number], now: number): void;
  /** Earliest first. */
  due(now: number): readonly Deadline[];
  /** Milliseconds since the epoch; null when none is open. */
  nextWake(): number | null;
}

/** Statements over deadlines, prepared once. Those that write belong into a transaction. */
export function deadlineRows(db: Database.Database): DeadlineRows {
  const insert = db.prepare<[string, string, number]>(
    'INSERT INTO deadlines (incident, phase, due_at) VALUES (?, ?, ?)',
  );
  const settle = db.prepare<[string, number, string, string]>(
    'UPDATE deadlines SET settled = ?, settled_at = ? WHERE incident = ? AND phase = ? AND settled IS NULL',
  );
  const due = db.prepare<[number], Deadline>(
    `SELECT incident, phase, due_at AS dueAt FROM deadlines
     WHERE settled IS NULL AND due_at <= ? ORDER BY due_at, incident, phase`,
  );
  const wake = db
    .prepare<[], number | null>('SELECT MIN(due_at) FROM deadlines WHERE settled IS NULL')
    .pluck();
  return {
    insert: (incident, { phase, dueAt }) => void insert.run(incident, phase, dueAt),
    settle: (incident, { phase, as }, now) => void settle.run(as, now, incident, phase),
    due: (now) => due.all(now),
    nextWake: () => wake.get() ?? null,
  };
}

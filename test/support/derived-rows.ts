// The rows that are derived from the log: as they stand in the database, and as a fold of the log says they have to.

import type Database from 'better-sqlite3';
import type { Incident } from '../../src/domain/incident.ts';

export interface DerivedRows {
  readonly row: object;
  readonly keys: readonly unknown[];
}

export function derivedFrom(incident: Incident): DerivedRows {
  return {
    row: {
      id: incident.id,
      team: incident.team,
      enterprise: incident.enterprise,
      status: incident.status,
      severity: incident.severity,
      declared_at: incident.declaredAt,
      declared_by: incident.declaredBy,
      closed_at: incident.closed?.at ?? null,
      runbook: incident.runbook.sha256,
      room_place: incident.room?.place ?? null,
      room_channel: incident.room?.channel ?? null,
      room_thread: incident.room?.thread ?? null,
      room_name: incident.room?.name ?? null,
      seq: incident.seq,
      head: incident.head,
    },
    keys: incident.keys.map(({ subject, query, facts }) => ({
      subject,
      reported_id: query.shape === 'id' ? query.id : null,
      hint_start: query.shape === 'hint' ? query.start : null,
      hint_end: query.shape === 'hint' ? query.end : null,
      identified_id: facts?.id ?? null,
    })),
  };
}

export function derivedIn(db: Database.Database, id: string): DerivedRows {
  const { number: _number, ...row } = db.prepare('SELECT * FROM incidents WHERE id = ?').get(id) as object & {
    number: number;
  };
  const keys = db
    .prepare(
      'SELECT subject, reported_id, hint_start, hint_end, identified_id FROM incident_keys WHERE incident = ? ORDER BY CAST(substr(subject, 2) AS INTEGER)',
    )
    .all(id);
  return { row, keys };
}

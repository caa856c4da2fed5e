// The derived rows in the database: written with the entries they come from, and what is found by them.

import type Database from 'better-sqlite3';
import type { Room } from '../domain/entry.ts';
import {
  BLANK_PROJECTION,
  type IncidentProjection,
  type KeyProjection,
  type Projection,
} from './projections.ts';

export interface IncidentRows {
  /** The next free id; a number is never given twice. */
  nextNumber(): number;
  /** The derived rows of an incident; null when there is no such incident. */
  read(incident: string): Projection | null;
  insert(number: number, team: { team: string | null; enterprise: string | null }, after: Projection): void;
  /** Writes what differs between the two. */
  update(incident: string, before: Projection, after: Projection): void;
  /** The newest open incident, other than `except`, with a key that was last reported by this id or hint, or identified as this id. */
  openWithId(id: string, except: string): string | null;
  openWithHint(hint: { start: string; end: string }, except: string): string | null;
  /** The open ones, newest first; else the newest closed one. */
  inRoom(channel: string, thread: string | null): readonly string[];
}

interface IncidentRow extends Omit<IncidentProjection, 'room'> {
  readonly place: Room['place'] | null;
  readonly channel: string | null;
  readonly thread: string | null;
  readonly name: string | null;
}

interface KeyRow extends Omit<KeyProjection, 'hint'> {
  readonly start: string | null;
  readonly end: string | null;
}

const OPEN_WITH =
  "SELECT i.id FROM incident_keys k JOIN incidents i ON i.id = k.incident WHERE i.status = 'open' AND i.id <> @except";

/** Statements over incidents and incident_keys, prepared once. Those that write belong into a transaction. */
export function incidentRows(db: Database.Database): IncidentRows {
  const next = db.prepare<[], number>('SELECT COALESCE(MAX(number), 0) + 1 FROM incidents').pluck();
  const incident = db.prepare<[string], IncidentRow>(
    `SELECT status, severity, declared_at AS declaredAt, declared_by AS declaredBy, closed_at AS closedAt, runbook,
       room_place AS place, room_channel AS channel, room_thread AS thread, room_name AS name, seq, head
     FROM incidents WHERE id = ?`,
  );
  const keys = db.prepare<[string], KeyRow>(
    `SELECT subject, reported_id AS reportedId, hint_start AS start, hint_end AS end, identified_id AS identifiedId
     FROM incident_keys WHERE incident = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO incidents (number, id, team, enterprise, status, severity, declared_at, declared_by, closed_at,
       runbook, room_place, room_channel, room_thread, room_name, seq, head)
     VALUES (@number, @id, @team, @enterprise, @status, @severity, @declaredAt, @declaredBy, @closedAt,
       @runbook, @place, @channel, @thread, @name, @seq, @head)`,
  );
  const update = db.prepare(
    `UPDATE incidents SET status = @status, severity = @severity, declared_at = @declaredAt, declared_by = @declaredBy,
       closed_at = @closedAt, runbook = @runbook, room_place = @place, room_channel = @channel, room_thread = @thread,
       room_name = @name, seq = @seq, head = @head
     WHERE id = @id`,
  );
  const saveKey = db.prepare(
    `INSERT INTO incident_keys (incident, subject, reported_id, hint_start, hint_end, identified_id)
     VALUES (@incident, @subject, @reportedId, @start, @end, @identifiedId)
     ON CONFLICT (incident, subject) DO UPDATE SET reported_id = excluded.reported_id,
       hint_start = excluded.hint_start, hint_end = excluded.hint_end, identified_id = excluded.identified_id`,
  );
  // What the key turned out to be outweighs the id it was reported under.
  const withId = db
    .prepare<[{ id: string; except: string }], string>(
      `${OPEN_WITH} AND (k.identified_id = @id OR (k.reported_id = @id AND k.identified_id IS NULL))
       ORDER BY i.number DESC LIMIT 1`,
    )
    .pluck();
  const withHint = db
    .prepare<[{ start: string; end: string; except: string }], string>(
      `${OPEN_WITH} AND k.hint_start = @start AND k.hint_end = @end ORDER BY i.number DESC LIMIT 1`,
    )
    .pluck();
  const inRoom = db.prepare<[{ channel: string; thread: string | null }], { id: string; closed: number }>(
    `SELECT id, status = 'closed' AS closed FROM incidents
       WHERE room_channel = @channel AND (room_place <> 'thread' OR room_thread = @thread)
       ORDER BY room_place <> 'thread', status = 'closed', number DESC`,
  );

  const saveKeys = (id: string, before: readonly KeyProjection[], after: readonly KeyProjection[]): void => {
    for (const key of after) if (!before.includes(key)) saveKey.run({ incident: id, ...keyRow(key) });
  };

  return {
    nextNumber: () => next.get() ?? 1,
    read(id) {
      const row = incident.get(id);
      return row === undefined ? null : { incident: fromRow(row), keys: keys.all(id).map(fromKeyRow) };
    },
    insert(number, team, after) {
      const id = `KL-${number}`;
      insert.run({ number, id, ...team, ...incidentRow(after.incident) });
      saveKeys(id, BLANK_PROJECTION.keys, after.keys);
    },
    update(id, before, after) {
      update.run({ id, ...incidentRow(after.incident) });
      saveKeys(id, before.keys, after.keys);
    },
    openWithId: (id, except) => withId.get({ id, except }) ?? null,
    openWithHint: ({ start, end }, except) => withHint.get({ start, end, except }) ?? null,
    inRoom(channel, thread) {
      const rows = inRoom.all({ channel, thread });
      return rows.filter(({ closed }, index) => closed === 0 || index === 0).map(({ id }) => id);
    },
  };
}

function incidentRow({ room, ...rest }: IncidentProjection): IncidentRow {
  return {
    ...rest,
    place: room?.place ?? null,
    channel: room?.channel ?? null,
    thread: room?.thread ?? null,
    name: room?.name ?? null,
  };
}

function fromRow({ place, channel, thread, name, ...rest }: IncidentRow): IncidentProjection {
  return { ...rest, room: place === null || channel === null ? null : { place, channel, thread, name } };
}

function keyRow({ hint, ...rest }: KeyProjection): KeyRow {
  return { ...rest, start: hint?.start ?? null, end: hint?.end ?? null };
}

function fromKeyRow({ start, end, ...rest }: KeyRow): KeyProjection {
  return { ...rest, hint: start === null || end === null ? null : { start, end } };
}

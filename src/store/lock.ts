// One active bot: a lock that the kernel holds for the process and drops when it dies, however it dies.

import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { timestamp } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';
import { createFile } from './open.ts';

export interface Lock {
  release(): void;
}

interface Holder {
  readonly program: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** Each round is lost only to another process that starts in the same milliseconds and is refused after it. */
const MAX_ROUNDS = 100;

/** How long a refused process waits before it reads who was first: a process that starts now writes its name by then. */
const SETTLE_MS = 100;

/**
 * Takes the lock of a database, the open write transaction on `<database>.lock`, or throws KL_DATABASE_HELD at once,
 * naming who has it. `program` says what runs, such as `keyleak start`; `now` is milliseconds since the epoch.
 * Throws KL_LOCK_UNUSABLE where the file cannot serve as a lock.
 */
export function takeLock(database: string, program: string, now: number): Lock {
  const path = `${database}.lock`;
  createFile(path);
  const me: Holder = { program, pid: process.pid, host: hostname(), since: timestamp(now) };
  const db = connect(path);
  let wrote = false;
  try {
    // The row that others read has to be committed, and a commit gives the lock back for a moment. So the transaction
    // that is kept is a second one, and it counts only if the row still names us once it is open.
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      begin(db);
      if (holds(readHolder(db), me)) return { release: () => void db.close() };
      writeHolder(db, me);
      wrote = true;
      commit(db);
    }
    throw unusable(path, null);
  } catch (error) {
    const told = isBusy(error)
      ? held(whoHolds(db, wrote ? me : null), database)
      : error instanceof KeyleakError
        ? error
        : unusable(path, error);
    db.close();
    throw told;
  }
}

function connect(path: string): Database.Database {
  try {
    return new Database(path, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

function begin(db: Database.Database): void {
  db.exec('BEGIN IMMEDIATE');
}

/** Waits for a reader to finish, which takes it less than a millisecond. */
function commit(db: Database.Database): void {
  db.pragma('busy_timeout = 5000');
  db.exec('COMMIT');
  db.pragma('busy_timeout = 0');
}

function writeHolder(db: Database.Database, { program, pid, host, since }: Holder): void {
  db.exec(
    `CREATE TABLE IF NOT EXISTS holder (
       one INTEGER PRIMARY KEY CHECK (one = 1), program TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL
     ) STRICT`,
  );
  db.prepare('INSERT OR REPLACE INTO holder (one, program, pid, host, since) VALUES (1, ?, ?, ?, ?)').run(
    program,
    pid,
    host,
    since,
  );
}

function readHolder(db: Database.Database): Holder | null {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'holder'").get();
  if (exists === undefined) return null;
  return db.prepare<[], Holder>('SELECT program, pid, host, since FROM holder').get() ?? null;
}

function holds(found: Holder | null, me: Holder): boolean {
  return (
    found !== null &&
    found.program === me.program &&
    found.pid === me.pid &&
    found.host === me.host &&
    found.since === me.since
  );
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function held(holder: Holder | null, database: string): KeyleakError {
  const who =
    holder === null
      ? 'Another process'
      : `${holder.program} (process ${holder.pid} on ${holder.host}, since ${holder.since})`;
  return new KeyleakError(
    'KL_DATABASE_HELD',
    `${who} already runs on the database ${database}; only one bot may.`,
    'Stop that one first, or name another file with KEYLEAK_DB. Reading commands such as keyleak list work beside it.',
  );
}

/** Null when the name cannot be read, or when several processes start at once and ours was written last. */
function whoHolds(db: Database.Database, written: Holder | null): Holder | null {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MS);
  try {
    if (db.inTransaction) db.exec('ROLLBACK');
    db.pragma('busy_timeout = 2000');
    const found = readHolder(db);
    return written !== null && holds(found, written) ? null : found;
  } catch {
    return null;
  }
}

function unusable(path: string, cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_LOCK_UNUSABLE',
    `The file ${path} cannot serve as a lock.`,
    'Put the database on a local disk where keyleak may write. If no bot runs, delete that file and start again.',
    { cause },
  );
}

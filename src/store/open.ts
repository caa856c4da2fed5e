// Opens the database file so that nothing acknowledged is ever lost: every setting is made, read back and asserted.

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { KeyleakError } from '../domain/errors.ts';
import { corruptStore } from './storage-error.ts';

/** `KLOG` in ASCII: marks the file as keyleak's in its header. */
export const APPLICATION_ID = 0x4b_4c_4f_47;

/** Only a backup or a command that reads is ever in the way, and not for long. */
const BUSY_TIMEOUT_MS = 5_000;

const MEMORY = ':memory:';

export function isMemory(path: string): boolean {
  return path === MEMORY;
}

/**
 * What must hold on every connection. synchronous=FULL (2) because WAL alone loses the last commits with the power;
 * recursive_triggers because REPLACE would otherwise delete past the triggers; temp_store in memory and secure_delete
 * so that a purged text lies nowhere.
 */
const SETTINGS: readonly (readonly [name: string, value: number])[] = [
  ['synchronous', 2],
  ['busy_timeout', BUSY_TIMEOUT_MS],
  ['foreign_keys', 1],
  ['recursive_triggers', 1],
  ['trusted_schema', 0],
  ['cell_size_check', 1],
  ['secure_delete', 1],
  ['temp_store', 2],
];

const READING_SETTINGS: typeof SETTINGS = [
  ['busy_timeout', BUSY_TIMEOUT_MS],
  ['trusted_schema', 0],
  ['cell_size_check', 1],
  ['query_only', 1],
];

/**
 * Opens or creates the database for writing; `:memory:` has no WAL, all else holds there too. Makes the folder (0700)
 * and the file (0600). Throws KL_STORE_OPEN, KL_STORE_FOREIGN for a file that is not keyleak's, KL_STORE_CORRUPT,
 * KL_STORE_PRAGMA.
 */
export function openDatabase(path: string): Database.Database {
  createFile(path);
  const db = connect(path, {});
  try {
    refuseForeign(db, path);
    set(db, 'journal_mode', isMemory(path) ? 'memory' : 'wal');
    for (const [name, value] of SETTINGS) set(db, name, value);
    return db;
  } catch (error) {
    db.close();
    throw opening(error, path);
  }
}

/** Opens an existing database that is never written to, beside a running bot. Throws as `openDatabase`. */
export function openReadOnly(path: string): Database.Database {
  const db = connect(path, { readonly: true, fileMustExist: true });
  try {
    refuseForeign(db, path);
    for (const [name, value] of READING_SETTINGS) set(db, name, value);
    return db;
  } catch (error) {
    db.close();
    throw opening(error, path);
  }
}

/** Creates an empty file (0600) and its folder (0700) where they are missing. Throws KL_STORE_OPEN. */
export function createFile(path: string): void {
  if (isMemory(path)) return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Opened only when it is new: closing a file that this process has open in SQLite would drop its locks.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notOpened(error, path);
  }
}

/** Reads every page and every reference once. Throws KL_STORE_CORRUPT. */
export function checkIntegrity(db: Database.Database): void {
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw corruptStore(found);
  if ((db.pragma('foreign_key_check') as unknown[]).length > 0)
    throw corruptStore('a reference leads nowhere');
}

/** Moves the WAL into the database and empties it. False when a reader is in the way; waits for none. */
export function truncateWal(db: Database.Database): boolean {
  try {
    db.pragma('busy_timeout = 0');
    return db.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) === 0;
  } catch {
    return false;
  } finally {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

function connect(path: string, options: Database.Options): Database.Database {
  try {
    return new Database(path, { ...options, timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw notOpened(error, path);
  }
}

function refuseForeign(db: Database.Database, path: string): void {
  const id = db.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const objects = db.prepare('SELECT COUNT(*) FROM sqlite_schema').pluck().get();
  if (id !== 0 || objects !== 0) throw foreign(path);
}

function set(db: Database.Database, name: string, value: number | string): void {
  db.pragma(`${name} = ${value}`);
  const kept = db.pragma(name, { simple: true });
  if (kept === value) return;
  throw new KeyleakError(
    'KL_STORE_PRAGMA',
    `The database did not accept the setting ${name} = ${value}; it says ${String(kept)}.`,
    'Put the database on a local disk, not on a network or shared folder, and start again.',
  );
}

function opening(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === 'SQLITE_NOTADB') return foreign(path, error);
  return error.code.startsWith('SQLITE_CORRUPT') ? corruptStore(error) : notOpened(error, path);
}

function foreign(path: string, cause?: unknown): KeyleakError {
  return new KeyleakError(
    'KL_STORE_FOREIGN',
    `The file ${path} is not a keyleak database; it was left as it is.`,
    'Name another file with KEYLEAK_DB.',
    { cause },
  );
}

function notOpened(cause: unknown, path: string): KeyleakError {
  return new KeyleakError(
    'KL_STORE_OPEN',
    `The database ${path} could not be opened.`,
    'Check that its folder exists, that keyleak may read and write there, and that the disk is not read-only.',
    { cause },
  );
}

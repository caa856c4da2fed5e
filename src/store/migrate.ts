// Brings the schema to the newest number, one transaction a file, after a backup. What it does not recognise it refuses.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { type ErrorCode, KeyleakError } from '../domain/errors.ts';
import { APPLICATION_ID, createFile, isMemory } from './open.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** The number of the newest file in migrations: the schema that the statements in this folder are written for. */
export const SCHEMA_NUMBER = 1;

const NAME = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

/**
 * Applies the files of `folder` (`0001-name.sql`, …) that the database does not have yet. `now` is milliseconds since
 * the epoch. Throws KL_MIGRATION_FILES, KL_MIGRATION_ALTERED, KL_SCHEMA_NEWER, KL_MIGRATION_BACKUP, KL_MIGRATION_FAILED;
 * of a migration that fails nothing remains.
 */
export async function migrate(
  db: Database.Database,
  path: string,
  folder: string,
  now: number,
): Promise<void> {
  const known = readMigrations(folder);
  const applied = appliedMigrations(db);
  refuseStrangers(known, applied);
  const pending = known.slice(applied.length);
  const [first] = pending;
  if (first === undefined) return;
  const backup = applied.length > 0 && !isMemory(path) ? await backUp(db, path, first.number) : null;
  for (const migration of pending) apply(db, migration, now, backup);
}

/** The number of the last applied migration; 0 for a fresh file. */
export function schemaNumber(db: Database.Database): number {
  return appliedMigrations(db).length;
}

function readMigrations(folder: string): readonly Migration[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).sort();
  } catch (cause) {
    throw brokenFolder('The folder with the migrations could not be read.', cause);
  }
  return names.map((name, index) => {
    const number = Number(NAME.exec(name)?.[1]);
    if (Number.isNaN(number)) throw brokenFolder(`The folder migrations holds ${name}, which is none.`);
    if (number !== index + 1)
      throw brokenFolder(`Where migration ${index + 1} should be, the folder migrations has ${name}.`);
    const sql = readFileSync(join(folder, name), 'utf8');
    return { number, name, sql, sha256: createHash('sha256').update(sql, 'utf8').digest('hex') };
  });
}

function appliedMigrations(db: Database.Database): readonly Pick<Migration, 'number' | 'name' | 'sha256'>[] {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").get();
  if (exists === undefined) return [];
  return db
    .prepare<[], Migration>('SELECT number, name, sha256 FROM schema_migrations ORDER BY number')
    .all();
}

function refuseStrangers(
  known: readonly Migration[],
  applied: readonly Pick<Migration, 'number' | 'name' | 'sha256'>[],
): void {
  applied.forEach(({ number, name, sha256 }, index) => {
    if (number !== index + 1) {
      throw refusal(
        'KL_MIGRATION_ALTERED',
        `The database lacks migration ${index + 1}, though it has ${name}.`,
        'Restore the last backup; do not edit the table schema_migrations.',
      );
    }
    const file = known[index];
    if (file === undefined) {
      throw refusal(
        'KL_SCHEMA_NEWER',
        `The database was written by a newer keyleak (migration ${name}).`,
        'Install that version again, or restore a backup from before its first start.',
      );
    }
    if (file.sha256 !== sha256) {
      throw refusal(
        'KL_MIGRATION_ALTERED',
        `The file ${file.name} is not the one that this database was made with.`,
        'Restore the folder migrations from the release; a migration is never edited after it was applied.',
      );
    }
  });
}

async function backUp(db: Database.Database, path: string, number: number): Promise<string> {
  const target = `${path}.before-${String(number).padStart(4, '0')}.bak`;
  const unfinished = `${target}.unfinished`;
  try {
    rmSync(unfinished, { force: true });
    createFile(unfinished);
    await db.backup(unfinished);
    renameSync(unfinished, target);
    return target;
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw refusal(
      'KL_MIGRATION_BACKUP',
      'The database could not be backed up before its schema changes, so nothing was changed.',
      `Make room on the disk for ${target}, then start again.`,
      cause,
    );
  }
}

function apply(db: Database.Database, migration: Migration, now: number, backup: string | null): void {
  try {
    db.exec('BEGIN IMMEDIATE');
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.exec(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL
       ) STRICT`,
    );
    db.exec(migration.sql);
    db.prepare('INSERT INTO schema_migrations (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)').run(
      migration.number,
      migration.name,
      migration.sha256,
      now,
    );
    db.exec('COMMIT');
  } catch (cause) {
    if (db.inTransaction) db.exec('ROLLBACK');
    const why = cause instanceof Error ? cause.message : String(cause);
    const copy = backup === null ? '' : ` A copy from before is at ${backup}.`;
    throw refusal(
      'KL_MIGRATION_FAILED',
      `Migration ${migration.name} failed (${why}) and was undone as a whole.${copy}`,
      'Go back to the version that ran before, and report this as a bug in keyleak.',
      cause,
    );
  }
}

function brokenFolder(message: string, cause?: unknown): KeyleakError {
  return refusal(
    'KL_MIGRATION_FILES',
    message,
    'Restore the folder migrations from the release; it holds numbered SQL files and nothing else.',
    cause,
  );
}

function refusal(code: ErrorCode, message: string, next: string, cause?: unknown): KeyleakError {
  return new KeyleakError(code, message, next, { cause });
}

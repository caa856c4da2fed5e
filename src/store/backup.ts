// A copy of the database as it is at one moment, while a bot goes on writing to it.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { KeyleakError } from '../domain/errors.ts';
import { checkIntegrity, createFile, openReadOnly } from './open.ts';
import { openReader } from './reader.ts';

/**
 * Copies the database at `path` to `target`, which must not be there yet, reads every page of the copy, and only then gives
 * it its name. What was purged is not in it. Throws as `openReader` does, KL_BACKUP_EXISTS, KL_BACKUP_FAILED.
 */
export async function backUp(path: string, target: string): Promise<void> {
  await openReader(path).close();
  if (existsSync(target)) throw exists(target);
  const unfinished = `${target}.unfinished`;
  try {
    if (existsSync(unfinished)) rmSync(unfinished);
    createFile(unfinished);
    copy(path, unfinished);
    const db = openReadOnly(unfinished);
    try {
      checkIntegrity(db);
    } finally {
      db.close();
    }
    renameSync(unfinished, target);
    sync(dirname(target));
  } catch (cause) {
    if (existsSync(unfinished)) rmSync(unfinished);
    throw failed(target, cause);
  }
}

/** In one reading transaction: a writer neither disturbs it nor waits for it. */
function copy(path: string, to: string): void {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
  sync(to);
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function exists(target: string): KeyleakError {
  return new KeyleakError(
    'KL_BACKUP_EXISTS',
    `There is a file at ${target} already, so nothing was copied.`,
    'Name another file, or move that one away.',
  );
}

function failed(target: string, cause: unknown): KeyleakError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KeyleakError(
    'KL_BACKUP_FAILED',
    `The database could not be copied to ${target} (${why}); nothing is left there.`,
    'Make room on that disk, or name a folder that you may write to, then do it again.',
    { cause },
  );
}

// What SQLite says, as an error that a person can act on. Nothing raw leaves the store.

import Database from 'better-sqlite3';
import { KeyleakError } from '../domain/errors.ts';

/** The fault of one command: its savepoint is undone and its neighbours go on. */
const OF_ONE_COMMAND = /^SQLITE_(CONSTRAINT|ERROR|MISMATCH|TOOBIG|RANGE)/;

const BUG = 'Report this as a bug in keyleak, with this message and what you did before it.';

/** True when the disk, the file or the memory failed, so that nothing of the open transaction can be trusted. */
export function failsTransaction(error: unknown): boolean {
  return error instanceof Database.SqliteError && !OF_ONE_COMMAND.test(error.code);
}

/** `error` as KL_STORE_FULL, KL_STORE_RULE, KL_STORE_CORRUPT or KL_STORE_WRITE if it came from SQLite, else as it is. */
export function writeError(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  if (code === 'SQLITE_FULL') {
    return new KeyleakError(
      'KL_STORE_FULL',
      'The disk of the database is full, so this was not written.',
      'Make room on that disk, then do it again. What was written before is safe.',
      { cause: error },
    );
  }
  if (code.startsWith('SQLITE_CONSTRAINT')) {
    return new KeyleakError(
      'KL_STORE_RULE',
      `The database refused a change that breaks a rule of the log (${error.message}); nothing was written.`,
      BUG,
      { cause: error },
    );
  }
  return corrupt(error) ?? failed(error, 'written');
}

/** `error` as KL_STORE_CORRUPT or KL_STORE_READ if it came from SQLite or from text that is not what was stored. */
export function readError(error: unknown): unknown {
  if (error instanceof SyntaxError) return corruptStore(error);
  if (!(error instanceof Database.SqliteError)) return error;
  return corrupt(error) ?? failed(error, 'read');
}

function corrupt(error: InstanceType<typeof Database.SqliteError>): KeyleakError | null {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(error.code) ? corruptStore(error) : null;
}

/** KL_STORE_CORRUPT: the file is damaged. */
export function corruptStore(cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_STORE_CORRUPT',
    'The database file is damaged.',
    'Stop the bot, keep a copy of the file, and restore the last backup.',
    { cause },
  );
}

function failed(error: InstanceType<typeof Database.SqliteError>, what: 'written' | 'read'): KeyleakError {
  return what === 'written'
    ? new KeyleakError(
        'KL_STORE_WRITE',
        `The database could not be written (${error.code}); nothing of this was kept.`,
        'Check the disk and the permissions of the database file, then do it again.',
        { cause: error },
      )
    : new KeyleakError(
        'KL_STORE_READ',
        `The database could not be read (${error.code}).`,
        'Check the disk and the permissions of the database file, then do it again.',
        { cause: error },
      );
}

// The log for commands that read beside a running bot: no lock, no write, and one moment of the log throughout.

import { existsSync } from 'node:fs';
import type { LoggedEntry } from '../domain/entry.ts';
import { KeyleakError } from '../domain/errors.ts';
import type { Checkpoint, IncidentFilter, IncidentRow } from '../domain/ports.ts';
import type { Runbook } from '../domain/runbook.ts';
import type { StoredEntry } from '../domain/seal.ts';
import { SCHEMA_NUMBER, schemaNumber } from './migrate.ts';
import { openReadOnly } from './open.ts';
import { type LooseText, reading, readLog } from './reading.ts';

/** Every method answers from the log as it was when the reader was opened. Throws KL_STORE_READ, KL_STORE_CORRUPT. */
export interface Reader {
  /** All entries in order; null when there is no such incident. */
  load(incident: string): Promise<readonly LoggedEntry[] | null>;
  /** The same rows as they lie in the file: nothing parsed, nothing recomputed. */
  stored(incident: string): Promise<readonly StoredEntry[] | null>;
  /** Every incident that has entries, oldest first. */
  incidentIds(): Promise<readonly string[]>;
  /** Texts that no entry answers for; in a sound database there are none. */
  looseTexts(): Promise<readonly LooseText[]>;
  list(filter: IncidentFilter): Promise<readonly IncidentRow[]>;
  runbook(sha256: string): Promise<Runbook | null>;
  /** Checkpoints of one incident in order, or all. */
  checkpoints(incident: string | null): Promise<readonly Checkpoint[]>;
  close(): Promise<void>;
}

/**
 * Opens the database at `path` for reading. Creates no database. Throws KL_STORE_MISSING, KL_STORE_OPEN,
 * KL_STORE_FOREIGN, KL_STORE_CORRUPT, KL_SCHEMA_NEWER, KL_SCHEMA_OLDER.
 */
export function openReader(path: string): Reader {
  if (!existsSync(path)) {
    throw new KeyleakError(
      'KL_STORE_MISSING',
      `There is no database at ${path}.`,
      'Start the bot once with keyleak start, or name the right file with KEYLEAK_DB.',
    );
  }
  const db = openReadOnly(path);
  try {
    db.exec('BEGIN');
    refuseOtherSchema(schemaNumber(db));
    const log = readLog(db);
    return {
      load: (incident) => reading(() => log.load(incident)),
      stored: (incident) => reading(() => log.stored(incident)),
      incidentIds: () => reading(() => log.incidentIds()),
      looseTexts: () => reading(() => log.looseTexts()),
      list: (filter) => reading(() => log.list(filter)),
      runbook: (sha256) => reading(() => log.runbook(sha256)),
      checkpoints: (incident) => reading(() => log.checkpoints(incident)),
      close: () => reading(() => void db.close()),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function refuseOtherSchema(number: number): void {
  if (number > SCHEMA_NUMBER) {
    throw new KeyleakError(
      'KL_SCHEMA_NEWER',
      `The database was written by a newer keyleak (migration ${number}).`,
      'Use the keyleak command of the version that the bot runs.',
    );
  }
  if (number < SCHEMA_NUMBER) {
    throw new KeyleakError(
      'KL_SCHEMA_OLDER',
      'The database is older than this keyleak and was not brought up to date yet.',
      'Start the bot once with keyleak start: it backs the database up and migrates it.',
    );
  }
}

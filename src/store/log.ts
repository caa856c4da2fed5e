// Appends to the log: every entry is sealed onto the last one, and every append is witnessed by one signed checkpoint.

import type Database from 'better-sqlite3';
import { signCheckpoint } from '../domain/checkpoint.ts';
import type { Randomness } from '../domain/clock.ts';
import type { LoggedEntry, NewEntry } from '../domain/entry.ts';
import { KeyleakError } from '../domain/errors.ts';
import type { Checkpoint, Signer } from '../domain/ports.ts';
import { CHAIN_START, type ChainEnd, endAfter, seal } from '../domain/seal.ts';

export interface LogWriting {
  /** Where the chain of an incident ends; CHAIN_START when it has none. */
  end(incident: string): ChainEnd;
  /** Seals and writes the entries, of which there is at least one, and their checkpoint. */
  append(incident: string, end: ChainEnd, entries: readonly NewEntry[], now: number): readonly LoggedEntry[];
  /** Empties a free text and its salt. Throws KL_TEXT_UNKNOWN where there is none. */
  purge(incident: string, seq: number, field: string): void;
}

const SALT_BYTES = 32;

/** Statements that append, prepared once. They belong into a transaction. */
export function logWriting(db: Database.Database, signer: Signer, randomness: Randomness): LogWriting {
  const last = db.prepare<[string], { seq: number; head: string; recordedAt: string }>(
    'SELECT seq, hash AS head, recorded_at AS recordedAt FROM entries WHERE incident = ? ORDER BY seq DESC LIMIT 1',
  );
  const insertEntry = db.prepare<[string, number, string, string]>(
    'INSERT INTO entries (incident, seq, text, hash) VALUES (?, ?, ?, ?)',
  );
  const insertText = db.prepare<[string, number, string, string, string]>(
    'INSERT INTO entry_texts (incident, seq, field, salt, text) VALUES (?, ?, ?, ?, ?)',
  );
  const emptyText = db.prepare<[string, number, string]>(
    `UPDATE entry_texts SET salt = NULL, text = NULL
     WHERE incident = ? AND seq = ? AND field = ? AND text IS NOT NULL`,
  );
  const lastCheckpoint = db.prepare<[], Pick<Checkpoint, 'n' | 'text'>>(
    'SELECT n, text FROM checkpoints ORDER BY n DESC LIMIT 1',
  );
  const insertCheckpoint = db.prepare<[Checkpoint]>(
    `INSERT INTO checkpoints (n, incident, count, head, text, signature)
     VALUES (@n, @incident, @count, @head, @text, @signature)`,
  );
  const salt = (): Uint8Array => randomness.bytes(SALT_BYTES);

  return {
    end(incident) {
      const row = last.get(incident);
      return row === undefined ? CHAIN_START : { ...row, recordedAt: Date.parse(row.recordedAt) };
    },
    append(incident, start, entries, now) {
      let end = start;
      const logged = entries.map((decided): LoggedEntry => {
        const { entry, text, texts } = seal(incident, end, decided, now, salt);
        insertEntry.run(incident, entry.seq, text, entry.hash);
        for (const [field, salted] of Object.entries(texts)) {
          insertText.run(incident, entry.seq, field, salted.salt, salted.text);
        }
        end = endAfter({ entry });
        return { entry, texts };
      });
      const at = { incident, count: end.seq, head: end.head };
      insertCheckpoint.run(signCheckpoint(lastCheckpoint.get() ?? null, at, now, signer));
      return logged;
    },
    purge(incident, seq, field) {
      if (emptyText.run(incident, seq, field).changes === 1) return;
      throw new KeyleakError(
        'KL_TEXT_UNKNOWN',
        `Entry ${seq} of ${incident} has no text “${field}”, or it was purged before; nothing was written.`,
        'See the entry with keyleak timeline.',
      );
    },
  };
}

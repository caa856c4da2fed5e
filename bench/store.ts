// What the chain, its signature and its checks cost: one appended note through the store, durable, against the same
// bytes written by bare INSERTs under the same durability.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openReader } from '../src/store/reader.ts';
import { note, openBook } from './book.ts';
import { compare, type Gate } from './paired.ts';

/** Rows as the store wrote them, written again and again. */
const SAMPLE = 500;

export async function benchStore(): Promise<Gate> {
  const book = await openBook();
  for (let count = 0; count < SAMPLE; count += 1) await book.append([note(count)]);
  const reader = openReader(book.path);
  const rows = ((await reader.stored('KL-1')) ?? []).slice(-SAMPLE);
  const checkpoints = (await reader.checkpoints('KL-1')).slice(-SAMPLE);
  await reader.close();

  const bare = new Database(join(book.folder, 'bare.db'));
  bare.pragma('journal_mode = WAL');
  bare.pragma('synchronous = FULL');
  bare.exec(`
    CREATE TABLE entries (id INTEGER PRIMARY KEY, incident TEXT, seq INTEGER, text TEXT, hash TEXT) STRICT;
    CREATE TABLE texts (id INTEGER PRIMARY KEY, incident TEXT, seq INTEGER, field TEXT, salt TEXT, text TEXT) STRICT;
    CREATE TABLE checkpoints (id INTEGER PRIMARY KEY, incident TEXT, count INTEGER, head TEXT, text TEXT, signature TEXT) STRICT;
  `);
  const entry = bare.prepare('INSERT INTO entries (incident, seq, text, hash) VALUES (?, ?, ?, ?)');
  const text = bare.prepare('INSERT INTO texts (incident, seq, field, salt, text) VALUES (?, ?, ?, ?, ?)');
  const checkpoint = bare.prepare(
    'INSERT INTO checkpoints (incident, count, head, text, signature) VALUES (?, ?, ?, ?, ?)',
  );
  const write = bare.transaction((at: number) => {
    const row = rows[at];
    const signed = checkpoints[at];
    if (row === undefined || signed === undefined) throw new Error('the sample is too small');
    entry.run('KL-1', row.seq, row.text, row.hash);
    for (const [field, salted] of Object.entries(row.texts))
      text.run('KL-1', row.seq, field, salted.salt, salted.text);
    checkpoint.run('KL-1', signed.count, signed.head, signed.text, signed.signature);
  });

  let appended = SAMPLE;
  let inserted = 0;
  const gate = await compare(
    'store: one durable append over bare INSERTs',
    async (rounds) => {
      for (let round = 0; round < rounds; round += 1) {
        appended += 1;
        await book.append([note(appended)]);
      }
    },
    async (rounds) => {
      for (let round = 0; round < rounds; round += 1) {
        inserted += 1;
        write(inserted % SAMPLE);
      }
    },
    { goal: 1.5, limit: 3, sliceMs: 200 },
  );
  bare.close();
  await book.close();
  return gate;
}

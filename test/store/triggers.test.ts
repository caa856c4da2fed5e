import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { batch, folder, note, parts, purged, quiet } from './batches.ts';

/** Connections as keyleak opens them, and as another program would: without recursive triggers. */
describe.each([
  ['with recursive triggers', 1],
  ['without recursive triggers', 0],
])('the rules in the file, %s', (_, recursive) => {
  let db: Database.Database;
  let id: string;
  let seq: number;
  beforeEach(async () => {
    const path = join(folder(), 'keyleak.db');
    const store = await openStore(parts({ path }));
    ({ id, seq } = await quiet(store));
    await store.commit(id, seq, batch({ entries: [note('one'), note('two')] }));
    seq += 2;
    await store.close();
    db = new Database(path);
    db.pragma(`recursive_triggers = ${recursive}`);
    return () => db.close();
  });

  function dump(): unknown {
    return ['entries', 'entry_texts', 'checkpoints', 'runbooks'].map((table) =>
      db.prepare(`SELECT * FROM ${table}`).all(),
    );
  }

  function refused(sql: string, message: RegExp): void {
    const before = dump();
    expect(() => db.exec(sql), sql).toThrow(message);
    expect(dump(), sql).toEqual(before);
  }

  test('entries are never changed, deleted or replaced', () => {
    refused("UPDATE entries SET text = replace(text, 'U0', 'U1')", /never changed/);
    refused('UPDATE entries SET hash = hash WHERE seq = 1', /never changed/);
    refused('UPDATE OR REPLACE entries SET seq = 1 WHERE seq = 2', /never changed/);
    refused('DELETE FROM entries', /never deleted/);
    refused(`DELETE FROM entries WHERE seq = ${seq}`, /never deleted/);
    const columns = 'incident, seq, text, hash';
    for (const verb of ['INSERT OR REPLACE', 'REPLACE']) {
      refused(
        `${verb} INTO entries (${columns}) SELECT ${columns} FROM entries WHERE seq = 1`,
        /must follow/,
      );
    }
    refused(
      `INSERT INTO entries (${columns}) SELECT ${columns} FROM entries WHERE seq = 1
       ON CONFLICT (incident, seq) DO UPDATE SET hash = excluded.hash`,
      /must follow/,
    );
    refused(
      `INSERT OR IGNORE INTO entries (${columns}) SELECT ${columns} FROM entries LIMIT 1`,
      /must follow/,
    );
  });

  test('entries come in order, and their columns cannot differ from their text', () => {
    const text = (n: number, incident = id): string =>
      JSON.stringify({ incident, kind: 'note.added', recorded_at: 'x', seq: n });
    const insert = (n: number, body: string, incident = id): string =>
      `INSERT INTO entries (incident, seq, text, hash) VALUES ('${incident}', ${n}, '${body}', '${'0'.repeat(64)}')`;
    refused(insert(seq + 2, text(seq + 2)), /must follow/);
    refused(insert(seq, text(seq)), /must follow/);
    refused(insert(0, text(0)), /must follow/);
    refused(insert(2, text(2, 'KL-9'), 'KL-9'), /must follow/);
    refused(insert(seq + 1, text(seq + 3)), /CHECK/);
    refused(insert(seq + 1, text(seq + 1, 'KL-9')), /CHECK/);
    refused(insert(seq + 1, 'no json'), /JSON/);
    db.exec(insert(seq + 1, text(seq + 1)));
  });

  test('checkpoints are never changed, deleted, replaced or out of order', () => {
    refused("UPDATE checkpoints SET signature = ''", /never changed/);
    refused('DELETE FROM checkpoints WHERE n = 2', /never deleted/);
    refused('REPLACE INTO checkpoints SELECT * FROM checkpoints WHERE n = 1', /must follow/);
    refused(
      'INSERT INTO checkpoints SELECT n + 2, incident, count, head, text, signature FROM checkpoints WHERE n = 2',
      /must follow/,
    );
    refused(
      'INSERT INTO checkpoints SELECT n + 1, incident, count, head, text, signature FROM checkpoints WHERE n = 2',
      /CHECK/,
    );
  });

  test('a text is emptied only after an entry said so, and never rewritten, deleted or added later', async () => {
    const change = `UPDATE entry_texts SET salt = NULL, text = NULL WHERE seq = ${seq}`;
    refused(change, /only emptied/);
    refused(`UPDATE entry_texts SET text = 'other' WHERE seq = ${seq}`, /only emptied/);
    refused('DELETE FROM entry_texts', /never deleted/);
    refused('REPLACE INTO entry_texts SELECT * FROM entry_texts', /written once/);
    refused(
      `REPLACE INTO entry_texts SELECT id, incident, seq, field, salt, 'other' FROM entry_texts WHERE seq = ${seq}`,
      /written once/,
    );
    refused(
      `INSERT INTO entry_texts (incident, seq, field, salt, text) VALUES ('${id}', ${seq - 1}, 'more', '00', 'late')`,
      /written once/,
    );
    const store = await openStore(parts({ path: db.name }));
    await store.commit(id, seq, batch({ entries: [purged(seq, 'text')] }));
    await store.close();
    refused(`UPDATE entry_texts SET salt = NULL, text = NULL WHERE seq = ${seq - 1}`, /only emptied/);
    refused(`UPDATE entry_texts SET text = 'other' WHERE seq = ${seq}`, /only emptied/);
    refused(`UPDATE entry_texts SET salt = NULL, text = NULL, seq = 1 WHERE seq = ${seq}`, /only emptied/);
    db.exec(change);
    expect(db.prepare('SELECT salt, text FROM entry_texts WHERE seq = ?').get(seq)).toEqual({
      salt: null,
      text: null,
    });
    refused(`UPDATE entry_texts SET salt = '00', text = 'back' WHERE seq = ${seq}`, /only emptied/);
  });

  test('a frozen runbook is never changed or deleted', () => {
    refused("UPDATE runbooks SET text = '{}'", /never changed/);
    refused('DELETE FROM runbooks', /never deleted/);
  });
});

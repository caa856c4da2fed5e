import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { APPLICATION_ID, checkIntegrity, openDatabase, openReadOnly } from '../../src/store/open.ts';
import { openStore } from '../../src/store/store.ts';
import { batch, folder, note, parts, quiet } from './batches.ts';

const SETTINGS = {
  synchronous: 2,
  busy_timeout: 5_000,
  foreign_keys: 1,
  recursive_triggers: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  secure_delete: 1,
  temp_store: 2,
};

function settings(db: Database.Database): Record<string, unknown> {
  return Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, db.pragma(name, { simple: true })]));
}

/** A database with one incident, closed. */
async function written(path: string): Promise<void> {
  const store = await openStore(parts({ path }));
  await quiet(store);
  await store.close();
}

describe('opening', () => {
  test.each([
    ['a file', () => join(folder(), 'keyleak.db'), 'wal'],
    ['memory', () => ':memory:', 'memory'],
  ])('%s has every setting', (_, place, journal) => {
    const db = openDatabase(place());
    expect(settings(db)).toEqual(SETTINGS);
    expect(db.pragma('journal_mode', { simple: true })).toBe(journal);
    db.close();
  });

  test('makes the folder and the file for the owner alone, and so the files that SQLite puts beside it', async () => {
    const top = folder();
    const path = join(top, 'deep', 'data', 'keyleak.db');
    const store = await openStore(parts({ path, holder: 'test' }));
    await quiet(store);
    const mode = (file: string): number => statSync(file).mode & 0o777;
    expect(mode(join(top, 'deep'))).toBe(0o700);
    for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.lock`])
      expect(mode(file), file).toBe(0o600);
    await store.close();
  });

  test('marks the file as ours', async () => {
    const path = join(folder(), 'keyleak.db');
    await written(path);
    const db = new Database(path, { readonly: true });
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    db.close();
  });

  test('refuses the database of another program and leaves its bytes as they were', async () => {
    const path = join(folder(), 'other.db');
    const other = new Database(path);
    other.exec('CREATE TABLE t (a)');
    other.close();
    const before = readFileSync(path);
    await expect(openStore(parts({ path }))).rejects.toMatchObject({ code: 'KL_STORE_FOREIGN' });
    expect(readFileSync(path)).toEqual(before);
    const marked = new Database(path);
    marked.pragma('application_id = 42');
    marked.close();
    await expect(openStore(parts({ path }))).rejects.toMatchObject({ code: 'KL_STORE_FOREIGN' });
  });

  test('refuses a file that is no database', async () => {
    const path = join(folder(), 'keyleak.db');
    writeFileSync(path, 'slack:\n  responders: []\n'.repeat(100));
    await expect(openStore(parts({ path }))).rejects.toMatchObject({ code: 'KL_STORE_FOREIGN' });
  });

  test('says so when the place cannot be used', async () => {
    const path = join(folder(), 'keyleak.db');
    mkdirSync(path);
    await expect(openStore(parts({ path }))).rejects.toMatchObject({ code: 'KL_STORE_OPEN' });
    const below = join(folder(), 'file');
    writeFileSync(below, '');
    await expect(openStore(parts({ path: join(below, 'keyleak.db') }))).rejects.toMatchObject({
      code: 'KL_STORE_OPEN',
    });
  });

  test('of the bot refuses damaged pages, and gives its lock back', async () => {
    const path = join(folder(), 'keyleak.db');
    const store = await openStore(parts({ path }));
    let { id, seq } = await quiet(store);
    for (let n = 0; n < 30; n += 1) {
      await store.commit(id, seq, batch({ entries: [note('x'.repeat(500))] }));
      seq += 1;
    }
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0x5a, bytes.length - 4_096 * 3, bytes.length - 4_096);
    writeFileSync(path, bytes);
    for (let round = 0; round < 2; round += 1) {
      await expect(openStore(parts({ path, holder: 'test' }))).rejects.toMatchObject({
        code: 'KL_STORE_CORRUPT',
      });
    }
  });

  test('of the bot refuses a reference that leads nowhere', async () => {
    const path = join(folder(), 'keyleak.db');
    await written(path);
    const db = new Database(path);
    db.pragma('foreign_keys = 0');
    db.exec("INSERT INTO deliveries VALUES ('D1', 'KL-77', 0)");
    expect(() => checkIntegrity(db)).toThrow(expect.objectContaining({ code: 'KL_STORE_CORRUPT' }));
    db.close();
  });

  test('for reading cannot write', async () => {
    const path = join(folder(), 'keyleak.db');
    await written(path);
    const db = openReadOnly(path);
    expect(() => db.exec('DELETE FROM rendered')).toThrow(/readonly/);
    db.close();
  });
});

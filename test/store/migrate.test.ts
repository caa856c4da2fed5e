import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { SCHEMA_NUMBER } from '../../src/store/migrate.ts';
import { openReader } from '../../src/store/reader.ts';
import { openStore } from '../../src/store/store.ts';
import { folder, MIGRATIONS, parts, quiet } from './batches.ts';

const FIRST = '0001-the-log.sql';

describe('migrations', () => {
  let top: string;
  let path: string;
  let migrations: string;
  beforeEach(() => {
    top = folder();
    path = join(top, 'keyleak.db');
    migrations = join(top, 'migrations');
    mkdirSync(migrations);
    for (const name of readdirSync(MIGRATIONS)) copyFileSync(join(MIGRATIONS, name), join(migrations, name));
  });

  const add = (name: string, sql: string): void => writeFileSync(join(migrations, name), sql);

  async function openOnce(): Promise<void> {
    const store = await openStore(parts({ path, migrations }));
    await store.close();
  }

  async function refusedAs(code: string, message: RegExp = /./): Promise<void> {
    await expect(openOnce()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  }

  function inFile<T>(work: (db: Database.Database) => T, file = path): T {
    const db = new Database(file);
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  const tables = (file = path): readonly unknown[] =>
    inFile((db) => db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(), file);

  test('the statements in the code are written for the newest file', () => {
    expect(readdirSync(MIGRATIONS)).toHaveLength(SCHEMA_NUMBER);
  });

  test('a fresh file gets all of them, on record with their checksums', async () => {
    await openOnce();
    expect(
      inFile((db) => db.prepare('SELECT number, name, sha256, applied_at FROM schema_migrations').all()),
    ).toEqual([
      {
        number: 1,
        name: FIRST,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        applied_at: expect.any(Number),
      },
    ]);
    expect(readdirSync(top).filter((name) => name.endsWith('.bak'))).toEqual([]);
  });

  test('every table is STRICT', async () => {
    await openOnce();
    const loose = inFile((db) =>
      db.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0").pluck().all(),
    );
    expect(loose).toEqual(['sqlite_schema']);
  });

  test('a second start changes nothing', async () => {
    const store = await openStore(parts({ path, migrations }));
    await quiet(store);
    await store.close();
    await openOnce();
    const reader = openReader(path);
    expect(await reader.list({ status: 'any', limit: 9 })).toHaveLength(1);
    await reader.close();
  });

  test('a later one runs after a backup of what was there', async () => {
    const store = await openStore(parts({ path, migrations }));
    await quiet(store);
    await store.close();
    add('0002-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    add('0003-most.sql', 'CREATE TABLE most (a INTEGER) STRICT;');
    await openOnce();
    expect(tables()).toEqual(expect.arrayContaining(['more', 'most']));
    const backup = `${path}.before-0002.bak`;
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(tables(backup)).not.toContain('more');
    expect(inFile((db) => db.pragma('integrity_check', { simple: true }), backup)).toBe('ok');
    expect(inFile((db) => db.prepare('SELECT COUNT(*) FROM incidents').pluck().get(), backup)).toBe(1);
    expect(existsSync(`${path}.before-0003.bak`)).toBe(false);
  });

  test('one that fails leaves nothing, keeps those before it, and can be run again once it is right', async () => {
    await openOnce();
    add('0002-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    add('0003-wrong.sql', 'CREATE TABLE wrong (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);');
    await refusedAs(
      'KL_MIGRATION_FAILED',
      /0003-wrong\.sql failed \(no such table: nowhere\).*before-0002\.bak/,
    );
    expect(tables()).toContain('more');
    expect(tables()).not.toContain('wrong');
    expect(inFile((db) => db.prepare('SELECT MAX(number) FROM schema_migrations').pluck().get())).toBe(2);
    add('0003-wrong.sql', 'CREATE TABLE wrong (a INTEGER) STRICT;');
    await openOnce();
    expect(tables()).toContain('wrong');
  });

  test('the very first one that fails leaves an empty file', async () => {
    add(FIRST, 'CREATE TABLE a (b INTEGER) STRICT; SELECT nonsense;');
    await refusedAs('KL_MIGRATION_FAILED');
    expect(tables()).toEqual([]);
    expect(inFile((db) => db.pragma('application_id', { simple: true }))).toBe(0);
  });

  test('without room for the backup nothing is changed', async () => {
    await openOnce();
    add('0002-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    mkdirSync(`${path}.before-0002.bak`);
    await refusedAs('KL_MIGRATION_BACKUP');
    expect(tables()).not.toContain('more');
    expect(readdirSync(top).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  });

  test('an edited file is refused', async () => {
    await openOnce();
    add(FIRST, '-- other bytes');
    await refusedAs('KL_MIGRATION_ALTERED', /0001-the-log\.sql/);
  });

  test('a database of a newer version is refused, by its readers too', async () => {
    await openOnce();
    inFile((db) => db.exec("INSERT INTO schema_migrations VALUES (2, '0002-future.sql', 'x', 0)"));
    await refusedAs('KL_SCHEMA_NEWER', /0002-future\.sql/);
    expect(() => openReader(path)).toThrow(expect.objectContaining({ code: 'KL_SCHEMA_NEWER' }));
  });

  test('a database that lacks one in between is refused', async () => {
    await openOnce();
    add('0002-more.sql', 'CREATE TABLE more (a INTEGER) STRICT;');
    add('0003-most.sql', 'CREATE TABLE most (a INTEGER) STRICT;');
    inFile((db) => db.exec("INSERT INTO schema_migrations VALUES (3, '0003-most.sql', 'x', 0)"));
    await refusedAs('KL_MIGRATION_ALTERED', /lacks migration 2/);
  });

  test.each([
    ['a gap', '0003-most.sql', /migration 2 should be/],
    ['the same number twice', '0001-again.sql', /migration 1 should be|migration 2 should be/],
    ['a file that is no migration', 'notes.txt', /notes\.txt/],
    ['a name that is out of form', '0002-More.sql', /0002-More\.sql/],
  ])('a folder with %s is refused before anything is changed', async (_, name, message) => {
    add(name, 'CREATE TABLE more (a INTEGER) STRICT;');
    await refusedAs('KL_MIGRATION_FILES', message);
    expect(tables()).toEqual([]);
  });

  test('a folder that is not there is refused', async () => {
    migrations = join(top, 'elsewhere');
    await refusedAs('KL_MIGRATION_FILES');
  });
});

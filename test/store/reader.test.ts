import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { runbookHash } from '../../src/domain/runbook.ts';
import { entryHash } from '../../src/domain/seal.ts';
import { openReader } from '../../src/store/reader.ts';
import { openStore } from '../../src/store/store.ts';
import { batch, folder, note, parts, purged, quiet, RUNBOOK } from './batches.ts';

describe('reading beside the bot', () => {
  let top: string;
  let path: string;
  beforeEach(() => {
    top = folder();
    path = join(top, 'keyleak.db');
  });

  test('sees what the bot wrote, while the bot holds the database', async () => {
    const store = await openStore(parts({ path, holder: 'keyleak start' }));
    const { id, seq } = await quiet(store);
    await store.commit(id, seq, batch({ entries: [note('a')] }));
    const reader = openReader(path);
    expect(await reader.load(id)).toEqual(await store.load(id));
    expect(await reader.load('KL-9')).toBeNull();
    expect(await reader.list({ status: 'any', limit: 9 })).toEqual(
      await store.list({ status: 'any', limit: 9 }),
    );
    expect(await reader.checkpoints(null)).toEqual(await store.checkpoints(null));
    expect(await reader.checkpoints(id)).toHaveLength(2);
    expect(await reader.runbook(runbookHash(RUNBOOK))).toEqual(RUNBOOK);
    await reader.close();
    await store.close();
  });

  test('stays with the moment at which it began, so that log and checkpoints fit together', async () => {
    const store = await openStore(parts({ path }));
    const { id, seq } = await quiet(store);
    const reader = openReader(path);
    await store.commit(id, seq, batch({ entries: [note('later')] }));
    expect(await reader.load(id)).toHaveLength(seq);
    expect((await reader.checkpoints(id)).at(-1)?.count).toBe(seq);
    await reader.close();
    await store.close();
  });

  test('gives the rows as they are stored, purged texts left out', async () => {
    const store = await openStore(parts({ path }));
    const { id, seq } = await quiet(store);
    await store.commit(id, seq, batch({ entries: [note('a'), note('b')] }));
    await store.purgeText(id, seq + 2, seq + 1, 'text', batch({ entries: [purged(seq + 1, 'text')] }));
    await store.close();
    const reader = openReader(path);
    const rows = (await reader.stored(id)) ?? [];
    expect(rows.map(({ seq: n }) => n)).toEqual(Array.from({ length: seq + 3 }, (_, n) => n + 1));
    expect(rows.every(({ text, hash }) => entryHash(text) === hash)).toBe(true);
    expect(rows[seq]?.texts).toEqual({});
    expect(rows[seq + 1]?.texts.text?.text).toBe('b');
    expect(await reader.stored('KL-9')).toBeNull();
    await reader.close();
  });

  test('names every incident that has entries, in order, also one whose derived row is gone', async () => {
    const store = await openStore(parts({ path }));
    for (let n = 0; n < 11; n += 1) await quiet(store);
    await store.close();
    const db = new Database(path);
    db.pragma('foreign_keys = 0');
    db.exec("DELETE FROM incidents WHERE id = 'KL-2'");
    db.close();
    const reader = openReader(path);
    expect(await reader.incidentIds()).toEqual(Array.from({ length: 11 }, (_, n) => `KL-${n + 1}`));
    await reader.close();
  });

  test('where there is no database says so and makes none', () => {
    expect(() => openReader(join(top, 'none', 'keyleak.db'))).toThrow(
      expect.objectContaining({ code: 'KL_STORE_MISSING' }),
    );
    expect(() => openReader(path)).toThrow(expect.objectContaining({ code: 'KL_STORE_MISSING' }));
    expect(readdirSync(top)).toEqual([]);
  });

  test('refuses what is not a finished keyleak database', () => {
    writeFileSync(path, '');
    expect(() => openReader(path)).toThrow(expect.objectContaining({ code: 'KL_SCHEMA_OLDER' }));
    writeFileSync(path, 'text '.repeat(1_000));
    expect(() => openReader(path)).toThrow(expect.objectContaining({ code: 'KL_STORE_FOREIGN' }));
  });

  test('in a folder where nothing can be written says what to do', async () => {
    const store = await openStore(parts({ path }));
    await store.close();
    chmodSync(path, 0o444);
    chmodSync(top, 0o555);
    const root = process.geteuid?.() === 0;
    // Permissions do not bind root.
    if (root) process.seteuid?.(65_534);
    try {
      expect(() => openReader(path)).toThrow(expect.objectContaining({ code: 'KL_STORE_OPEN' }));
    } finally {
      if (root) process.seteuid?.(0);
      chmodSync(top, 0o700);
    }
  });

  test('a damaged text is told as damage', async () => {
    const store = await openStore(parts({ path }));
    const { id } = await quiet(store);
    await store.close();
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('{"actor"')] = '['.charCodeAt(0);
    writeFileSync(path, bytes);
    const reader = openReader(path);
    await expect(reader.load(id)).rejects.toMatchObject({ code: 'KL_STORE_CORRUPT' });
    expect(await reader.stored(id)).not.toBeNull();
    await reader.close();
  });
});

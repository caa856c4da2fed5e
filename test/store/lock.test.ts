import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../src/store/lock.ts';
import { openStore } from '../../src/store/store.ts';
import { T0 } from '../support/cases.ts';
import { folder, parts } from './batches.ts';

describe('the lock', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'keyleak.db');
  });

  test('refuses a second bot and names the first: program, process, host and since when', async () => {
    const store = await openStore(parts({ path, holder: 'keyleak start' }));
    for (let round = 0; round < 2; round += 1) {
      await expect(openStore(parts({ path, holder: 'keyleak start' }))).rejects.toMatchObject({
        code: 'KL_DATABASE_HELD',
        message: expect.stringContaining(
          `keyleak start (process ${process.pid} on ${hostname()}, since 2026-11-23T03:00:00.000Z)`,
        ),
      });
    }
    await store.close();
    await (await openStore(parts({ path, holder: 'keyleak start' }))).close();
  });

  test('names the present holder, not an earlier one', () => {
    takeLock(path, 'first', T0).release();
    const lock = takeLock(path, 'second', T0 + 1_000);
    expect(() => takeLock(path, 'third', T0 + 2_000)).toThrow(/^second .*03:00:01/);
    lock.release();
  });

  test('is given back when opening fails after it was taken', async () => {
    await expect(openStore(parts({ path, holder: 'x', migrations: '/none' }))).rejects.toMatchObject({
      code: 'KL_MIGRATION_FILES',
    });
    await (await openStore(parts({ path, holder: 'x' }))).close();
  });

  test('on a file that cannot serve says what to do', () => {
    writeFileSync(`${path}.lock`, 'no database '.repeat(1_000));
    expect(() => takeLock(path, 'x', T0)).toThrow(expect.objectContaining({ code: 'KL_LOCK_UNUSABLE' }));
    rmSync(`${path}.lock`);
    mkdirSync(`${path}.lock`);
    expect(() => takeLock(path, 'x', T0)).toThrow(expect.objectContaining({ code: 'KL_LOCK_UNUSABLE' }));
  });

  test('is not taken without a holder, nor in memory', async () => {
    const plain = await openStore(parts({ path }));
    const memory = await openStore(parts({ holder: 'x' }));
    expect(existsSync(`${path}.lock`)).toBe(false);
    expect(existsSync(':memory:.lock')).toBe(false);
    await Promise.all([plain.close(), memory.close()]);
  });
});

import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { takeLock } from '../../src/store/lock.ts';
import { openReader } from '../../src/store/reader.ts';
import { folder } from './batches.ts';
import { type Child, start } from './children.ts';

describe('the lock between processes', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'keyleak.db');
  });

  async function outcome(child: Child): Promise<string | null> {
    expect(await child.line()).toBe('starting');
    return child.line();
  }

  test('a second bot is refused and told who holds the database; a reader is not', async () => {
    const first = start('holder.child.mjs', path);
    expect(await outcome(first)).toBe('held');
    const told = await outcome(start('holder.child.mjs', path));
    expect(told).toContain('KL_DATABASE_HELD');
    expect(told).toContain(`keyleak start (process ${first.pid} on ${hostname()}, since 20`);
    const reader = openReader(path);
    expect(await reader.list({ status: 'any', limit: 1 })).toEqual([]);
    await reader.close();
  });

  test('a killed bot blocks nobody, and the next one is named in its place', async () => {
    for (let round = 0; round < 3; round += 1) {
      const child = start('holder.child.mjs', path);
      expect(await outcome(child)).toBe('held');
      expect(() => takeLock(path, 'test', 0)).toThrow(new RegExp(`process ${child.pid} `));
      await child.kill();
      takeLock(path, 'test', 0).release();
    }
  });

  test('one that is killed at any moment of its start blocks nobody', async () => {
    for (let round = 0; round < 12; round += 1) {
      const child = start('holder.child.mjs', path);
      expect(await child.line()).toBe('starting');
      await child.kill();
      takeLock(path, 'test', 0).release();
    }
  });

  test('of several that start at the same moment exactly one gets it', async () => {
    for (let round = 0; round < 4; round += 1) {
      const children = Array.from({ length: 5 }, () => start('holder.child.mjs', path));
      const told = await Promise.all(children.map(outcome));
      const holders = children.filter((_, n) => told[n] === 'held');
      expect(holders, JSON.stringify(told)).toHaveLength(1);
      const winner = new RegExp(
        `KL_DATABASE_HELD (keyleak start \\(process ${holders[0]?.pid} |Another process)`,
      );
      for (const line of told) if (line !== 'held') expect(line).toMatch(winner);
      await Promise.all(children.map((child) => child.kill()));
    }
  });
});

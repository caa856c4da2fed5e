// A copy that is taken while a process writes as fast as it can, and put in the place of the database.

import { copyFileSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp } from '../../src/store/backup.ts';
import { openReader } from '../../src/store/reader.ts';
import { openStore } from '../../src/store/store.ts';
import { verifyDatabase } from '../support/verified.ts';
import { batch, folder, note, parts, quiet } from './batches.ts';
import { start } from './children.ts';

async function headOf(path: string): Promise<string> {
  const reader = openReader(path);
  try {
    return ((await reader.load('KL-1')) ?? []).map(({ entry }) => entry.hash).join();
  } finally {
    await reader.close();
  }
}

test('it holds a moment of the log, whole, and a bot goes on from it', async () => {
  const path = join(folder(), 'keyleak.db');
  const first = await openStore(parts({ path }));
  await quiet(first);
  await first.close();
  const writer = start('writer.child.mjs', path);
  await writer.line();
  const copies = [];
  for (let count = 0; count < 5; count += 1) {
    for (let line = 0; line < 40; line += 1) await writer.line();
    const copy = `${path}.copy-${count}`;
    await backUp(path, copy);
    copies.push(copy);
  }
  await writer.kill();
  const now = await headOf(path);
  let before = 0;
  for (const copy of copies) {
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect((await verifyDatabase(copy)).findings).toEqual([]);
    const heads = await headOf(copy);
    expect(now.startsWith(heads)).toBe(true);
    expect(heads.length).toBeGreaterThan(before);
    before = heads.length;
  }
  const last = copies.at(-1) ?? '';
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  copyFileSync(last, path);
  const store = await openStore(parts({ path, holder: 'test' }));
  const seq = (await store.load('KL-1'))?.length ?? 0;
  expect(await store.commit('KL-1', seq, batch({ entries: [note('after')] }))).toMatchObject({
    outcome: 'committed',
  });
  await store.close();
  expect((await verifyDatabase(path)).findings).toEqual([]);
});

test('a file that is there is left alone, and what cannot be finished leaves nothing', async () => {
  const place = folder();
  const path = join(place, 'keyleak.db');
  const store = await openStore(parts({ path }));
  await quiet(store);
  await store.close();
  const taken = join(place, 'taken');
  writeFileSync(taken, 'mine');
  await expect(backUp(path, taken)).rejects.toMatchObject({ code: 'KL_BACKUP_EXISTS' });
  const nowhere = join(taken, 'below');
  await expect(backUp(path, nowhere)).rejects.toMatchObject({ code: 'KL_BACKUP_FAILED' });
  await expect(backUp(join(place, 'none.db'), join(place, 'copy'))).rejects.toMatchObject({
    code: 'KL_STORE_MISSING',
  });
  expect(existsSync(join(place, 'copy'))).toBe(false);
});

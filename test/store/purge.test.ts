import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openReader } from '../../src/store/reader.ts';
import { openStore } from '../../src/store/store.ts';
import { seeded } from '../support/virtual-time.ts';
import { batch, folder, note, parts, purged, quiet } from './batches.ts';

/** Every byte that lies in the folder of the database. */
function bytes(top: string): Buffer {
  return Buffer.concat(readdirSync(top).map((name) => readFileSync(join(top, name))));
}

test('a purged text and its salt are in no byte of the database or its WAL, however rows had to move', async () => {
  const top = folder();
  const path = join(top, 'keyleak.db');
  const store = await openStore(parts({ path }));
  const chance = seeded(7);
  const rooms = await Promise.all(Array.from({ length: 12 }, () => quiet(store)));
  const living: { id: string; at: number; mark: string; salt: string }[] = [];
  const gone: string[] = [];
  for (let n = 0; n < 500; n += 1) {
    const room = chance.pick(rooms);
    if (living.length === 0 || chance.next() < 0.7) {
      const mark = `canary-${String(n).padStart(5, '0')}-`;
      const length = chance.next() < 0.2 ? chance.below(6_000) : chance.below(300);
      const text = `${mark}${'x'.repeat(length)}${mark}`;
      const outcome = await store.commit(room.id, room.seq, batch({ entries: [note(text)] }));
      if (outcome.outcome !== 'committed') throw new Error(outcome.outcome);
      room.seq += 1;
      living.push({ id: room.id, at: room.seq, mark, salt: outcome.entries[0]?.texts.text?.salt ?? '?' });
    } else {
      const [one] = living.splice(chance.below(living.length), 1);
      const home = rooms.find(({ id }) => id === one?.id);
      if (one === undefined || home === undefined) throw new Error('nothing to purge');
      const change = batch({ entries: [purged(one.at, 'text')] });
      await store.purgeText(one.id, home.seq, one.at, 'text', change);
      home.seq += 1;
      gone.push(one.mark, one.salt);
    }
  }
  const all = bytes(top);
  expect(gone.length).toBeGreaterThan(200);
  expect(gone.filter((mark) => all.includes(mark))).toEqual([]);
  expect(living.every(({ mark, salt }) => all.includes(mark) && all.includes(salt))).toBe(true);
  await store.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
});

test('a reader in the way delays the wiping of the WAL to the next commit after it, and no longer', async () => {
  const top = folder();
  const path = join(top, 'keyleak.db');
  const store = await openStore(parts({ path }));
  const { id, seq } = await quiet(store);
  await store.commit(id, seq, batch({ entries: [note('canary-in-the-wal')] }));
  const reader = openReader(path);
  const change = batch({ entries: [purged(seq + 1, 'text')] });
  expect(await store.purgeText(id, seq + 1, seq + 1, 'text', change)).toMatchObject({ outcome: 'committed' });
  expect(bytes(top).includes('canary-in-the-wal')).toBe(true);
  await reader.close();
  await store.saveRendered('any', 'thing');
  expect(bytes(top).includes('canary-in-the-wal')).toBe(false);
  await store.close();
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { entryHash, GENESIS } from '../../src/domain/seal.ts';
import { openStore } from '../../src/store/store.ts';
import { seeded } from '../support/virtual-time.ts';
import { folder, parts, quiet } from './batches.ts';
import { start } from './children.ts';

test('a writer that is killed again and again loses nothing that it had acknowledged', async () => {
  const path = join(folder(), 'keyleak.db');
  const first = await openStore(parts({ path }));
  const { id } = await quiet(first);
  await first.close();
  const chance = seeded(11);
  for (let round = 0; round < 20; round += 1) {
    const child = start('writer.child.mjs', path);
    expect(await child.line()).toMatch(/^at \d+$/);
    const acknowledged: string[] = [];
    const enough = chance.below(40);
    const dying = enough === 0 ? child.kill() : null;
    for (let line = await child.line(); line !== null; line = await child.line()) {
      acknowledged.push(line);
      if (acknowledged.length === enough) void child.kill();
    }
    await dying;
    // Opened as the bot: every page is checked, and the lock is free.
    const store = await openStore(parts({ path, holder: 'test' }));
    for (const delivery of acknowledged) expect(await store.delivered(delivery), delivery).toBe(id);
    const entries = (await store.load(id)) ?? [];
    expect(entries.length).toBeGreaterThanOrEqual(Number(acknowledged.at(-1)?.slice(1) ?? 0));
    let prev = GENESIS;
    for (const { entry } of entries) {
      const { hash, ...hashed } = entry;
      expect(hashed.prev).toBe(prev);
      expect(entryHash(canonicalJson(hashed))).toBe(hash);
      prev = hash;
    }
    expect((await store.checkpoints(id)).at(-1)).toMatchObject({ count: entries.length, head: prev });
    await store.close();
  }
});

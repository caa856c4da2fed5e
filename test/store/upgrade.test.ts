// A database of every schema that there ever was: it opens, its log verifies, and the bot goes on writing in it. Whoever
// changes the schema adds the database that the one before wrote.

import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { foldIncident } from '../../src/domain/evolve.ts';
import { SCHEMA_NUMBER } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/store.ts';
import { verifyDatabase } from '../support/verified.ts';
import { batch, folder, note, parts } from './batches.ts';

const SCHEMAS = fileURLToPath(new URL('schemas', import.meta.url));
const kept = readdirSync(SCHEMAS).toSorted();

test('there is one of each', () => {
  const numbers = Array.from({ length: SCHEMA_NUMBER }, (_, index) => String(index + 1).padStart(4, '0'));
  expect(kept).toEqual(numbers.map((number) => `${number}.db`));
});

test.each(kept)('%s', async (name) => {
  const path = join(folder(), 'keyleak.db');
  copyFileSync(join(SCHEMAS, name), path);
  const before = await verifyDatabase(path);
  expect(before.findings).toEqual([]);
  expect(before.incidents.length).toBeGreaterThan(0);
  const store = await openStore(parts({ path, holder: 'test' }));
  const [id = ''] = before.incidents;
  const entries = (await store.load(id)) ?? [];
  expect(foldIncident(entries)?.keys.length).toBeGreaterThan(0);
  expect(await store.commit(id, entries.length, batch({ entries: [note('after')] }))).toMatchObject({
    outcome: 'committed',
  });
  await store.close();
  expect((await verifyDatabase(path)).findings).toEqual([]);
});

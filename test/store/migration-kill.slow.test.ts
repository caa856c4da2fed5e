// A process that is killed while it changes the schema, before every single statement.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { folder, parts, quiet } from './batches.ts';
import { start } from './children.ts';

/** Tables and triggers; null where there is no database yet. */
function schemaOf(path: string): readonly unknown[] | null {
  if (!existsSync(path)) return null;
  const db = new Database(path, { readonly: true });
  try {
    return db
      .prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
      .pluck()
      .all();
  } finally {
    db.close();
  }
}

test('the old schema or the new one is there, whole, and the next start finishes it', async () => {
  const sound = join(folder(), 'keyleak.db');
  await (await openStore(parts({ path: sound }))).close();
  const whole = schemaOf(sound);
  let killed = 0;
  for (let number = 1; number < 200; number += 1) {
    const path = join(folder(), 'keyleak.db');
    const child = start('migrator.child.mjs', path, String(number));
    if ((await child.line()) === 'migrated') break;
    await child.kill();
    killed += 1;
    expect([null, [], whole]).toContainEqual(schemaOf(path));
    const store = await openStore(parts({ path, holder: 'test' }));
    expect(await quiet(store)).toMatchObject({ id: 'KL-1' });
    await store.close();
    expect(schemaOf(path)).toEqual(whole);
  }
  expect(killed).toBeGreaterThan(20);
  expect(killed).toBeLessThan(199);
});

import type Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { openDatabase } from '../../src/store/open.ts';
import { storeOn } from '../../src/store/store.ts';
import { T0 } from '../support/cases.ts';
import { MIGRATIONS, parts } from './batches.ts';

/** Every statement that the store prepares, with the plan that SQLite makes for it. */
async function plans(): Promise<ReadonlyMap<string, string>> {
  const db = openDatabase(':memory:');
  await migrate(db, ':memory:', MIGRATIONS, T0);
  const found = new Map<string, string>();
  const spy = Object.create(db) as Database.Database;
  spy.prepare = ((sql: string) => {
    if (/^\s*(SELECT|WITH|UPDATE)/.test(sql)) {
      const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`);
      const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]);
      const holes = sql.split('?').length - 1;
      const rows =
        names.length > 0 ? steps.all(Object.fromEntries(names)) : steps.all(...Array(holes).fill(null));
      found.set(
        sql.replace(/\s+/g, ' ').trim(),
        rows.map((row) => (row as { detail: string }).detail).join('; '),
      );
    }
    return db.prepare(sql);
  }) as typeof db.prepare;
  for (const name of ['pragma', 'exec', 'close'] as const) {
    Object.defineProperty(spy, name, { value: db[name].bind(db) });
  }
  const store = storeOn(spy, null, parts());
  expect(store).toBeDefined();
  return found;
}

describe('query plans', () => {
  test('looking for work, for what is due and for a repeated report use the partial indexes', async () => {
    const all = await plans();
    const plan = (start: string): string => {
      const found = [...all].filter(([sql]) => sql.startsWith(start));
      if (found.length !== 1) throw new Error(`${found.length} statements start with ${start}`);
      return found[0]?.[1] ?? '';
    };
    expect(plan('SELECT 1 FROM action_runs WHERE wake_at <=')).toContain(
      'INDEX action_runs_waiting (wake_at<?)',
    );
    expect(plan('SELECT id FROM action_runs WHERE wake_at <=')).toContain(
      'INDEX action_runs_waiting (wake_at<?)',
    );
    expect(plan('SELECT 1 FROM action_runs WHERE wake_at IS NOT NULL')).toContain('action_runs_waiting');
    expect(plan('SELECT MIN(wake_at)')).toContain('action_runs_waiting');
    expect(plan("UPDATE action_runs SET state = 'unknown'")).toContain('action_runs_waiting');
    expect(plan('UPDATE action_runs SET not_before')).toContain('action_runs_waiting');
    expect(plan('SELECT incident, phase, due_at')).toContain('INDEX deadlines_open (due_at<?)');
    expect(plan('SELECT MIN(due_at)')).toContain('deadlines_open');
    const joins = [...all].filter(([sql]) => sql.includes('JOIN incidents')).map(([, text]) => text);
    expect(joins).toHaveLength(2);
    for (const text of joins) expect(text).toMatch(/incident_keys_/);
  });

  test('none reads a whole table, save those that stop at their limit or are asked for everything', async () => {
    const scans = [...(await plans())].filter(([, plan]) =>
      plan
        .split('; ')
        .some((step) => /^SCAN (?!json_each|found|CONSTANT|.* INDEX \w+_(waiting|open)\b)/.test(step)),
    );
    expect(scans.map(([sql]) => sql.replace(/^.*? FROM /, '').replace(/\s.*NOT EXISTS.*/s, ' …'))).toEqual([
      'entry_texts …',
      'checkpoints ORDER BY n',
      'checkpoints ORDER BY n DESC LIMIT 1',
    ]);
  });
});

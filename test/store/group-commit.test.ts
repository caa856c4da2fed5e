import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/domain/ports.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDatabase } from '../../src/store/open.ts';
import { storeOn } from '../../src/store/store.ts';
import { hintReport, T0 } from '../support/cases.ts';
import { batch, declared, folder, MIGRATIONS, newRun, note, parts, quiet } from './batches.ts';

describe('commands that wait together', () => {
  let db: Database.Database;
  let store: Store;
  let boundary: (name: string) => void;
  let deferred: (() => void)[];
  beforeEach(async () => {
    const path = join(folder(), 'keyleak.db');
    boundary = () => {};
    deferred = [];
    db = openDatabase(path);
    await migrate(db, path, MIGRATIONS, T0);
    store = storeOn(db, null, {
      ...parts(),
      boundary: (name) => boundary(name),
      defer: (work) => {
        deferred.push(work);
        setImmediate(flush);
      },
    });
    return () => store.close();
  });

  function flush(): void {
    for (const work of deferred.splice(0)) work();
  }

  const count = (table: string): unknown => db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get();

  test('are written in one transaction and answered only after it', async () => {
    const { id, seq } = await quiet(store);
    const seen: string[] = [];
    boundary = (name) => seen.push(`${name} ${answered}`);
    let answered = 0;
    const all = Array.from({ length: 20 }, (_, n) =>
      store.commit(id, seq + n, batch({ entries: [note(`n${n}`)] })).then((outcome) => {
        answered += 1;
        return outcome.outcome;
      }),
    );
    expect(await Promise.all(all)).toEqual(Array(20).fill('committed'));
    expect(seen).toEqual(['store:written 0', 'store:committed 0']);
  });

  test('do not undo each other: one refused, one failing and one stale beside three good ones', async () => {
    const first = await declared(store, undefined, { runs: [newRun('open-room')], deadlines: [] });
    const stale = {
      step: 'open-room',
      subject: '-',
      generation: 1,
      epoch: 7,
      state: 'done',
      notBefore: T0,
    } as const;
    const outcomes = await Promise.allSettled([
      store.commit(first.id, first.seq, batch({ entries: [note('good')] })),
      store.commit(first.id, first.seq, batch({ entries: [note('too late')] })),
      store.commit(
        first.id,
        first.seq + 1,
        batch({ entries: [note('broken')], runs: [newRun('post-card'), newRun('open-room')] }),
      ),
      store.commit(first.id, first.seq + 1, batch({ entries: [note('stale')], runResult: stale })),
      store.commit(first.id, first.seq + 1, batch({ entries: [note('good too')] })),
      quiet(store, [hintReport('Q9Z', 'zzAA')]),
    ]);
    expect(
      outcomes.map((one) => {
        if (one.status === 'rejected') return one.reason.code;
        return 'outcome' in one.value ? one.value.outcome : one.value.id;
      }),
    ).toEqual(['committed', 'conflict', 'KL_STORE_RULE', 'stale', 'committed', 'KL-2']);
    const texts = (await store.load(first.id))?.map(({ texts: own }) => own.text?.text).filter(Boolean);
    expect(texts).toEqual(['good', 'good too']);
    expect((await store.runs(first.id)).map(({ step }) => step)).toEqual(['open-room']);
  });

  test('on a full disk all reject, keep what was there, and work again once there is room', async () => {
    const { id, seq } = await quiet(store);
    await store.commit(id, seq, batch({ entries: [note('before')] }));
    const entries = count('entries');
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 2}`);
    const outcomes = await Promise.allSettled([
      store.saveRendered('small', 'x'),
      store.commit(id, seq + 1, batch({ entries: [note('x'.repeat(60_000))], delivery: 'D1' })),
      store.commit(id, seq + 1, batch({ entries: [note('also waiting')] })),
    ]);
    expect(outcomes.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(
      Array(3).fill('KL_STORE_FULL'),
    );
    expect([count('entries'), count('deliveries'), count('rendered')]).toEqual([entries, 0, 0]);
    expect(db.pragma('quick_check', { simple: true })).toBe('ok');
    expect(await store.commit(id, seq + 1, batch({ entries: [note('small')] }))).toMatchObject({
      outcome: 'committed',
    });
    db.pragma('max_page_count = 100000');
    expect(
      await store.commit(id, seq + 2, batch({ entries: [note('x'.repeat(60_000))], delivery: 'D1' })),
    ).toMatchObject({ outcome: 'committed' });
  });

  test('when the file may only be read all reject with the next step, and later ones are written', async () => {
    const { id, seq } = await quiet(store);
    db.pragma('query_only = 1');
    const outcomes = await Promise.allSettled([
      store.commit(id, seq, batch({ entries: [note('first')], delivery: 'D1' })),
      store.commit(id, seq, batch({ entries: [note('second')] })),
    ]);
    expect(outcomes.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(
      Array(2).fill('KL_STORE_WRITE'),
    );
    expect(outcomes[0]).toMatchObject({ reason: { next: expect.stringMatching(/write|disk|file/) } });
    db.pragma('query_only = 0');
    expect(await store.commit(id, seq, batch({ entries: [note('first')], delivery: 'D1' }))).toMatchObject({
      outcome: 'committed',
    });
  });

  test('when the file turns out to be locked all reject, and the next ones are written', async () => {
    const other = openDatabase(db.name);
    db.pragma('busy_timeout = 0');
    other.exec('BEGIN IMMEDIATE');
    await expect(store.saveRendered('a', 'x')).rejects.toMatchObject({
      code: 'KL_STORE_WRITE',
      message: expect.stringContaining('SQLITE_BUSY'),
    });
    other.exec('ROLLBACK');
    other.close();
    await store.saveRendered('a', 'y');
    expect(await store.rendered('a')).toBe('y');
  });

  test('a crash before the COMMIT leaves nothing; one after it leaves all, and nobody was told', async () => {
    const { id, seq } = await quiet(store);
    const crash = new Error('crash');
    boundary = (name) => {
      if (name === 'store:written') throw crash;
    };
    await expect(store.commit(id, seq, batch({ entries: [note('lost')] }))).rejects.toBe(crash);
    expect(await store.load(id)).toHaveLength(seq);
    boundary = (name) => {
      if (name === 'store:committed') throw crash;
    };
    await expect(store.commit(id, seq, batch({ entries: [note('kept')] }))).rejects.toBe(crash);
    boundary = () => {};
    expect(await store.load(id)).toHaveLength(seq + 1);
    expect(await store.commit(id, seq + 1, batch({ entries: [note('next')] }))).toMatchObject({
      outcome: 'committed',
    });
  });

  test('a look for work that finds none writes nothing', async () => {
    await declared(store, undefined, { runs: [newRun('open-room', { notBefore: T0 + 1_000 })] });
    const seen: string[] = [];
    boundary = (name) => seen.push(name);
    expect(await store.claim({ now: T0, limit: 10 })).toEqual([]);
    expect(seen).toEqual([]);
  });
});

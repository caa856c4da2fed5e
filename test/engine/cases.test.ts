import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Store } from '../../src/domain/ports.ts';
import { createCases } from '../../src/engine/cases.ts';
import { openStore } from '../../src/store/store.ts';
import { batch, closed, declared, folder, note, parts, purged } from '../store/batches.ts';
import { hintReport, T0 } from '../support/cases.ts';

let store: Store;
const loads: string[] = [];

beforeEach(async ({ onTestFinished }) => {
  const cwd = folder();
  mkdirSync(join(cwd, 'data'));
  store = await openStore(parts({ path: join(cwd, 'data', 'keyleak.db') }));
  onTestFinished(() => store.close());
  loads.length = 0;
});

/** The store, with a record of the logs that were read whole. */
function watched(): Store {
  return {
    ...store,
    load(id) {
      loads.push(id);
      return store.load(id);
    },
  };
}

test('what came since is added to what was folded: the log is read whole once, and the state is that of a whole fold', async () => {
  const cases = createCases(watched());
  const { id, seq } = await declared(store, [hintReport('AAA', 'BBBB')]);
  for (let count = 0; count < 8; count += 1) {
    await store.commit(id, seq + count, batch({ now: T0 + count, entries: [note(`note ${count}`)] }));
    expect(await cases(id)).toEqual(await createCases(store)(id));
  }
  await store.commit(id, seq + 8, batch({ now: T0 + 9, entries: [closed()] }));
  expect((await cases(id))?.incident).toMatchObject({ status: 'closed', seq: seq + 9 });
  expect(loads).toEqual([id]);
});

test('nothing new is the same object, and an incident that is not there is none', async () => {
  const cases = createCases(watched());
  const { id } = await declared(store, [hintReport('AAA', 'BBBB')]);
  expect(await cases(id)).toBe(await cases(id));
  expect(await cases('KL-9')).toBeNull();
});

test('a text that is purged is gone from what was kept, too', async () => {
  const cases = createCases(store);
  const { id, seq } = await declared(store, [hintReport('AAA', 'BBBB')]);
  await store.commit(id, seq, batch({ now: T0, entries: [note('my secret')] }));
  expect((await cases(id))?.incident.notes).toMatchObject([{ text: 'my secret' }]);
  const at = seq + 1;
  await store.purgeText(id, at, at, 'text', batch({ now: T0, entries: [purged(at, 'text')] }));
  const after = await cases(id);
  expect(after).toEqual(await createCases(store)(id));
  expect(JSON.stringify(after)).not.toContain('my secret');
});

test('the incidents that were asked for longest ago are let go', async () => {
  const cases = createCases(watched());
  const { id } = await declared(store, [hintReport('AAA', 'BBBB')]);
  await cases(id);
  for (let other = 0; other < 256; other += 1) {
    const made = await declared(store, [hintReport('CCC', `D${String(other).padStart(3, '0')}`)]);
    await cases(made.id);
  }
  loads.length = 0;
  await cases(id);
  expect(loads).toEqual([id]);
});

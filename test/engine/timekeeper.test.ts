import { expect, test } from 'vitest';
import { createTimekeeper, type Timekeeper } from '../../src/engine/timekeeper.ts';
import { hintReport, shippedRunbook, T0 } from '../support/cases.ts';
import { later, type Rig, rig } from './rig.ts';

const PHASES = shippedRunbook().phases.map(({ id }) => id);
const DAYS = 24 * 60 * 60 * 1_000;

const silent = (): Promise<Rig> => rig({ perform: () => new Promise(() => undefined) });

function keeper(one: Rig, change: Partial<Parameters<typeof createTimekeeper>[0]> = {}): Timekeeper {
  const { store, engine, runner, boundary, time } = one;
  const { clock, alarm } = time;
  const onFault = (error: unknown): void => {
    throw error;
  };
  return createTimekeeper({ store, engine, runner, clock, alarm, boundary, onFault, ...change });
}

async function missed(one: Rig, incident = 'KL-1'): Promise<readonly unknown[]> {
  return (await one.log(incident))
    .filter(({ kind }) => kind === 'deadline.missed')
    .map(({ occurred_at, data }) => ({ occurred_at, ...data }));
}

test('a deadline is missed at its time, not before, and once', async () => {
  const one = await silent();
  await one.declare();
  const { tick } = keeper(one);
  const [due] = await one.store.due(T0 + 90 * DAYS);
  if (due === undefined) throw new Error('there is no deadline');
  one.time.step(due.dueAt - T0 - 1);
  await tick();
  expect(await missed(one)).toEqual([]);
  one.time.step(1);
  await tick();
  await tick();
  const due_at = new Date(due.dueAt).toISOString();
  expect(await missed(one)).toEqual([{ occurred_at: due_at, phase: due.phase, due_at, late_ms: 0 }]);
});

test('a machine that slept settles every deadline once, and says how late', async () => {
  const one = await silent();
  await one.declare();
  one.time.step(90 * DAYS);
  await keeper(one).tick();
  // A restart: another timekeeper over the same rows.
  await keeper(one).tick();
  const found = await missed(one);
  expect(found.map((entry) => (entry as { phase: string }).phase)).toEqual(PHASES);
  for (const entry of found) {
    const { due_at, late_ms } = entry as { due_at: string; late_ms: number };
    expect(late_ms).toBe(T0 + 90 * DAYS - Date.parse(due_at));
  }
  expect(await one.store.due(one.time.clock.now())).toEqual([]);
});

test('an incident that cannot be settled keeps no other from its deadlines', async () => {
  const one = await silent();
  await one.declare();
  await one.declare([hintReport('XXX', 'YYYY')]);
  one.time.step(90 * DAYS);
  const faults: unknown[] = [];
  const engine = {
    ...one.engine,
    async expire(deadline: Parameters<typeof one.engine.expire>[0]) {
      if (deadline.incident === 'KL-1') throw new Error('unreadable');
      await one.engine.expire(deadline);
    },
  };
  await keeper(one, { engine, onFault: (error) => faults.push(error) }).tick();
  expect(await missed(one, 'KL-2')).toHaveLength(PHASES.length);
  expect(await missed(one, 'KL-1')).toEqual([]);
  expect(faults).toHaveLength(PHASES.length);
});

test('it looks every second, also after a look that failed, until it is stopped', async () => {
  const one = await silent();
  let looks = 0;
  let looked = later<void>();
  const faults: unknown[] = [];
  const store = {
    ...one.store,
    async due() {
      looks += 1;
      if (looks === 1) throw new Error('the disk is away');
      return [];
    },
  };
  // The alarm for the next look is set at the end of each.
  const alarm: typeof one.time.alarm = (ms, wake) => {
    looked.resolve();
    looked = later<void>();
    return one.time.alarm(ms, wake);
  };
  const { start, stop } = keeper(one, { store, alarm, onFault: (error) => faults.push(error) });
  start();
  for (const expected of [1, 2, 3]) {
    const again = looked.promise;
    expect(one.time.ringWithin(999)).toBe(false);
    expect(one.time.ringWithin(1_000)).toBe(true);
    await again;
    expect(looks).toBe(expected);
  }
  expect(faults).toEqual([new Error('the disk is away')]);
  stop();
  expect(one.time.pending()).toBe(0);
});

test('a run whose time has come is taken up without anybody asking', async () => {
  const begun = later<void>();
  const one = await rig({
    perform() {
      begun.resolve();
      return new Promise(() => undefined);
    },
  });
  await one.declare();
  expect(await one.run()).toMatchObject({ state: 'pending' });
  await keeper(one).tick();
  await begun.promise;
  expect(await one.run()).toMatchObject({ state: 'claimed' });
});

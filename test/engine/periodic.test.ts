import { expect, test } from 'vitest';
import { createPeriodic, type Periodic } from '../../src/engine/periodic.ts';
import { T0 } from '../support/cases.ts';
import { type VirtualTime, virtualTime } from '../support/virtual-time.ts';

interface Scene {
  readonly time: VirtualTime;
  readonly periodic: Periodic;
  readonly signals: AbortSignal[];
  readonly faults: unknown[];
}

function scene(work: (signal: AbortSignal, turn: number) => Promise<void>): Scene {
  const time = virtualTime(T0);
  const signals: AbortSignal[] = [];
  const faults: unknown[] = [];
  const periodic = createPeriodic({
    alarm: time.alarm,
    everyMs: 60_000,
    withinMs: 5_000,
    work: (signal) => work(signal, signals.push(signal)),
    onFault: (error) => faults.push(error),
  });
  return { time, periodic, signals, faults };
}

/** Ends only when it is told to, with what it was told. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

test('the first turn begins at once, the next a period after the end of the last', async () => {
  const { time, periodic, signals } = scene(async () => undefined);
  periodic.start();
  expect(signals).toHaveLength(1);
  await periodic.idle();
  for (const turns of [2, 3]) {
    expect(time.ringWithin(59_999)).toBe(false);
    expect(time.ringWithin(60_000)).toBe(true);
    await periodic.idle();
    expect(signals).toHaveLength(turns);
  }
});

test('a turn that fails is told, and the next comes all the same', async () => {
  const { time, periodic, signals, faults } = scene(async (_, turn) => {
    if (turn === 1) throw new Error('away');
  });
  periodic.start();
  await periodic.idle();
  expect(faults).toEqual([new Error('away')]);
  time.ringWithin(60_000);
  await periodic.idle();
  expect(signals).toHaveLength(2);
  expect(faults).toHaveLength(1);
});

test('after a failure it is done again soon, then ever later up to the period, and as ever after a success', async () => {
  const { time, periodic } = scene(async (_, turn) => {
    if (turn <= 5) throw new Error('away');
  });
  periodic.start();
  for (const pause of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    await periodic.idle();
    expect(time.ringWithin(pause - 1)).toBe(false);
    expect(time.ringWithin(pause)).toBe(true);
  }
});

test('a turn that takes too long is aborted, and no other begins beside it', async () => {
  const { time, periodic, signals, faults } = scene(untilAborted);
  periodic.start();
  expect(time.pending()).toBe(1);
  expect(time.ringWithin(4_999)).toBe(false);
  expect(time.ringWithin(5_000)).toBe(true);
  await periodic.idle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(faults).toMatchObject([{ name: 'AbortError' }]);
  expect(time.pending()).toBe(1);
});

test('stopping aborts the turn under way, waits for its end, tells nobody and begins no other', async () => {
  const { time, periodic, signals, faults } = scene(untilAborted);
  periodic.start();
  await periodic.stop();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(faults).toEqual([]);
  expect(time.pending()).toBe(0);
});

test('stopping between two turns cancels the next', async () => {
  const { time, periodic, signals } = scene(async () => undefined);
  periodic.start();
  await periodic.idle();
  await periodic.stop();
  expect(time.pending()).toBe(0);
  expect(signals).toHaveLength(1);
});

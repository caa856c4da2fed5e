// A clock that moves only when told, with the alarms that hang on it, and seeded chance.

import type { Alarm, Clock, Randomness } from '../../src/domain/clock.ts';

export interface VirtualTime {
  readonly clock: Clock;
  readonly alarm: Alarm;
  /** Moves to the next alarm that is due within `ms` and rings it; false when there is none. */
  ringWithin(ms: number): boolean;
  /** Moves on without ringing what lies between; due alarms ring at the next call of `ringWithin`. */
  step(ms: number): void;
  /** Alarms that were set and neither rang nor were cancelled. */
  pending(): number;
}

export function virtualTime(start: number): VirtualTime {
  let now = start;
  let order = 0;
  const alarms = new Map<number, { at: number; wake: () => void }>();
  return {
    clock: { now: () => now },
    alarm(ms, wake) {
      order += 1;
      const id = order;
      alarms.set(id, { at: now + ms, wake });
      return () => {
        alarms.delete(id);
      };
    },
    ringWithin(ms) {
      const next = [...alarms].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (next === undefined || next[1].at > now + ms) return false;
      const [id, { at, wake }] = next;
      alarms.delete(id);
      now = Math.max(now, at);
      wake();
      return true;
    },
    step(ms) {
      now += ms;
    },
    pending: () => alarms.size,
  };
}

export interface Chance extends Randomness {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32: small, fast, and the same on every machine. Not for secrets. */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick<T>(items: readonly T[]): T {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}

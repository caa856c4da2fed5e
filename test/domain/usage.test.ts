// What a usage report says about a key: its impact, its last use, its use after a moment, and what it does not say.

import { expect, test } from 'vitest';
import {
  impactOf,
  lastUseByKey,
  requestsAfter,
  type UsageReport,
  type UsageRow,
} from '../../src/domain/usage.ts';
import { T0 } from '../support/cases.ts';

const MINUTE = 60_000;

/** Use of `k1` in the minute that starts `minute` minutes after T0. */
function row(minute: number, change: Partial<UsageRow> = {}): UsageRow {
  return {
    startingAt: T0 + minute * MINUTE,
    endingAt: T0 + (minute + 1) * MINUTE,
    key: 'k1',
    model: 'm1',
    requests: 1,
    inputTokens: 10,
    outputTokens: 1,
    ...change,
  };
}

function report(...rows: readonly UsageRow[]): UsageReport {
  return {
    rows,
    startingAt: T0,
    endingAt: T0 + 60 * MINUTE,
    refreshedAt: null,
    source: 'analytics',
    requestId: null,
  };
}

const NONE = { requests: 0, inputTokens: 0, outputTokens: 0 };

test('the impact is all requests, and the models with the most requests first', () => {
  const impact = impactOf(
    report(
      row(0),
      row(1, { model: 'm2', requests: 5 }),
      row(2, { requests: 2 }),
      row(3, { model: 'm3', ...NONE }),
    ),
  );
  expect(impact).toEqual({
    requests: 8,
    uncounted: false,
    models: [
      { model: 'm2', requests: 5, uncounted: false, inputTokens: 10, outputTokens: 1 },
      { model: 'm1', requests: 3, uncounted: false, inputTokens: 20, outputTokens: 2 },
    ],
  });
});

test('where requests were not counted the impact says so, and models are told apart by tokens', () => {
  const impact = impactOf(
    report(
      row(0, { requests: null }),
      row(0, { requests: null, model: 'm2', inputTokens: 99 }),
      row(0, { requests: null, model: null, inputTokens: 99 }),
      row(1, { requests: 4, model: 'm3' }),
    ),
  );
  expect(impact).toMatchObject({ requests: 4, uncounted: true });
  expect(impact.models.map(({ model, requests, uncounted }) => [model, requests, uncounted])).toEqual([
    ['m3', 4, false],
    [null, 0, true],
    ['m2', 0, true],
    ['m1', 0, true],
  ]);
});

test('an empty report has no impact, which is not the same as an uncounted one', () => {
  expect(impactOf(report())).toEqual({ requests: 0, uncounted: false, models: [] });
  expect(impactOf(report(row(0, { ...NONE, requests: null })))).toEqual({
    requests: 0,
    uncounted: false,
    models: [],
  });
});

test('the last use of each key is the end of its last bucket with use', () => {
  const last = lastUseByKey(
    report(
      row(7),
      row(3),
      row(9, NONE),
      row(4, { key: 'k2', requests: null }),
      row(5, { key: 'k3', ...NONE, requests: null }),
      row(6, { key: null }),
    ),
  );
  expect([...last]).toEqual([
    ['k1', T0 + 8 * MINUTE],
    ['k2', T0 + 5 * MINUTE],
  ]);
});

test('after a moment only buckets that start at it or later count; the one around it is told apart', () => {
  const seen = report(
    row(0, { requests: 100 }),
    row(5, { requests: 7 }),
    row(6, { requests: 2 }),
    row(9, { requests: 3 }),
    row(10, NONE),
    row(8, { key: 'k2', requests: 50 }),
  );
  expect(requestsAfter(seen, 'k1', T0 + 5.5 * MINUTE)).toEqual({
    requests: 5,
    uncounted: false,
    firstAt: T0 + 6 * MINUTE,
    lastAt: T0 + 10 * MINUTE,
    straddling: { requests: 7, uncounted: false },
  });
});

test('at the border of two buckets the one before ends and the one after counts: nothing straddles', () => {
  expect(requestsAfter(report(row(0), row(1)), 'k1', T0 + MINUTE)).toEqual({
    requests: 1,
    uncounted: false,
    firstAt: T0 + MINUTE,
    lastAt: T0 + 2 * MINUTE,
    straddling: { requests: 0, uncounted: false },
  });
});

test('without use after the moment there is no first and no last', () => {
  expect(requestsAfter(report(row(0)), 'k1', T0 + 5 * MINUTE)).toEqual({
    requests: 0,
    uncounted: false,
    firstAt: null,
    lastAt: null,
    straddling: { requests: 0, uncounted: false },
  });
});

test('use whose requests nobody counted still has a first and a last moment', () => {
  const seen = report(row(0, { requests: null }), row(1, { requests: null }));
  expect(requestsAfter(seen, 'k1', T0 + MINUTE / 2)).toEqual({
    requests: 0,
    uncounted: true,
    firstAt: T0 + MINUTE,
    lastAt: T0 + 2 * MINUTE,
    straddling: { requests: 0, uncounted: true },
  });
});

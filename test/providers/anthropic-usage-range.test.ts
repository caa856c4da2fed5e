// The range of time that the usage API allows, made of the one that was asked for.

import { expect, test } from 'vitest';
import { usageRange } from '../../src/providers/anthropic-usage-range.ts';

const NOW = Date.parse('2026-11-23T03:00:30Z');

function range(startingAt: string, endingAt: string, bucket: '1m' | '1h' | '1d', now = NOW) {
  const asked = { startingAt: Date.parse(startingAt), endingAt: Date.parse(endingAt) };
  const got = usageRange({ keys: [], groupBy: [], bucket, ...asked }, now);
  return [new Date(got.startingAt).toISOString(), new Date(got.endingAt).toISOString(), got.open];
}

test.each([
  [
    'grows to whole buckets',
    '1m',
    '2026-11-23T02:10:20Z',
    '2026-11-23T02:20:10Z',
    '2026-11-23T02:10:00.000Z',
    '2026-11-23T02:21:00.000Z',
    false,
  ],
  [
    'never ends in the future',
    '1h',
    '2026-11-23T01:00:00Z',
    '2026-11-23T09:00:00Z',
    '2026-11-23T01:00:00.000Z',
    '2026-11-23T03:00:30.000Z',
    true,
  ],
  [
    'ends now where the bucket is not over',
    '1d',
    '2026-11-20T00:00:00Z',
    '2026-11-23T02:00:00Z',
    '2026-11-20T00:00:00.000Z',
    '2026-11-23T03:00:30.000Z',
    true,
  ],
  [
    'has at least one bucket',
    '1m',
    '2026-11-23T02:10:00Z',
    '2026-11-23T02:10:00Z',
    '2026-11-23T02:09:00.000Z',
    '2026-11-23T02:10:00.000Z',
    false,
  ],
  [
    'has the running bucket when it starts now',
    '1m',
    '2026-11-23T03:00:30Z',
    '2026-11-23T03:00:30Z',
    '2026-11-23T03:00:00.000Z',
    '2026-11-23T03:00:30.000Z',
    true,
  ],
  [
    'has a bucket even when it starts in the future',
    '1m',
    '2026-11-23T03:05:00Z',
    '2026-11-23T03:06:00Z',
    '2026-11-23T03:00:00.000Z',
    '2026-11-23T03:00:30.000Z',
    true,
  ],
  [
    'of minutes keeps the newest 24 hours',
    '1m',
    '2026-11-20T00:00:00Z',
    '2026-11-23T02:00:00Z',
    '2026-11-22T02:00:00.000Z',
    '2026-11-23T02:00:00.000Z',
    false,
  ],
  [
    'of hours keeps the newest 31 days',
    '1h',
    '2026-09-01T00:00:00Z',
    '2026-11-23T02:00:00Z',
    '2026-10-23T02:00:00.000Z',
    '2026-11-23T02:00:00.000Z',
    false,
  ],
  [
    'of days keeps the newest 31 days, whole ones',
    '1d',
    '2026-09-01T00:00:00Z',
    '2026-11-23T09:00:00Z',
    '2026-10-24T00:00:00.000Z',
    '2026-11-23T03:00:30.000Z',
    true,
  ],
  [
    'does not start before 2026',
    '1d',
    '2025-12-20T00:00:00Z',
    '2026-01-10T00:00:00Z',
    '2026-01-01T00:00:00.000Z',
    '2026-01-10T00:00:00.000Z',
    false,
  ],
] as const)('a range that %s', (_, bucket, from, to, startingAt, endingAt, open) => {
  expect(range(from, to, bucket)).toEqual([startingAt, endingAt, open]);
});

test('a year back and a little is cut off at 365 days', () => {
  const now = Date.parse('2027-06-15T10:20:30Z');
  expect(range('2026-06-10T00:00:00Z', '2026-06-20T00:00:00Z', '1d', now)[0]).toBe(
    '2026-06-16T00:00:00.000Z',
  );
  expect(range('2026-06-15T00:00:00Z', '2026-06-16T00:00:00Z', '1h', now)[0]).toBe(
    '2026-06-15T11:00:00.000Z',
  );
});

test('on the stroke of a bucket there is a whole one before', () => {
  expect(
    range('2026-11-23T03:00:00Z', '2026-11-23T03:00:00Z', '1m', Date.parse('2026-11-23T03:00:00Z')),
  ).toEqual(['2026-11-23T02:59:00.000Z', '2026-11-23T03:00:00.000Z', true]);
});

test.each([
  ['ends before it starts', '2026-11-23T02:00:00Z', '2026-11-23T01:00:00Z'],
  ['ends before 2026', '2025-11-01T00:00:00Z', '2025-11-20T00:00:00Z'],
  ['has no start', 'never', '2026-11-20T00:00:00Z'],
  ['has no end', '2026-11-20T00:00:00Z', 'never'],
])('a range that %s is refused', (_, from, to) => {
  expect(() => range(from, to, '1h')).toThrow(
    expect.objectContaining({ code: 'KL_ANTHROPIC_USAGE_RANGE', outcome: 'refused' }),
  );
});

// The range of time that Anthropic's usage API allows, made of the one that was asked for: whole buckets, never the future,
// never too long. What does not fit is cut off at its old end, for the newest use is what an incident is about.

import { RemoteError } from '../domain/remote-error.ts';
import type { UsageQuery } from '../domain/usage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const BUCKET_MS = { '1m': MINUTE_MS, '1h': HOUR_MS, '1d': DAY_MS } as const;

/** Longest ranges and earliest start, from the types of `beta.organization.analytics.usage` in `@anthropic-ai/sdk`. */
const LONGEST_MS = { '1m': DAY_MS, '1h': 31 * DAY_MS, '1d': 31 * DAY_MS } as const;
const FIRST_MS = Date.parse('2026-01-01T00:00:00Z');
const REACH_MS = 365 * DAY_MS;

export interface UsageRange {
  /** Start of a bucket (inclusive) in milliseconds since the epoch. */
  readonly startingAt: number;
  /** End of a bucket (exclusive), or `now` in the middle of the running one. */
  readonly endingAt: number;
  /** Whether it ends in the running bucket, or with the newest one that is over. */
  readonly open: boolean;
}

/**
 * The range of `query` within the API's limits at `now` (milliseconds since the epoch). Both ends grow to the bounds of their
 * buckets and never pass `now`; at least one bucket is left. Then the start moves on until the range is not longer than 31 days
 * (24 hours for minutes), within the last 365 days and not before 2026. Whether the API takes an end in the future is not
 * documented, so none is sent. Throws RemoteError KL_ANTHROPIC_USAGE_RANGE where nothing is left: an end before the start,
 * or before what the API remembers.
 */
export function usageRange(query: UsageQuery, now: number): UsageRange {
  const width = BUCKET_MS[query.bucket];
  const down = (at: number): number => Math.floor(at / width) * width;
  const up = (at: number): number => Math.ceil(at / width) * width;
  const endingAt = Math.min(up(query.endingAt), now);
  // The call takes a moment to arrive, and then the oldest minute is out of reach.
  const oldest = up(Math.max(FIRST_MS, now - REACH_MS + MINUTE_MS));
  const startingAt = Math.max(
    Math.min(down(query.startingAt), up(endingAt) - width),
    up(endingAt - LONGEST_MS[query.bucket]),
    oldest,
  );
  if (!(query.startingAt <= query.endingAt) || !(startingAt < endingAt)) throw outOfRange();
  return { startingAt, endingAt, open: endingAt === now };
}

function outOfRange(): RemoteError {
  return new RemoteError(
    'KL_ANTHROPIC_USAGE_RANGE',
    'Anthropic keeps no usage for the time that was asked for, so it was not asked.',
    'Ask for a time within the last 365 days and not before 2026, or look at the usage page of the Console.',
    { outcome: 'refused', reason: 'out of range' },
  );
}

// The use of keys from Anthropic: the analytics API, or the older report where the organisation does not have it. Part of a
// report is never taken for the whole, and rows about another key than was asked for are not believed.

import type Anthropic from '@anthropic-ai/sdk';
import type { z } from 'zod';
import { type Clock, timestamp } from '../domain/clock.ts';
import type { KeyProvider } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import type { UsageQuery, UsageReport, UsageRow } from '../domain/usage.ts';
import type { Ask, Call } from './anthropic-ask.ts';
import { isOneOf, unreadable } from './anthropic-errors.ts';
import { type UsageRange, usageRange } from './anthropic-usage-range.ts';
import { analyticsPage, identity, legacyPage, type UsagePage } from './anthropic-usage-shapes.ts';

/** The most rows that the analytics API gives in one page, and the most buckets that the older report gives. */
const ROWS_A_PAGE = 1000;
const BUCKETS_A_PAGE = { '1m': 1440, '1h': 168, '1d': 31 } as const;
/** A report that is longer than this is taken for one that never ends. */
const MAX_PAGES = 500;
/** Keys are named in the address of a request, and an address may not be of any length. */
const KEYS_A_REQUEST = 100;

const DIMENSIONS = { key: 'api_key_id', model: 'model' } as const;

/** The reports refuse by these where the organisation cannot have them; HIPAA readiness, for one, is a plain 400 without a code. */
const NOT_FOR_US = ['KL_ANTHROPIC_NOT_FOUND', 'KL_ANTHROPIC_FORBIDDEN', 'KL_ANTHROPIC_REFUSED'];

/** How one of the two reports is asked for a page. */
interface Source {
  readonly name: UsageReport['source'];
  readonly shape: z.ZodType<UsagePage>;
  call(keys: readonly string[], page: string | null, signal: AbortSignal): Call;
}

/**
 * `usage` of the key provider. Use outside the API's limits is cut off by `usageRange`. Throws RemoteError; KL_ANTHROPIC_USAGE_UNAVAILABLE
 * where the organisation has neither report, KL_ANTHROPIC_USAGE_RANGE where nothing of the range is left.
 */
export function createUsage(client: Anthropic, ask: Ask, clock: Clock): KeyProvider['usage'] {
  /** All rows about these keys, each once, with the oldest watermark of their pages. */
  async function all(
    source: Source,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<Pick<UsageReport, 'rows' | 'refreshedAt' | 'requestId'>> {
    const rows = new Map<string, UsageRow>();
    const seen = new Set<string>();
    const watermarks: (number | null)[] = [];
    let page: string | null = null;
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const cursor = page;
      const answer: { value: UsagePage; requestId: string | null } = await ask(
        (own) => source.call(keys, cursor, own),
        source.shape,
        signal,
      );
      const { value, requestId } = answer;
      const before = seen.size;
      for (const mark of value.marks) seen.add(mark);
      for (const row of value.rows) rows.set(identity(row), row);
      watermarks.push(value.refreshedAt);
      if (new Set(value.rows.map(identity)).size < value.rows.length)
        throw unreadable(requestId, 'two rows for the same use');
      if (!value.hasMore) return { rows: [...rows.values()], refreshedAt: oldest(watermarks), requestId };
      if (!value.next || seen.size === before) throw unreadable(requestId, 'a page without anything new');
      page = value.next;
    }
    throw unreadable(null, 'a report without end');
  }

  async function report(source: Source, query: UsageQuery, range: UsageRange, signal: AbortSignal) {
    const parts = [];
    for (const keys of portions(query.keys)) {
      const part = await all(source, keys, signal);
      if (query.groupBy.includes('key') && !part.rows.every(({ key }) => asked(keys, key)))
        throw unreadable(part.requestId, 'another key');
      parts.push(part);
    }
    return {
      rows: parts.flatMap(({ rows }) => rows),
      startingAt: range.startingAt,
      endingAt: range.endingAt,
      refreshedAt: oldest(parts.map(({ refreshedAt }) => refreshedAt)),
      source: source.name,
      requestId: parts.at(-1)?.requestId ?? null,
    } satisfies UsageReport;
  }

  return async (query, signal) => {
    const range = usageRange(query, clock.now());
    try {
      return await report(analytics(client, query, range), query, range, signal);
    } catch (error) {
      if (!isOneOf(error, ...NOT_FOR_US)) throw error;
    }
    try {
      return await report(legacy(client, query, range), query, range, signal);
    } catch (error) {
      throw isOneOf(error, ...NOT_FOR_US) ? unavailable(error) : error;
    }
  };
}

function analytics(client: Anthropic, query: UsageQuery, range: UsageRange): Source {
  return {
    name: 'analytics',
    shape: analyticsPage,
    call: (keys, page, signal) =>
      client.beta.organization.analytics.usage.list(
        {
          starting_at: timestamp(range.startingAt),
          ending_at: timestamp(range.endingAt),
          time_bucket_width: query.bucket,
          group_by: query.groupBy.map((dimension) => DIMENSIONS[dimension]),
          order_by: 'time',
          order: 'asc',
          limit: ROWS_A_PAGE,
          ...(keys.length === 0 ? {} : { api_key_ids: [...keys] }),
          ...(page === null ? {} : { page }),
        },
        { signal },
      ),
  };
}

/** The SDK has no method for the older report. It gives whole buckets only, so an end in the running one is left away. */
function legacy(client: Anthropic, query: UsageQuery, range: UsageRange): Source {
  return {
    name: 'legacy',
    shape: legacyPage,
    call: (keys, page, signal) =>
      client.get('/v1/organizations/usage_report/messages', {
        query: {
          starting_at: timestamp(range.startingAt),
          ...(range.open ? {} : { ending_at: timestamp(range.endingAt) }),
          bucket_width: query.bucket,
          group_by: query.groupBy.map((dimension) => DIMENSIONS[dimension]),
          limit: BUCKETS_A_PAGE[query.bucket],
          ...(keys.length === 0 ? {} : { api_key_ids: [...keys] }),
          ...(page === null ? {} : { page }),
        },
        signal,
      }),
  };
}

/** The keys in portions that one request can name; one empty portion stands for every key. */
function portions(keys: readonly string[]): readonly (readonly string[])[] {
  const unique = [...new Set(keys)];
  if (unique.length === 0) return [[]];
  const count = Math.ceil(unique.length / KEYS_A_REQUEST);
  return Array.from({ length: count }, (_, n) => unique.slice(n * KEYS_A_REQUEST, (n + 1) * KEYS_A_REQUEST));
}

function asked(keys: readonly string[], key: string | null): boolean {
  return keys.length === 0 || (key !== null && keys.includes(key));
}

/** The oldest of several watermarks; null when one of them is unknown. */
function oldest(watermarks: readonly (number | null)[]): number | null {
  const known = watermarks.filter((one) => one !== null);
  return known.length < watermarks.length || known.length === 0 ? null : Math.min(...known);
}

function unavailable(error: RemoteError): RemoteError {
  return new RemoteError(
    'KL_ANTHROPIC_USAGE_UNAVAILABLE',
    'Anthropic gives this organisation no usage report that keyleak may read.',
    'Open the usage page of the Console (https://platform.claude.com/usage), pick the key there, and write what it shows as a note.',
    { outcome: 'refused', reason: error.reason, requestId: error.requestId, cause: error },
  );
}

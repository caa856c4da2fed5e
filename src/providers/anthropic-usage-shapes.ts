// What keyleak reads of Anthropic's two usage reports, and how either becomes rows. A count that is negative, broken or no
// number is an answer that cannot be read; a count that the report does not have stays unknown.

import { z } from 'zod';
import type { UsageRow } from '../domain/usage.ts';
import { id, name } from './anthropic-shapes.ts';

const count = z.int().nonnegative();
const moment = z.iso.datetime({ offset: true }).transform((raw) => Date.parse(raw));

const tokenCounts = {
  uncached_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count }),
  output_tokens: count,
};
type TokenCounts = z.output<z.ZodObject<typeof tokenCounts>>;

const groupOf = { api_key_id: id.nullish(), model: name.nullish() };

const itemShape = z
  .object({
    starting_at: moment,
    ending_at: moment,
    group: z.object(groupOf),
    usage: z.object({ requests: count.nullish(), ...tokenCounts }),
  })
  .refine(hasWidth);

const bucketShape = z
  .object({
    starting_at: moment,
    ending_at: moment,
    results: z.array(z.object({ ...groupOf, ...tokenCounts })),
  })
  .refine(hasWidth);

/** A page of either report. `marks` tell what it is about, once each: a page without new marks brings nothing new. */
export interface UsagePage {
  readonly rows: readonly UsageRow[];
  readonly marks: readonly string[];
  readonly next: string | null;
  readonly hasMore: boolean;
  /** Milliseconds since the epoch; null where the report has no watermark. */
  readonly refreshedAt: number | null;
}

const cursor = { has_more: z.boolean(), next_page: z.string().nullish() };

/** A page of `GET /v1/organizations/analytics/usage`. Source: its types in `@anthropic-ai/sdk`. */
export const analyticsPage = z
  .object({ data: z.array(itemShape), ...cursor, data_refreshed_at: moment.nullish() })
  .transform(({ data, has_more, next_page, data_refreshed_at }): UsagePage => {
    const rows = data.map((item) =>
      rowOf(item, item.group, { ...item.usage, requests: item.usage.requests ?? null }),
    );
    return {
      rows,
      marks: rows.map(identity),
      next: next_page ?? null,
      hasMore: has_more,
      refreshedAt: data_refreshed_at ?? null,
    };
  });

/** A page of the older `GET /v1/organizations/usage_report/messages`, which counts no requests and has no watermark. Source: its documentation. */
export const legacyPage = z.object({ data: z.array(bucketShape), ...cursor }).transform(
  ({ data, has_more, next_page }): UsagePage => ({
    rows: data.flatMap((bucket) =>
      bucket.results.map((result) => rowOf(bucket, result, { ...result, requests: null })),
    ),
    marks: data.map((bucket) => String(bucket.starting_at)),
    next: next_page ?? null,
    hasMore: has_more,
    refreshedAt: null,
  }),
);

/** Tells rows apart: a report has one row for a bucket, key and model. */
export function identity({ startingAt, endingAt, key, model }: UsageRow): string {
  return JSON.stringify([startingAt, endingAt, key, model]);
}

interface Span {
  readonly starting_at: number;
  readonly ending_at: number;
}

function hasWidth({ starting_at, ending_at }: Span): boolean {
  return starting_at < ending_at;
}

function rowOf(
  span: Span,
  group: { readonly api_key_id?: string | null | undefined; readonly model?: string | null | undefined },
  use: TokenCounts & { readonly requests: number | null },
): UsageRow {
  const cached = use.cache_creation;
  return {
    startingAt: span.starting_at,
    endingAt: span.ending_at,
    key: group.api_key_id ?? null,
    model: group.model ?? null,
    requests: use.requests,
    inputTokens:
      use.uncached_input_tokens +
      use.cache_read_input_tokens +
      cached.ephemeral_1h_input_tokens +
      cached.ephemeral_5m_input_tokens,
    outputTokens: use.output_tokens,
  };
}

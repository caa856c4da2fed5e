// `GET /v1/organizations/analytics/usage` of the practice Anthropic. Its answers are values of the SDK's own types. What the
// documentation leaves open is refused here, so that nothing is built on it: an end in the future is the case.

import type Anthropic from '@anthropic-ai/sdk';
import {
  BUCKET_MS,
  type Bucket,
  filterOf,
  groupsOf,
  limitOf,
  pageOf,
  strangeParameters,
  timeOf,
  wordOf,
} from './usage-query.ts';
import type { Used } from './use.ts';
import { badRequest, type Outcome, type Refusal, refuse } from './wire.ts';

type Item = Anthropic.Beta.Organization.Analytics.BetaAnalyticsUsageItem;
type Group = Anthropic.Beta.Organization.Analytics.BetaAnalyticsUsageGroup;

const BETA = 'analytics-usage-cost-2026-08-24';
const HOUR_MS = BUCKET_MS['1h'];
const DAY_MS = BUCKET_MS['1d'];
const FIRST = Date.parse('2026-01-01T00:00:00Z');

const GROUPS = [
  'actor',
  'actor_type',
  'agent_id',
  'api_key_id',
  'claude_tag_category',
  'claude_tag_user_id',
  'context_window',
  'deployment_id',
  'environment_id',
  'inference_geo',
  'model',
  'organization_id',
  'product',
  'rbac_group_id',
  'service_tier',
  'session_id',
  'slack_channel_id',
  'speed',
  'user_profile_id',
  'workspace_id',
] as const satisfies Anthropic.Beta.Organization.Analytics.BetaAnalyticsUsageGroupBy[];

const NO_GROUP = Object.fromEntries(GROUPS.map((name) => [name, null])) as Record<
  (typeof GROUPS)[number],
  null
>;

const PARAMETERS = [
  'starting_at',
  'ending_at',
  'time_bucket_width',
  'group_by[]',
  'api_key_ids[]',
  'models[]',
  'workspace_ids[]',
  'limit',
  'order',
  'order_by',
  'page',
];

interface Asked {
  readonly start: number;
  readonly end: number;
  readonly bucket: Bucket | null;
}

/** Why the request is refused before its parameters are looked at; null when it is not. */
export function analyticsDoor(request: Request, enrolled: boolean): { refusal: Refusal } | null {
  const betas = (request.headers.get('anthropic-beta') ?? '').split(',').map((one) => one.trim());
  if (!betas.includes(BETA)) return badRequest(`anthropic-beta: this endpoint needs ${BETA}`);
  if (enrolled) return null;
  return refuse(
    400,
    'invalid_request_error',
    `The organization is not enrolled in ${BETA}.`,
    'organization_not_enrolled_in_beta',
  );
}

/** The report of `uses`, which are known up to `watermark`, asked for at `now` (both milliseconds since the epoch). */
export function analyticsUsage(
  query: URLSearchParams,
  uses: readonly Used[],
  watermark: number,
  now: number,
): Outcome {
  const strange = strangeParameters(query, PARAMETERS);
  if (strange !== null) return strange;
  const range = rangeOf(query, now);
  if ('refusal' in range) return range;
  const groups = groupsOf(query, GROUPS, 5);
  if ('refusal' in groups) return groups;
  const limit = limitOf(query, 20, 1000);
  if ('refusal' in limit) return limit;
  const order = wordOf(query, 'order', ['asc', 'desc']);
  if ('refusal' in order) return order;
  const by = wordOf(query, 'order_by', [
    'output_tokens',
    'requests',
    'time',
    'total_tokens',
    'uncached_input_tokens',
  ]);
  if ('refusal' in by) return by;

  const items = itemsOf(uses.filter(filterOf(query)), range.value, groups.value);
  const turn = order.value === 'asc' ? 1 : -1;
  const metric = by.value === null || by.value === 'time' ? 'total_tokens' : by.value;
  if (by.value === 'time' && range.value.bucket !== null)
    items.sort(
      (a, b) => turn * (Date.parse(a.starting_at) - Date.parse(b.starting_at)) || total(b) - total(a),
    );
  else items.sort((a, b) => turn * ((a.usage[metric] ?? 0) - (b.usage[metric] ?? 0)));

  const page = pageOf(items, query, limit.value);
  if ('refusal' in page) return page;
  return { body: { ...page.value, data_refreshed_at: new Date(watermark).toISOString() } };
}

function rangeOf(query: URLSearchParams, now: number): { readonly value: Asked } | { refusal: Refusal } {
  const starting = timeOf(query, 'starting_at');
  if ('refusal' in starting) return starting;
  const ending = timeOf(query, 'ending_at');
  if ('refusal' in ending) return ending;
  const width = wordOf(query, 'time_bucket_width', ['1m', '1h', '1d']);
  if ('refusal' in width) return width;
  const [start, bucket] = [starting.value, width.value];
  if (start === null) return badRequest('starting_at: is required');
  if (start < FIRST || start < now - 365 * DAY_MS)
    return badRequest('starting_at: must be within 365 days and not before 2026-01-01');
  if (ending.value === null && bucket !== null)
    return badRequest('ending_at: is required with time_bucket_width');
  const end = ending.value ?? Math.min(now, start + 31 * DAY_MS);
  if (end <= start) return badRequest('ending_at: must be after starting_at');
  if (end > now) return badRequest('ending_at: must not be in the future');
  if (end - start > 31 * DAY_MS) return badRequest('ending_at: the range may span at most 31 days');
  if (bucket === '1m' && end - start > DAY_MS)
    return badRequest('ending_at: with minutes the range may span at most 24 hours');
  return { value: { start, end, bucket } };
}

/** One row for each bucket and group with use. Whole buckets, whichever part of the first and the last was asked for. */
function itemsOf(uses: readonly Used[], { start, end, bucket }: Asked, groups: readonly string[]): Item[] {
  const width = bucket === null ? HOUR_MS : BUCKET_MS[bucket];
  const down = (at: number): number => Math.floor(at / width) * width;
  const iso = (at: number): string => new Date(at).toISOString();
  const first = down(start);
  const last = bucket === null ? down(end) : Math.ceil(end / width) * width;
  const rows = new Map<string, Item>();
  for (const use of uses.filter(({ at }) => at >= first && at < last)) {
    const from = bucket === null ? first : down(use.at);
    const group: Group = {
      ...NO_GROUP,
      api_key_id: groups.includes('api_key_id') ? use.key : null,
      model: groups.includes('model') ? use.model : null,
      workspace_id: groups.includes('workspace_id') ? use.workspace : null,
    };
    const id = JSON.stringify([from, group]);
    const known = rows.get(id)?.usage;
    rows.set(id, {
      starting_at: iso(from),
      ending_at: iso(bucket === null ? last : from + width),
      group,
      usage: {
        requests: (known?.requests ?? 0) + use.requests,
        total_tokens: (known?.total_tokens ?? 0) + use.inputTokens + use.outputTokens,
        uncached_input_tokens: (known?.uncached_input_tokens ?? 0) + use.inputTokens,
        output_tokens: (known?.output_tokens ?? 0) + use.outputTokens,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
        server_tool_use: { web_search_requests: 0 },
      },
    });
  }
  return [...rows.values()];
}

function total(item: Item): number {
  return item.usage.total_tokens;
}

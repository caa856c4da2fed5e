// `GET /v1/organizations/usage_report/messages` of the practice Anthropic, the older report: a list of buckets, empty ones
// too, with tokens but without a count of requests and without a watermark. Source: its documentation; the SDK has no types.

import {
  BUCKET_MS,
  filterOf,
  groupsOf,
  limitOf,
  pageOf,
  strangeParameters,
  timeOf,
  wordOf,
} from './usage-query.ts';
import type { Used } from './use.ts';
import { badRequest, type Outcome } from './wire.ts';

const LIMITS = { '1m': [60, 1440], '1h': [24, 168], '1d': [7, 31] } as const;

const GROUPS = [
  'account_id',
  'api_key_id',
  'context_window',
  'inference_geo',
  'model',
  'service_account_id',
  'service_tier',
  'workspace_id',
] as const;

const NO_GROUP = Object.fromEntries(GROUPS.map((name) => [name, null]));

const PARAMETERS = [
  'starting_at',
  'ending_at',
  'bucket_width',
  'group_by[]',
  'api_key_ids[]',
  'models[]',
  'workspace_ids[]',
  'limit',
  'page',
];

/** The report of `uses` at `now` (milliseconds since the epoch): buckets from `starting_at` that end before `ending_at`, or all up to the running one. */
export function usageReport(query: URLSearchParams, uses: readonly Used[], now: number): Outcome {
  const strange = strangeParameters(query, PARAMETERS);
  if (strange !== null) return strange;
  const starting = timeOf(query, 'starting_at');
  if ('refusal' in starting) return starting;
  const ending = timeOf(query, 'ending_at');
  if ('refusal' in ending) return ending;
  const asked = wordOf(query, 'bucket_width', ['1m', '1h', '1d']);
  if ('refusal' in asked) return asked;
  const groups = groupsOf(query, GROUPS, GROUPS.length);
  if ('refusal' in groups) return groups;
  const bucket = asked.value ?? '1d';
  const [usual, most] = LIMITS[bucket];
  const limit = limitOf(query, usual, most);
  if ('refusal' in limit) return limit;
  if (starting.value === null) return badRequest('starting_at: is required');

  const width = BUCKET_MS[bucket];
  const first = Math.floor(starting.value / width) * width;
  const end = Math.min(ending.value ?? Number.POSITIVE_INFINITY, Math.ceil(now / width) * width);
  const count = Math.max(0, Math.floor((end - first) / width));
  const buckets = Array.from({ length: count }, (_, n) => first + n * width);
  const page = pageOf(buckets, query, limit.value);
  if ('refusal' in page) return page;
  const fitting = uses.filter(filterOf(query));
  const data = page.value.data.map((from) => ({
    starting_at: new Date(from).toISOString(),
    ending_at: new Date(from + width).toISOString(),
    results: resultsOf(
      fitting.filter(({ at }) => at >= from && at < from + width),
      groups.value,
    ),
  }));
  return { body: { ...page.value, data } };
}

function resultsOf(uses: readonly Used[], groups: readonly string[]): object[] {
  const results = new Map<string, { group: object; input: number; output: number }>();
  for (const use of uses) {
    const group = {
      ...NO_GROUP,
      ...(groups.includes('api_key_id') ? { api_key_id: use.key } : {}),
      ...(groups.includes('model') ? { model: use.model } : {}),
      ...(groups.includes('workspace_id') ? { workspace_id: use.workspace } : {}),
    };
    const known = results.get(JSON.stringify(group));
    results.set(JSON.stringify(group), {
      group,
      input: (known?.input ?? 0) + use.inputTokens,
      output: (known?.output ?? 0) + use.outputTokens,
    });
  }
  return [...results.values()].map(({ group, input, output }) => ({
    ...group,
    uncached_input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
    server_tool_use: { web_search_requests: 0 },
  }));
}

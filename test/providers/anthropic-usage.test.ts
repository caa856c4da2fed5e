// What Anthropic tells of the use of keys, over the real SDK: whole reports or an error, and the older report as the way out.

import { expect, test } from 'vitest';
import type { UsageQuery } from '../../src/domain/usage.ts';
import { requestsAfter } from '../../src/domain/usage.ts';
import { key } from '../../src/sandbox/anthropic/world.ts';
import { T0 } from '../support/cases.ts';
import { type Between, failureOf, never, rig } from './anthropic-rig.ts';

const GATEWAY = 'apikey_01ProdGateway';
const WORKER = 'apikey_01ProdWorker';
const ANALYTICS = '/v1/organizations/analytics/usage';
const LEGACY = '/v1/organizations/usage_report/messages';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function hour(change: Partial<UsageQuery> = {}): UsageQuery {
  return {
    keys: [GATEWAY],
    startingAt: T0 - HOUR,
    endingAt: T0,
    bucket: '1m',
    groupBy: ['key', 'model'],
    ...change,
  };
}

/** A rig in which three keys were used within the last hour, the newest use hidden by the lag of five minutes. */
function used(between?: Between) {
  const made = rig(between === undefined ? {} : { between });
  const { practice } = made;
  practice.use(GATEWAY, { at: T0 - 30 * MINUTE, requests: 4, model: 'm1', inputTokens: 50, outputTokens: 5 });
  practice.use(GATEWAY, { at: T0 - 30 * MINUTE, requests: 1, model: 'm2', inputTokens: 10, outputTokens: 1 });
  practice.use(GATEWAY, { at: T0 - 20 * MINUTE, requests: 2, model: 'm1', inputTokens: 20, outputTokens: 2 });
  practice.use(WORKER, { at: T0 - 10 * MINUTE, requests: 9 });
  practice.use(GATEWAY, { at: T0 - MINUTE, requests: 100, model: 'm1' });
  return made;
}

function json(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: { 'request-id': 'req_test' } });
}

/** Answers requests to `path` with these bodies in order, then with the last one for ever. */
function answering(path: string, ...bodies: readonly unknown[]): Between {
  let n = 0;
  return (request, next) => {
    if (new URL(request.url).pathname !== path) return next();
    n += 1;
    return Promise.resolve(json(bodies[Math.min(n, bodies.length) - 1]));
  };
}

function refusing(path: string, status: number, code?: string): Between {
  const details = code === undefined ? {} : { details: { error_code: code } };
  return (request, next) =>
    new URL(request.url).pathname === path
      ? Promise.resolve(
          json(
            { type: 'error', error: { type: 'invalid_request_error', message: 'no', ...details } },
            status,
          ),
        )
      : next();
}

const USAGE = {
  requests: 1,
  total_tokens: 3,
  uncached_input_tokens: 1,
  cache_read_input_tokens: 1,
  cache_creation: { ephemeral_1h_input_tokens: 1, ephemeral_5m_input_tokens: 1 },
  output_tokens: 7,
};

function item(minute = 0, usage: object = {}, group: object = {}) {
  return {
    starting_at: new Date(T0 - HOUR + minute * MINUTE).toISOString(),
    ending_at: new Date(T0 - HOUR + (minute + 1) * MINUTE).toISOString(),
    group: { api_key_id: GATEWAY, model: 'm1', ...group },
    usage: { ...USAGE, ...usage },
  };
}

function page(data: readonly unknown[], change: object = {}) {
  return { data, has_more: false, next_page: null, data_refreshed_at: '2026-11-23T02:55:00Z', ...change };
}

test('use of one key in the last hour, by model and minute, up to the watermark', async () => {
  const { provider, sent } = used();
  const report = await provider.usage(hour(), never);
  expect(report).toEqual({
    rows: [
      {
        startingAt: T0 - 30 * MINUTE,
        endingAt: T0 - 29 * MINUTE,
        key: GATEWAY,
        model: 'm1',
        requests: 4,
        inputTokens: 50,
        outputTokens: 5,
      },
      {
        startingAt: T0 - 30 * MINUTE,
        endingAt: T0 - 29 * MINUTE,
        key: GATEWAY,
        model: 'm2',
        requests: 1,
        inputTokens: 10,
        outputTokens: 1,
      },
      {
        startingAt: T0 - 20 * MINUTE,
        endingAt: T0 - 19 * MINUTE,
        key: GATEWAY,
        model: 'm1',
        requests: 2,
        inputTokens: 20,
        outputTokens: 2,
      },
    ],
    startingAt: T0 - HOUR,
    endingAt: T0,
    refreshedAt: T0 - 5 * MINUTE,
    source: 'analytics',
    requestId: 'req_practice_000001',
  });
  expect(sent).toEqual([`GET ${ANALYTICS}`]);
});

test('without groups all keys and models are one row a bucket, and without keys every key is asked for', async () => {
  const { provider } = used();
  const report = await provider.usage(hour({ keys: [], groupBy: [], bucket: '1d' }), never);
  expect(report.rows).toEqual([
    {
      startingAt: Date.parse('2026-11-23T00:00:00Z'),
      endingAt: Date.parse('2026-11-24T00:00:00Z'),
      key: null,
      model: null,
      requests: 16,
      inputTokens: 980,
      outputTokens: 208,
    },
  ]);
});

test('input tokens are all of them, cached ones too', async () => {
  const { provider } = rig({ between: answering(ANALYTICS, page([item()])) });
  const { rows } = await provider.usage(hour(), never);
  expect(rows[0]).toMatchObject({ inputTokens: 4, outputTokens: 7, requests: 1 });
});

test('more rows than a page holds are read page by page, each once', async () => {
  const { provider, practice } = rig();
  for (let n = 0; n < 2500; n += 1)
    practice.use(GATEWAY, { at: T0 - 20 * HOUR + n * 10_000, model: `m${n % 6}` });
  const report = await provider.usage(hour({ startingAt: T0 - 24 * HOUR }), never);
  expect(report.rows).toHaveLength(2500);
  expect(report.rows.reduce((sum, { requests }) => sum + (requests ?? 0), 0)).toBe(2500);
  expect(practice.requests()).toHaveLength(3);
});

test('more keys than one request can name are asked for in portions', async () => {
  const ids = Array.from({ length: 230 }, (_, n) => `apikey_${n}`);
  const { provider, practice } = rig({ keys: ids.map((id) => key(id, id, null)) });
  for (const id of ids) practice.use(id, { at: T0 - 20 * MINUTE });
  const report = await provider.usage(hour({ keys: ids, groupBy: ['key'] }), never);
  expect(new Set(report.rows.map((row) => row.key))).toEqual(new Set(ids));
  expect(practice.requests().map(({ query }) => query.split('api_key_ids').length - 1)).toEqual([
    100, 100, 30,
  ]);
});

test('after a deactivation the report tells use before it from use after it, and the watermark says how far it reaches', async () => {
  const time = { at: T0 };
  const { provider, practice } = rig({ clock: { now: () => time.at } });
  practice.use(GATEWAY, { at: T0 - MINUTE, requests: 3 });
  await provider.deactivate(GATEWAY, never);
  expect(() => practice.use(GATEWAY, {})).toThrow('was not active');
  time.at += 10 * MINUTE;
  const fresh = practice.createKey({ name: 'prod-api-gateway-2026-11-23' });
  practice.use(fresh.id, { requests: 8 });
  time.at += 6 * MINUTE;
  const report = await provider.usage(
    hour({ keys: [GATEWAY, fresh.id], startingAt: T0 - HOUR, endingAt: time.at }),
    never,
  );
  expect(report.refreshedAt).toBe(T0 + 11 * MINUTE);
  expect(requestsAfter(report, GATEWAY, T0)).toMatchObject({ requests: 0, firstAt: null });
  expect(requestsAfter(report, GATEWAY, T0 - HOUR)).toMatchObject({ requests: 3 });
  expect(requestsAfter(report, fresh.id, T0)).toMatchObject({ requests: 8, firstAt: T0 + 10 * MINUTE });
});

test('the watermark of a report is the oldest one of its pages, and none when a page has none', async () => {
  const first = page([item(0)], {
    has_more: true,
    next_page: 'p2',
    data_refreshed_at: '2026-11-23T02:50:00Z',
  });
  const report = await rig({ between: answering(ANALYTICS, first, page([item(1)])) }).provider.usage(
    hour(),
    never,
  );
  expect(report.refreshedAt).toBe(Date.parse('2026-11-23T02:50:00Z'));
  const blind = page([item(1)], { data_refreshed_at: null });
  const other = await rig({ between: answering(ANALYTICS, first, blind) }).provider.usage(hour(), never);
  expect(other.refreshedAt).toBeNull();
  expect(other.rows).toHaveLength(2);
});

test('new fields are let through, and requests that were not counted stay unknown', async () => {
  const strange = { ...item(0, { requests: null, surprise: 1 }, { shoe_size: 46 }), extra: {} };
  const silent = item(1, { requests: undefined });
  const { provider } = rig({ between: answering(ANALYTICS, page([strange, silent], { more: 1 })) });
  const { rows } = await provider.usage(hour(), never);
  expect(rows.map(({ requests }) => requests)).toEqual([null, null]);
});

test.each([
  ['a fraction of a request', [item(0, { requests: 1.5 })]],
  ['fewer than no requests', [item(0, { requests: -1 })]],
  ['requests as text', [item(0, { requests: '3' })]],
  ['negative tokens', [item(0, { output_tokens: -4 })]],
  ['fractional tokens', [item(0, { uncached_input_tokens: 0.5 })]],
  ['no tokens at all', [item(0, { output_tokens: undefined })]],
  ['more than a number holds', [item(0, { output_tokens: 1e300 })]],
  ['a time that is none', [{ ...item(), starting_at: 'yesterday' }]],
  ['a bucket that ends before it starts', [{ ...item(), ending_at: '2026-11-23T01:00:00Z' }]],
  ['the same use twice', [item(), item()]],
  ['use of another key', [item(0, {}, { api_key_id: WORKER })]],
  ['use of no key where one was asked for', [item(0, {}, { api_key_id: null })]],
])('an answer with %s is not believed', async (_, data) => {
  const { provider, sent } = rig({ between: answering(ANALYTICS, page(data)) });
  expect(await failureOf(provider.usage(hour(), never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREADABLE',
    outcome: 'unknown',
    requestId: 'req_test',
  });
  expect(sent).toHaveLength(1);
});

test.each([
  ['a page that repeats', page([item()], { has_more: true, next_page: 'again' }), 2],
  ['an empty page that promises more', page([], { has_more: true, next_page: 'more' }), 1],
  ['a page that promises more without a cursor', page([item()], { has_more: true }), 1],
])('%s ends in an error, not in an endless loop', async (_, body, requests) => {
  const { provider, sent } = rig({ between: answering(ANALYTICS, body) });
  expect(await failureOf(provider.usage(hour(), never))).toMatchObject({ code: 'KL_ANTHROPIC_UNREADABLE' });
  expect(sent).toHaveLength(requests);
});

test('a report that brings new rows for ever ends in an error', async () => {
  let n = 0;
  const { provider, sent } = rig({
    between: () => {
      n += 1;
      const data = [item(0, {}, { model: `m${n}` })];
      return Promise.resolve(json(page(data, { has_more: true, next_page: `p${n}` })));
    },
  });
  expect(await failureOf(provider.usage(hour(), never))).toMatchObject({ code: 'KL_ANTHROPIC_UNREADABLE' });
  expect(sent.length).toBeLessThan(600);
});

test('a page that fails fails the report: part of it is never returned', async () => {
  const { provider, sent } = rig({
    between: (request) =>
      Promise.resolve(
        request.url.includes('page=')
          ? new Response('', { status: 503 })
          : json(page([item()], { has_more: true, next_page: 'p2' })),
      ),
  });
  expect(await failureOf(provider.usage(hour(), never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNAVAILABLE',
    outcome: 'unknown',
  });
  expect(sent).toHaveLength(2);
});

test('without the analytics the older report is read: tokens, no count of requests, no watermark', async () => {
  const { provider, practice, sent } = used();
  practice.setAnalytics('not_enrolled');
  const report = await provider.usage(hour(), never);
  expect(report.rows).toEqual([
    {
      startingAt: T0 - 30 * MINUTE,
      endingAt: T0 - 29 * MINUTE,
      key: GATEWAY,
      model: 'm1',
      requests: null,
      inputTokens: 50,
      outputTokens: 5,
    },
    {
      startingAt: T0 - 30 * MINUTE,
      endingAt: T0 - 29 * MINUTE,
      key: GATEWAY,
      model: 'm2',
      requests: null,
      inputTokens: 10,
      outputTokens: 1,
    },
    {
      startingAt: T0 - 20 * MINUTE,
      endingAt: T0 - 19 * MINUTE,
      key: GATEWAY,
      model: 'm1',
      requests: null,
      inputTokens: 20,
      outputTokens: 2,
    },
  ]);
  expect(report).toMatchObject({ source: 'legacy', refreshedAt: null, requestId: 'req_practice_000002' });
  expect(sent).toEqual([`GET ${ANALYTICS}`, `GET ${LEGACY}`]);
  expect(decodeURIComponent(practice.requests()[1]?.query ?? '')).toContain(
    'group_by[]=api_key_id&group_by[]=model',
  );
});

test('the older report shows the running day too, and pages that bring only empty buckets are no end', async () => {
  const { provider, practice } = rig();
  practice.setAnalytics('not_enrolled');
  practice.use(GATEWAY, { at: T0 - 30 * MINUTE });
  practice.use(GATEWAY, { at: T0 - 30 * 24 * HOUR + HOUR });
  const days = await provider.usage(hour({ bucket: '1d', startingAt: T0 - 30 * 24 * HOUR }), never);
  expect(days.rows.map(({ endingAt }) => new Date(endingAt).toISOString())).toEqual([
    '2026-10-25T00:00:00.000Z',
    '2026-11-24T00:00:00.000Z',
  ]);
  const hours = await provider.usage(hour({ bucket: '1h', startingAt: T0 - 30 * 24 * HOUR }), never);
  expect(hours.rows).toHaveLength(2);
  expect(practice.requests().filter(({ path }) => path === LEGACY)).toHaveLength(1 + 5);
});

test('the older report ends where it was asked to end when that is in the past', async () => {
  const { provider, practice } = used();
  practice.setAnalytics('not_enrolled');
  const report = await provider.usage(hour({ endingAt: T0 - 29.5 * MINUTE }), never);
  expect(report.rows.map(({ startingAt }) => startingAt)).toEqual([T0 - 30 * MINUTE, T0 - 30 * MINUTE]);
  expect(report.endingAt).toBe(T0 - 29 * MINUTE);
});

test.each([
  [404, 'organization_not_enrolled_in_beta'],
  [400, 'organization_not_enrolled_in_beta'],
  [404, undefined],
  [403, undefined],
  [400, undefined],
])('analytics refused with %i and %s leads to the older report', async (status, code) => {
  const { provider } = used(refusing(ANALYTICS, status, code));
  expect(await provider.usage(hour(), never)).toMatchObject({ source: 'legacy' });
});

test.each([
  [401, 'KL_ANTHROPIC_UNAUTHORIZED', 'refused'],
  [429, 'KL_ANTHROPIC_RATE_LIMITED', 'rate_limited'],
  [500, 'KL_ANTHROPIC_UNAVAILABLE', 'unknown'],
])(
  'analytics that fail with %i are not taken for missing, and nothing is sent twice',
  async (status, code, outcome) => {
    const { provider, sent } = used(refusing(ANALYTICS, status));
    expect(await failureOf(provider.usage(hour(), never))).toMatchObject({ code, outcome });
    expect(sent).toHaveLength(1);
  },
);

test.each([404, 403, 400])(
  'with neither report (%i) the next step is the usage page of the Console',
  async (status) => {
    const between: Between = (request, next) =>
      refusing(
        ANALYTICS,
        404,
        'organization_not_enrolled_in_beta',
      )(request, () => refusing(LEGACY, status)(request, next));
    const error = await failureOf(used(between).provider.usage(hour(), never));
    expect(error).toMatchObject({
      code: 'KL_ANTHROPIC_USAGE_UNAVAILABLE',
      outcome: 'refused',
      requestId: 'req_test',
    });
    expect(error.next).toContain('https://platform.claude.com/usage');
  },
);

test('an older report that fails for the moment may be tried again', async () => {
  const between: Between = (request, next) =>
    refusing(ANALYTICS, 404)(request, () => refusing(LEGACY, 429)(request, next));
  expect(await failureOf(used(between).provider.usage(hour(), never))).toMatchObject({
    code: 'KL_ANTHROPIC_RATE_LIMITED',
    outcome: 'rate_limited',
  });
});

test('an older report with broken buckets is not believed, and one that repeats a page ends', async () => {
  const bucket = { ...item(), results: [{ ...USAGE, api_key_id: GATEWAY, model: 'm1', output_tokens: -1 }] };
  const off =
    (body: unknown): Between =>
    (request, next) =>
      refusing(ANALYTICS, 404)(request, () => answering(LEGACY, body)(request, next));
  const broken = used(off({ data: [bucket], has_more: false }));
  expect(await failureOf(broken.provider.usage(hour(), never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREADABLE',
  });
  const again = used(off({ data: [{ ...item(), results: [] }], has_more: true, next_page: 'p' }));
  expect(await failureOf(again.provider.usage(hour(), never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREADABLE',
  });
  expect(again.sent).toHaveLength(3);
});

test('a range of which nothing is left is refused before anything is sent', async () => {
  const { provider, sent } = used();
  const error = await failureOf(provider.usage(hour({ startingAt: T0, endingAt: T0 - 1 }), never));
  expect(error).toMatchObject({ code: 'KL_ANTHROPIC_USAGE_RANGE', outcome: 'refused' });
  expect(sent).toEqual([]);
});

test('a longer range than the API allows is cut off, and the report says where it starts', async () => {
  const { provider } = used();
  const report = await provider.usage(hour({ startingAt: T0 - 90 * 24 * HOUR }), never);
  expect(report.startingAt).toBe(T0 - 24 * HOUR);
  expect(report.rows).toHaveLength(3);
});

test('a signal that is over ends the report', async () => {
  const timeout = new AbortController();
  const { provider } = rig({
    between: (_, next) => {
      timeout.abort();
      return next();
    },
  });
  expect(await failureOf(provider.usage(hour(), timeout.signal))).toMatchObject({ outcome: 'unknown' });
});

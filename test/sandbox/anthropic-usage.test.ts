// Use of keys in the practice Anthropic: what cannot have happened cannot be told, and both reports are as strict as the vendor's.

import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import {
  createPracticeAnthropic,
  type PracticeAnthropicParts,
} from '../../src/sandbox/anthropic/practice-anthropic.ts';
import { key } from '../../src/sandbox/anthropic/world.ts';
import { ADMIN_KEY } from '../providers/anthropic-rig.ts';
import { T0 } from '../support/cases.ts';

const BASE = 'https://api.anthropic.example';
const ANALYTICS = '/v1/organizations/analytics/usage';
const LEGACY = '/v1/organizations/usage_report/messages';
const GATEWAY = 'apikey_01ProdGateway';
const WORKER = 'apikey_01ProdWorker';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function iso(at: number): string {
  return new Date(at).toISOString();
}

function start(parts: Partial<PracticeAnthropicParts> = {}) {
  const now = { at: T0 };
  const practice = createPracticeAnthropic({ clock: { now: () => now.at }, adminKey: ADMIN_KEY, ...parts });
  const client = new Anthropic({ apiKey: ADMIN_KEY, baseURL: BASE, fetch: practice.fetch, maxRetries: 0 });
  const call = (path: string, beta: string | null = 'analytics-usage-cost-2026-08-24'): Promise<Response> =>
    practice.fetch(`${BASE}${path}`, {
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'anthropic-version': '2026-10-21',
        ...(beta === null ? {} : { 'anthropic-beta': beta }),
      },
    });
  return { practice, client, call, now };
}

const LAST_HOUR = `starting_at=${iso(T0 - HOUR)}&ending_at=${iso(T0)}&time_bucket_width=1m`;

test('the vendor’s client reads use by key, model and workspace, page by page', async () => {
  const { practice, client } = start({ lagMs: 0 });
  practice.use(GATEWAY, { at: T0 - 30 * MINUTE, requests: 2, model: 'm1', inputTokens: 10, outputTokens: 3 });
  practice.use(GATEWAY, {
    at: T0 - 30 * MINUTE + 5_000,
    requests: 1,
    model: 'm1',
    inputTokens: 1,
    outputTokens: 1,
  });
  practice.use(WORKER, { at: T0 - 10 * MINUTE, model: 'm2' });
  const seen = [];
  for await (const item of client.beta.organization.analytics.usage.list({
    starting_at: iso(T0 - HOUR),
    ending_at: iso(T0),
    time_bucket_width: '1m',
    group_by: ['api_key_id', 'model', 'workspace_id'],
    order_by: 'time',
    order: 'asc',
    limit: 1,
  }))
    seen.push(item);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toMatchObject({
    starting_at: iso(T0 - 30 * MINUTE),
    ending_at: iso(T0 - 29 * MINUTE),
    group: { api_key_id: GATEWAY, model: 'm1', workspace_id: 'wrkspc_01Production', actor: null },
    usage: { requests: 3, total_tokens: 15, uncached_input_tokens: 11, output_tokens: 4 },
  });
  expect(practice.requests()).toHaveLength(2);
});

test('without buckets a row covers whole hours, and the most tokens come first', async () => {
  const { practice, client } = start({ lagMs: 0 });
  practice.use(GATEWAY, { at: T0 - 90 * MINUTE, inputTokens: 1, outputTokens: 1 });
  practice.use(WORKER, { at: T0 - 80 * MINUTE, inputTokens: 50, outputTokens: 1 });
  const { data } = await client.beta.organization.analytics.usage.list({
    starting_at: iso(T0 - 100 * MINUTE),
    group_by: ['api_key_id'],
  });
  expect(data.map(({ group }) => group.api_key_id)).toEqual([WORKER, GATEWAY]);
  expect(data[0]).toMatchObject({ starting_at: iso(T0 - 2 * HOUR), ending_at: iso(T0) });
});

test('reports lag: what is newer than the watermark is not in them yet', async () => {
  const { practice, client, now } = start();
  const list = () =>
    client.beta.organization.analytics.usage.list({
      starting_at: iso(T0 - HOUR),
      ending_at: iso(now.at),
      time_bucket_width: '1h',
    });
  practice.use(GATEWAY, { at: T0 - MINUTE });
  expect(await list()).toMatchObject({ data: [], data_refreshed_at: iso(T0 - 5 * MINUTE) });
  practice.setLag(MINUTE);
  expect((await list()).data).toHaveLength(1);
  now.at += HOUR;
  practice.setLag(2 * HOUR);
  expect(await list()).toMatchObject({ data: [], data_refreshed_at: iso(T0 - HOUR) });
});

test('a key that was not active then cannot have been used', async () => {
  const { practice, client, now } = start();
  const inactive = (at: number) => () => practice.use(GATEWAY, { at });
  practice.use(GATEWAY);
  now.at += HOUR;
  await client.organization.apiKeys.update(GATEWAY, { status: 'inactive' });
  now.at += HOUR;
  expect(inactive(now.at)).toThrow('was not active');
  expect(inactive(T0 + HOUR)).toThrow('was not active');
  expect(inactive(T0 + HOUR - 1)).not.toThrow();
  practice.changeKey(GATEWAY, { status: 'active' });
  expect(inactive(now.at)).not.toThrow();
  expect(inactive(now.at - 1)).toThrow('was not active');
});

test.each([
  ['apikey_01ProdOld', {}, 'was not active'],
  ['apikey_01StageLoad', {}, 'was not active'],
  ['apikey_01DevHack', {}, 'was not active'],
  [GATEWAY, { at: Date.parse('2026-04-25T09:13:00Z') }, 'was not active'],
  [GATEWAY, { at: T0 + 1 }, 'not yet'],
  [GATEWAY, { at: Number.NaN }, 'not yet'],
  [GATEWAY, { requests: 0 }, 'at least one'],
  [GATEWAY, { requests: 1.5 }, 'whole'],
  [GATEWAY, { inputTokens: -1 }, 'whole'],
  ['apikey_unknown', {}, 'no key apikey_unknown'],
])('use of %s with %o cannot be told', (id, use, words) => {
  expect(() => start().practice.use(id, use)).toThrow(words);
});

test('a key is used neither before it was made nor from its expiry on', () => {
  const { practice, now } = start();
  practice.addKey(key('apikey_short', 'short', null, { created_at: iso(T0), expires_at: iso(T0 + HOUR) }));
  now.at += 2 * HOUR;
  expect(() => practice.use('apikey_short', { at: T0 - 1 })).toThrow('was not active');
  expect(() => practice.use('apikey_short', { at: T0 + HOUR })).toThrow('was not active');
  expect(() => practice.use('apikey_short', { at: T0 + HOUR - 1 })).not.toThrow();
});

test('a key made in the Console is active, owned, listed and its own', async () => {
  const { practice, client } = start();
  const first = practice.createKey({ name: 'prod-api-gateway-2026-11-23' });
  const second = practice.createKey({
    name: 'org',
    workspace: null,
    by: 'user_01Priya',
    expires_at: iso(T0 + DAY),
  });
  expect(first).toMatchObject({
    name: 'prod-api-gateway-2026-11-23',
    status: 'active',
    created_at: iso(T0),
    expires_at: null,
    created_by: { id: 'user_01Dana', type: 'user' },
    scope: { type: 'workspace', workspace_id: 'wrkspc_01Production' },
  });
  expect(second).toMatchObject({ scope: { type: 'organization' }, expires_at: iso(T0 + DAY) });
  expect(first.partial_key_hint).not.toBe(second.partial_key_hint);
  expect(await client.organization.apiKeys.retrieve(first.id)).toEqual(first);
  practice.use(first.id);
  expect(() => practice.createKey({ name: 'x', workspace: 'wrkspc_01Hackathon' })).toThrow(
    'no open workspace',
  );
  expect(() => practice.createKey({ name: 'x', workspace: 'wrkspc_unknown' })).toThrow('no open workspace');
  expect(() => practice.createKey({ name: 'x', by: 'user_01Left' })).toThrow('no member');
});

test.each([
  ['no start', `ending_at=${iso(T0)}`],
  ['a start before 2026', `starting_at=2025-12-31T23:59:59Z`],
  ['a start without a zone', `starting_at=2026-11-23T01:00:00`],
  ['a start that is no time', `starting_at=soon`],
  ['buckets without an end', `starting_at=${iso(T0 - HOUR)}&time_bucket_width=1h`],
  ['an end before the start', `starting_at=${iso(T0)}&ending_at=${iso(T0 - HOUR)}`],
  ['an end in the future', `starting_at=${iso(T0 - HOUR)}&ending_at=${iso(T0 + 1)}`],
  ['more than 31 days', `starting_at=${iso(T0 - 31 * DAY - 1)}&ending_at=${iso(T0)}`],
  [
    'minutes over more than a day',
    `starting_at=${iso(T0 - DAY - 1)}&ending_at=${iso(T0)}&time_bucket_width=1m`,
  ],
  ['a bucket of a week', `${LAST_HOUR.replace('1m', '1w')}`],
  ['a group that does not exist', `${LAST_HOUR}&group_by[]=ip_address`],
  [
    'more than five groups',
    `${LAST_HOUR}&${['actor', 'model', 'speed', 'product', 'api_key_id', 'service_tier'].map((one) => `group_by[]=${one}`).join('&')}`,
  ],
  ['a group that is no list', `${LAST_HOUR}&group_by=model`],
  ['no limit to speak of', `${LAST_HOUR}&limit=0`],
  ['too high a limit', `${LAST_HOUR}&limit=1001`],
  ['an unknown order', `${LAST_HOUR}&order=up`],
  ['an unknown measure', `${LAST_HOUR}&order_by=cost`],
  ['a cursor of another report', `${LAST_HOUR}&page=page_9`],
  ['a made-up cursor', `${LAST_HOUR}&page=next`],
  ['an unknown parameter', `${LAST_HOUR}&bucket_width=1m`],
  ['a parameter twice', `${LAST_HOUR}&limit=5&limit=6`],
])('analytics asked with %s are refused', async (_, query) => {
  const { call } = start();
  expect((await call(`${ANALYTICS}?${query}`)).status).toBe(400);
});

test('a year back is refused even after 2026', async () => {
  const { call, now } = start();
  now.at = Date.parse('2027-06-15T00:00:00Z');
  const ask = (at: number) => call(`${ANALYTICS}?starting_at=${iso(at)}&ending_at=${iso(at + DAY)}`);
  expect((await ask(now.at - 365 * DAY)).status).toBe(200);
  expect((await ask(now.at - 365 * DAY - 1)).status).toBe(400);
});

test('analytics need their beta header and an organisation that is enrolled', async () => {
  const { call, practice } = start();
  expect((await call(`${ANALYTICS}?${LAST_HOUR}`)).status).toBe(200);
  expect((await call(`${ANALYTICS}?${LAST_HOUR}`, null)).status).toBe(400);
  expect((await call(`${ANALYTICS}?${LAST_HOUR}`, 'other-2026-01-01')).status).toBe(400);
  practice.setAnalytics('not_enrolled');
  const refused = await call(`${ANALYTICS}?${LAST_HOUR}`);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: { details: { error_code: 'organization_not_enrolled_in_beta' } },
  });
  expect((await call(`${LEGACY}?starting_at=${iso(T0 - HOUR)}`, null)).status).toBe(200);
});

test('the vendor’s client knows the refusal of an organisation that is not enrolled', async () => {
  const { client } = start({ analytics: 'not_enrolled' });
  await expect(
    client.beta.organization.analytics.usage.list({ starting_at: iso(T0 - HOUR) }),
  ).rejects.toBeInstanceOf(Anthropic.BetaOrganizationNotEnrolledInBetaError);
});

test('the older report has every bucket, empty ones too, and no count of requests', async () => {
  const { practice, call } = start({ lagMs: 0 });
  practice.use(GATEWAY, { at: T0 - 90 * MINUTE, requests: 3, model: 'm1', inputTokens: 10, outputTokens: 2 });
  practice.use(WORKER, { at: T0 - 90 * MINUTE, model: 'm1' });
  const asked = `${LEGACY}?bucket_width=1h&starting_at=${iso(T0 - 3 * HOUR)}&group_by[]=api_key_id&api_key_ids[]=${GATEWAY}`;
  const whole: unknown = await (await call(asked, null)).json();
  expect(whole).toMatchObject({
    has_more: false,
    next_page: null,
    data: [
      { starting_at: iso(T0 - 3 * HOUR), results: [] },
      {
        starting_at: iso(T0 - 2 * HOUR),
        ending_at: iso(T0 - HOUR),
        results: [{ api_key_id: GATEWAY, model: null, uncached_input_tokens: 10, output_tokens: 2 }],
      },
      { starting_at: iso(T0 - HOUR), results: [] },
    ],
  });
  expect(JSON.stringify(whole)).not.toContain('"requests"');
  expect(await (await call(`${asked}&limit=1&page=page_1`, null)).json()).toMatchObject({
    data: [{ starting_at: iso(T0 - 2 * HOUR) }],
    has_more: true,
    next_page: 'page_2',
  });
  const ended = await call(`${asked}&ending_at=${iso(T0 - HOUR - 1)}`, null);
  expect(await ended.json()).toMatchObject({ data: [{ starting_at: iso(T0 - 3 * HOUR) }] });
});

test.each([
  ['no start', ''],
  ['minutes beyond their limit', `starting_at=${iso(T0 - HOUR)}&bucket_width=1m&limit=1441`],
  ['hours beyond their limit', `starting_at=${iso(T0 - HOUR)}&bucket_width=1h&limit=169`],
  ['days beyond their limit', `starting_at=${iso(T0 - HOUR)}&limit=32`],
  ['a parameter of the other report', `starting_at=${iso(T0 - HOUR)}&time_bucket_width=1h`],
  ['a group that does not exist', `starting_at=${iso(T0 - HOUR)}&group_by[]=actor`],
])('the older report asked with %s is refused', async (_, query) => {
  expect((await start().call(`${LEGACY}?${query}`, null)).status).toBe(400);
});

test('neither report is shown without the admin key', async () => {
  const { practice } = start();
  for (const path of [ANALYTICS, LEGACY])
    expect((await practice.fetch(`${BASE}${path}?starting_at=${iso(T0 - HOUR)}`)).status).toBe(401);
});

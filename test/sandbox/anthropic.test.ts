// The practice Anthropic: strict where the vendor is, read by the vendor's own client.

import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { createPracticeAnthropic } from '../../src/sandbox/anthropic/practice-anthropic.ts';
import { key, practiceKeys } from '../../src/sandbox/anthropic/world.ts';
import { ADMIN_KEY } from '../providers/anthropic-rig.ts';
import { T0 } from '../support/cases.ts';

const BASE = 'https://api.anthropic.example';
const KEYS = '/v1/organizations/api_keys';
const ID = 'apikey_01ProdGateway';

function start(now = { at: T0 }) {
  const practice = createPracticeAnthropic({ clock: { now: () => now.at }, adminKey: ADMIN_KEY });
  const client = new Anthropic({ apiKey: ADMIN_KEY, baseURL: BASE, fetch: practice.fetch, maxRetries: 0 });
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'anthropic-version': '2026-10-21' };
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    practice.fetch(`${BASE}${path}`, { headers, ...init });
  const post = (id: string, body: unknown): Promise<Response> =>
    call(`${KEYS}/${id}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return { practice, client, headers, call, post };
}

test('the practice organisation has every kind of key that a responder meets', () => {
  const keys = practiceKeys(T0);
  expect(keys.length).toBeGreaterThanOrEqual(14);
  expect(new Set(keys.map(({ status }) => status)).size).toBe(4);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
  expect(keys.filter(({ partial_key_hint }) => partial_key_hint?.endsWith('9kAA'))).toHaveLength(2);
  expect(keys.some(({ partial_key_hint }) => partial_key_hint === null)).toBe(true);
  expect(keys.some(({ scope }) => scope.type === 'organization')).toBe(true);
  expect(keys.some(({ principal }) => principal?.type === 'service_account_actor')).toBe(true);
  expect(keys.find(({ id }) => id === ID)).toMatchObject({
    name: 'prod-api-gateway-2026-04-25',
    partial_key_hint: 'sk-ant-api03-R2D...igAA',
    principal: { user_id: 'user_01Dana' },
  });
});

test('the vendor’s client reads organisation, keys, workspaces and users', async () => {
  const { client, practice } = start();
  const { organization } = client;
  expect((await organization.retrieve()).type).toBe('organization');
  const ids: string[] = [];
  for await (const one of organization.apiKeys.list({ limit: 5 })) ids.push(one.id);
  expect(ids).toEqual(practice.keys().map(({ id }) => id));
  const active = await organization.apiKeys.list({ status: 'active', workspace_id: 'wrkspc_01Staging' });
  expect(active.data.map(({ name }) => name)).toEqual(['staging-search-index', 'staging-web']);
  const back = await organization.apiKeys.list({ limit: 2, before_id: ids[4] ?? '' });
  expect(back.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
  expect((await organization.apiKeys.list()).data).toHaveLength(14);
  const names = async (query: Anthropic.Organization.WorkspaceListParams) =>
    (await organization.workspaces.list(query)).data.map(({ name }) => name);
  expect(await names({})).toEqual(['Production', 'Staging', 'Development']);
  expect(await names({ include_default: true, include_archived: true })).toHaveLength(5);
  expect((await organization.workspaces.retrieve('wrkspc_01Staging')).name).toBe('Staging');
  const dana = await organization.users.list({ email: 'dana.reyes@example.com' });
  expect(dana.data.map(({ name }) => name)).toEqual(['Dana Reyes']);
});

test.each([
  ['no credential', {}, 401, 'authentication_error'],
  ['a wrong bearer token', { authorization: 'Bearer wrong' }, 401, 'authentication_error'],
  ['another scheme', { authorization: `Basic ${ADMIN_KEY}` }, 401, 'authentication_error'],
  [
    'no version',
    { authorization: `Bearer ${ADMIN_KEY}`, 'anthropic-version': '' },
    400,
    'invalid_request_error',
  ],
])('a request with %s is refused as the vendor does', async (_, headers, status, type) => {
  const { practice } = start();
  const response = await practice.fetch(`${BASE}${KEYS}`, {
    headers: { 'anthropic-version': '2026-10-21', ...headers },
  });
  expect(response.status).toBe(status);
  const body: unknown = await response.json();
  expect(body).toEqual({
    type: 'error',
    error: { type, message: expect.any(String) },
    request_id: response.headers.get('request-id'),
  });
});

test('the older header for a key is accepted too', async () => {
  const { practice } = start();
  const headers = { 'x-api-key': ADMIN_KEY, 'anthropic-version': '2026-10-21' };
  expect((await practice.fetch(`${BASE}${KEYS}`, { headers })).status).toBe(200);
});

test.each([
  [`${KEYS}/apikey_unknown`, 'GET', 404],
  ['/v1/organizations/workspaces/wrkspc_unknown', 'GET', 404],
  ['/v1/organizations/users/user_01Left', 'GET', 404],
  ['/v1/organizations/invoices', 'GET', 404],
  ['/v1/messages', 'POST', 404],
  [KEYS, 'POST', 405],
  [`${KEYS}/${ID}`, 'DELETE', 405],
  [`${KEYS}?limit=0`, 'GET', 400],
  [`${KEYS}?limit=1001`, 'GET', 400],
  [`${KEYS}?limit=many`, 'GET', 400],
  [`${KEYS}?after_id=apikey_unknown`, 'GET', 400],
  [`${KEYS}?after_id=${ID}&before_id=${ID}`, 'GET', 400],
  [`${KEYS}?status=dead`, 'GET', 400],
  [`${KEYS}?statuss=active`, 'GET', 400],
])('%s %s is answered with %i', async (path, method, status) => {
  expect((await start().call(path, { method })).status).toBe(status);
});

test.each([
  [ID, { status: 'inactive' }],
  [ID, { status: 'archived' }],
  [ID, { name: 'renamed' }],
  ['apikey_01ProdOld', { status: 'active' }],
  ['apikey_01StageLoad', { status: 'archived' }],
])('an update of %s with %o is done', async (id, body) => {
  const { practice, post } = start();
  const before = practice.key(id);
  expect((await post(id, body)).status).toBe(200);
  expect(practice.key(id)).toEqual({ ...before, ...body });
});

test.each([
  ['apikey_01StageLoad', { status: 'inactive' }, 400],
  ['apikey_01StageLoad', { status: 'active' }, 400],
  ['apikey_01DevHack', { status: 'active' }, 400],
  ['apikey_01DevHack', { status: 'inactive' }, 400],
  [ID, { status: 'expired' }, 400],
  [ID, { status: 'inactive', force: true }, 400],
  [ID, { name: '' }, 400],
  [ID, ['inactive'], 400],
  ['apikey_unknown', { status: 'inactive' }, 404],
])('an update of %s with %o is refused with %i and changes nothing', async (id, body, status) => {
  const { practice, post } = start();
  const before = practice.key(id);
  expect((await post(id, body)).status).toBe(status);
  expect(practice.key(id)).toEqual(before);
});

test('an update that is not JSON is refused', async () => {
  const { call, headers } = start();
  const json = { ...headers, 'content-type': 'application/json' };
  expect((await call(`${KEYS}/${ID}`, { method: 'POST', headers: json, body: '{' })).status).toBe(400);
  expect((await call(`${KEYS}/${ID}`, { method: 'POST', body: '{}' })).status).toBe(400);
});

test('a key expires when its time comes', () => {
  const now = { at: T0 };
  const { practice } = start(now);
  practice.addKey(key('apikey_short', 'short', null, { expires_at: new Date(T0 + 60_000).toISOString() }));
  expect(practice.key('apikey_short')?.status).toBe('active');
  now.at += 60_000;
  expect(practice.key('apikey_short')?.status).toBe('expired');
});

test('the provider’s side may change anything, and the log of requests holds no credential', async () => {
  const { practice, call } = start();
  practice.changeKey(ID, { status: 'archived', name: 'gone' });
  practice.removeUser('user_01Dana');
  expect(await (await call(`${KEYS}/${ID}`)).json()).toMatchObject({ status: 'archived', name: 'gone' });
  expect((await call('/v1/organizations/users/user_01Dana')).status).toBe(404);
  await call(`${KEYS}?limit=3`);
  expect(practice.requests()).toEqual([
    { method: 'GET', path: `${KEYS}/${ID}`, query: '', status: 200 },
    { method: 'GET', path: '/v1/organizations/users/user_01Dana', query: '', status: 404 },
    { method: 'GET', path: KEYS, query: 'limit=3', status: 200 },
  ]);
  expect(() => practice.changeKey('apikey_unknown', {})).toThrow('apikey_unknown');
});

test('what was given out is a copy: nobody changes a key by holding it', () => {
  const { practice } = start();
  const held = practice.key(ID);
  if (held !== null) held.status = 'archived';
  expect(practice.key(ID)?.status).toBe('active');
});

test('a request whose signal is aborted is not answered and not counted', async () => {
  const { practice, call } = start();
  await expect(call(KEYS, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  expect(practice.requests()).toEqual([]);
});

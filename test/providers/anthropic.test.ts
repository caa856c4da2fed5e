// Anthropic as a key provider: what it lists, what it never takes for harmless, and that it shows no secret.

import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createAnthropicProvider } from '../../src/providers/anthropic.ts';
import { createPracticeAnthropic } from '../../src/sandbox/anthropic/practice-anthropic.ts';
import { key, practiceKeys, workspace } from '../../src/sandbox/anthropic/world.ts';
import { T0 } from '../support/cases.ts';
import { virtualTime } from '../support/virtual-time.ts';
import { ADMIN_KEY, failureOf, never, rig } from './anthropic-rig.ts';

const KEYS = '/v1/organizations/api_keys';

function json(value: unknown): Response {
  return Response.json(value, { headers: { 'request-id': 'req_test' } });
}

/** Answers lists of keys with these pages, in order, and everything else truly. */
function withPages(...pages: readonly unknown[]) {
  const left = [...pages];
  return rig({
    between: (request, next) =>
      new URL(request.url).pathname === KEYS ? Promise.resolve(json(left.shift())) : next(),
  });
}

test('it lists keys of every status with workspace, scope and owner in the domain’s words', async () => {
  const { provider } = rig();
  const listing = await provider.list(never);
  expect(listing).toMatchObject({ complete: true, readAt: T0 });
  expect(listing.keys).toHaveLength(practiceKeys(T0).length);
  expect(new Set(listing.keys.map(({ status }) => status))).toEqual(
    new Set(['active', 'inactive', 'archived', 'expired']),
  );
  const named = (name: string) => listing.keys.find((one) => one.name === name);
  expect(named('prod-api-gateway-2026-04-25')).toEqual({
    id: 'apikey_01ProdGateway',
    name: 'prod-api-gateway-2026-04-25',
    hint: 'sk-ant-api03-R2D...igAA',
    status: 'active',
    scope: 'workspace',
    workspace: { id: 'wrkspc_01Production', name: 'Production' },
    owner: { id: 'user_01Dana', type: 'user' },
    created_at: '2026-04-25T09:14:00Z',
    expires_at: null,
  });
  expect(named('prod-billing-reports')?.owner).toEqual({ id: 'svac_01Billing', type: 'service_account' });
  expect(named('priya-org-automation')).toMatchObject({ scope: 'organization', workspace: null });
  expect(named('legacy-integration')).toMatchObject({
    hint: null,
    owner: null,
    workspace: { name: 'Default' },
  });
  expect(named('hackathon-demo')?.workspace?.name).toBe('Hackathon 2025');
});

test('more than a thousand keys are read page by page, each once, in order', async () => {
  const keys = Array.from({ length: 2345 }, (_, index) => key(`apikey_${index}`, `key ${index}`, null));
  const { provider, practice } = rig({ keys });
  const listing = await provider.list(never);
  expect(listing.keys.map(({ id }) => id)).toEqual(keys.map(({ id }) => id));
  const asked = practice.requests().filter(({ path }) => path === KEYS);
  expect(asked.map(({ query }) => query)).toEqual([
    'limit=1000',
    'limit=1000&after_id=apikey_999',
    'limit=1000&after_id=apikey_1999',
  ]);
});

test('a page that fails fails the listing: part of it is never returned', async () => {
  const keys = Array.from({ length: 1500 }, (_, index) => key(`apikey_${index}`, 'a key', null));
  const { provider } = rig({
    keys,
    between: (request, next) =>
      request.url.includes('after_id') ? Promise.resolve(new Response('', { status: 503 })) : next(),
  });
  expect(await failureOf(provider.list(never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNAVAILABLE',
    outcome: 'unknown',
  });
});

const one = { id: 'apikey_1', name: 'one', status: 'active' };

test.each([
  ['a page that repeats', { data: [one], has_more: true, last_id: 'apikey_1' }, 2],
  ['a page that promises more without a cursor', { data: [one], has_more: true, last_id: null }, 1],
  ['an empty page that promises more', { data: [], has_more: true, last_id: 'apikey_1' }, 1],
])('%s ends in an error, not in an endless loop', async (_, page, requests) => {
  const { provider, sent } = withPages(...Array.from({ length: 50 }, () => page));
  expect(await failureOf(provider.list(never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREADABLE',
    outcome: 'unknown',
    requestId: 'req_test',
  });
  expect(sent.filter((line) => line.endsWith(KEYS))).toHaveLength(requests);
});

test('a list that brings new keys for ever ends in an error', async () => {
  let count = 0;
  const { provider, sent } = rig({
    between: (request, next) => {
      if (new URL(request.url).pathname !== KEYS) return next();
      count += 1;
      const id = `apikey_${count}`;
      return Promise.resolve(json({ data: [{ ...one, id }], has_more: true, last_id: id }));
    },
  });
  expect(await failureOf(provider.list(never))).toMatchObject({ code: 'KL_ANTHROPIC_UNREADABLE' });
  expect(sent.length).toBeLessThan(600);
});

test('names of workspaces are read once a minute, and again at once where they could not be read', async () => {
  let now = T0;
  let broken = true;
  const { provider, sent } = rig({
    clock: { now: () => now },
    between: (request, next) =>
      broken && request.url.includes('/workspaces')
        ? Promise.resolve(new Response('', { status: 500 }))
        : next(),
  });
  const names = async () => (await provider.list(never)).keys[0]?.workspace?.name;
  const asked = () => sent.filter((what) => what.endsWith('/workspaces')).length;
  expect(await names()).toBeNull();
  broken = false;
  expect([await names(), await names(), asked()]).toEqual(['Production', 'Production', 2]);
  now += 60_000;
  expect([await names(), asked()]).toEqual(['Production', 3]);
});

test.each([403, 404])(
  'without the right to list workspaces (%i) the listing is complete and names are null',
  async (status) => {
    const { provider } = rig({
      between: (request, next) =>
        request.url.includes('/workspaces') ? Promise.resolve(new Response('', { status })) : next(),
    });
    const listing = await provider.list(never);
    expect(listing.complete).toBe(true);
    expect(listing.keys[0]?.workspace).toEqual({ id: 'wrkspc_01Production', name: null });
  },
);

test.each([400, 403, 404, 500])('workspaces that answer %s hold up no key', async (status) => {
  const { provider } = rig({
    between: (request, next) =>
      request.url.includes('/workspaces') ? Promise.resolve(new Response('', { status })) : next(),
  });
  const { keys, complete } = await provider.list(never);
  expect(complete).toBe(true);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.every(({ workspace }) => workspace === null || workspace.name === null)).toBe(true);
});

test('one key without a name spoils no list', async () => {
  const { provider } = rig({
    between: (request, next) =>
      request.url.includes('/api_keys')
        ? Promise.resolve(
            Response.json({
              data: [one, { id: 'apikey_odd', name: null, status: 'active' }],
              has_more: false,
            }),
          )
        : next(),
  });
  const { keys } = await provider.list(never);
  expect(keys.map(({ id, name }) => [id, name])).toContainEqual(['apikey_odd', '']);
  expect(keys).toHaveLength(2);
});

test('workspaces that never answer hold up no key', async () => {
  const time = virtualTime(T0);
  const { provider } = rig({
    alarm: time.alarm,
    between: (request, next) => (request.url.includes('/workspaces') ? new Promise(() => undefined) : next()),
  });
  const listing = provider.list(never);
  await expect.poll(() => time.ringWithin(2_500)).toBe(true);
  expect((await listing).keys.length).toBeGreaterThan(0);
});

test('a status, scope or principal that nobody knows yet is taken for the worse case, and new fields are let through', async () => {
  const strange = {
    ...one,
    status: 'suspended',
    scope: { type: 'project', project_id: 'proj_1' },
    principal: { type: 'robot_actor', robot_id: 'robot_1' },
    created_by: { id: 'user_1', type: 'user' },
    surprise: { deep: true },
  };
  const { provider } = withPages({ data: [strange, one], has_more: false, extra: 1 });
  const { keys } = await provider.list(never);
  expect(keys[0]).toEqual({
    id: 'apikey_1',
    name: 'one',
    hint: null,
    status: 'active',
    scope: 'organization',
    workspace: null,
    owner: null,
    created_at: null,
    expires_at: null,
  });
});

test('a principal that nobody knows yet leaves the creator as owner', async () => {
  const made = { ...one, principal: { type: 'robot_actor' }, created_by: { id: 'user_1', type: 'user' } };
  const { provider } = withPages({ data: [made], has_more: false });
  expect((await provider.list(never)).keys[0]?.owner).toEqual({ id: 'user_1', type: 'user' });
});

test('hostile names come through as text; what no log could hold and a pasted key do not', async () => {
  const pasted = ['sk', 'ant', 'api03', `${'Q7x'.repeat(31)}AA`].join('-');
  const names = [
    '<!channel> *x* \u202edlrow',
    "'; DROP TABLE entries; --",
    'half \ud800 pair',
    `key ${pasted}`,
  ];
  const { provider } = rig({
    keys: names.map((name, index) => key(`apikey_${index}`, name, pasted)),
    workspaces: [workspace('wrkspc_01Production', pasted)],
  });
  const { keys } = await provider.list(never);
  expect(keys[0]?.name).toBe(names[0]);
  expect(keys[1]?.name).toBe(names[1]);
  expect(keys[2]?.name).toBe('half \ufffd pair');
  expect(JSON.stringify(keys)).not.toContain(pasted);
});

test('retrieve gives the key and the id of the request', async () => {
  const { provider } = rig();
  const { key: found, requestId } = await provider.retrieve('apikey_01ProdGateway', never);
  expect(found).toMatchObject({ name: 'prod-api-gateway-2026-04-25', status: 'active' });
  expect(requestId).toMatch(/^req_practice_/);
});

test('an answer about another key than the one asked for is not believed', async () => {
  const { provider } = rig({ between: () => Promise.resolve(json({ ...one, id: 'apikey_other' })) });
  expect(await failureOf(provider.retrieve('apikey_1', never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREADABLE',
    outcome: 'unknown',
  });
});

test('an id that would leave the path is not sent', async () => {
  const { provider, sent } = rig();
  expect(await failureOf(provider.retrieve('..', never))).toMatchObject({ outcome: 'not_sent' });
  await failureOf(provider.retrieve('a/../../users/user_01Dana', never));
  expect(sent).toEqual(['GET /v1/organizations/api_keys/a%2F..%2F..%2Fusers%2Fuser_01Dana']);
});

test('deactivate asks for inactive and for nothing else', async () => {
  const bodies: string[] = [];
  const { provider, practice } = rig({
    between: async (request, next) => {
      bodies.push(await request.clone().text());
      return next();
    },
  });
  await provider.deactivate('apikey_01ProdGateway', never);
  expect(bodies).toEqual(['{"status":"inactive"}']);
  expect(practice.key('apikey_01ProdGateway')?.status).toBe('inactive');
});

test('owners: a member by name and address, nobody for one who left or for a service account', async () => {
  const { provider, sent } = rig();
  expect(await provider.owner({ id: 'user_01Dana', type: 'user' }, never)).toEqual({
    name: 'Dana Reyes',
    email: 'dana.reyes@example.com',
  });
  expect(await provider.owner({ id: 'user_01Left', type: 'user' }, never)).toBeNull();
  expect(await provider.owner({ id: 'svac_01Billing', type: 'service_account' }, never)).toBeNull();
  expect(sent).toHaveLength(2);
});

test('an owner that could not be asked for is an error, not nobody', async () => {
  const { provider } = rig({ between: () => Promise.resolve(new Response('', { status: 500 })) });
  expect(await failureOf(provider.owner({ id: 'user_01Dana', type: 'user' }, never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNAVAILABLE',
  });
});

test('the admin key goes out as a bearer token and is visible neither in the provider nor in its errors', async () => {
  const seen: (string | null)[] = [];
  const { provider } = rig({
    between: (request) => {
      seen.push(request.headers.get('authorization'));
      return Promise.resolve(json({ error: { type: 'authentication_error', message: ADMIN_KEY } }));
    },
  });
  const error = await failureOf(provider.retrieve('apikey_01ProdGateway', never));
  expect(seen).toEqual([`Bearer ${ADMIN_KEY}`]);
  expect(inspect(provider, { depth: 20, showHidden: true })).not.toContain(ADMIN_KEY);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(ADMIN_KEY);
});

test('the admin key is asked for at every request and kept nowhere', async () => {
  const practice = createPracticeAnthropic({ clock: { now: () => T0 }, adminKey: ADMIN_KEY });
  const keys = [ADMIN_KEY, `${ADMIN_KEY}-old`, ADMIN_KEY];
  const provider = createAnthropicProvider({
    alarm: () => () => undefined,
    adminKey: () => keys.shift() ?? '',
    baseUrl: 'https://api.anthropic.example',
    clock: { now: () => T0 },
    fetch: practice.fetch,
  });
  expect(keys).toHaveLength(3);
  await provider.retrieve('apikey_01ProdGateway', never);
  expect(await failureOf(provider.retrieve('apikey_01ProdGateway', never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNAUTHORIZED',
  });
  await provider.retrieve('apikey_01ProdGateway', never);
  expect(await failureOf(provider.retrieve('apikey_01ProdGateway', never))).toMatchObject({
    outcome: 'not_sent',
  });
});

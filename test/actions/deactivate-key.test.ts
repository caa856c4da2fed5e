// deactivate-key: the confirmed key and no other, and dead only when the provider, read back, says so.

import { expect, test } from 'vitest';
import { deactivateKey } from '../../src/actions/deactivate-key.ts';
import { afterFailure } from '../../src/domain/decide-observed.ts';
import type { KeyFacts } from '../../src/domain/key.ts';
import { type Between, failureOf, fetchFailed, never, type Rig, rig } from '../providers/anthropic-rig.ts';
import { play } from '../support/cases.ts';
import { identified, NOW, runOf, world } from './anthropic-world.ts';

const ID = 'apikey_01ProdGateway';
const PATH = `/v1/organizations/api_keys/${ID}`;
const GET = `GET ${PATH}`;
const POST = `POST ${PATH}`;

async function confirmedIn({ provider }: Rig, id: string): Promise<KeyFacts> {
  const key = (await provider.list(never)).keys.find((one) => one.id === id);
  if (key === undefined) throw new Error(`no key ${id}`);
  return key;
}

/** The key as a person confirmed it, then whatever `between` does, then the action. */
async function act(
  options: { id?: string; between?: Between; mode?: 'check'; meanwhile?: (rig: Rig) => void } = {},
) {
  let armed = false;
  const { between = (_, next) => next() } = options;
  const it = rig({ between: (request, next) => (armed ? between(request, next) : next()) });
  const subject = identified(await confirmedIn(it, options.id ?? ID));
  options.meanwhile?.(it);
  armed = true;
  it.sent.length = 0;
  const run = runOf('deactivate-key', { input: { mode: options.mode ?? 'act' } });
  return { ...it, run, work: deactivateKey.perform(world(subject, run, it.provider)) };
}

/** Does `harm` to the nth request, from 1. */
function nth(n: number, harm: Between): Between {
  let count = 0;
  return (request, next) => {
    count += 1;
    return count === n ? harm(request, next) : next();
  };
}

const status =
  (code: number, headers: Record<string, string> = {}): Between =>
  () =>
    Promise.resolve(new Response('', { status: code, headers }));

test('it retrieves, updates and retrieves, once each, and reports what the last answer says', async () => {
  const { work, sent, practice } = await act();
  expect(await work).toMatchObject({
    type: 'status',
    before: { id: ID, status: 'active' },
    after: { id: ID, status: 'inactive', workspace: { name: 'Production' } },
    observedAt: NOW,
    requestId: `req_practice_${String(practice.requests().length).padStart(6, '0')}`,
  });
  expect(sent).toEqual([GET, POST, GET]);
  expect(practice.key(ID)?.status).toBe('inactive');
});

test.each(['inactive', 'archived', 'expired'] as const)(
  'a key that is %s already is left alone',
  async (was) => {
    const { work, sent, practice } = await act({
      meanwhile: (it) => it.practice.changeKey(ID, { status: was }),
    });
    expect(await work).toMatchObject({ before: { status: was }, after: { status: was } });
    expect(sent).toEqual([GET]);
    expect(practice.key(ID)?.status).toBe(was);
  },
);

test.each([
  ['another name', { name: 'prod-checkout' }],
  ['another hint', { partial_key_hint: 'sk-ant-api03-R2E...igAA' }],
  ['no hint any more', { partial_key_hint: null }],
  ['another workspace', { scope: { type: 'workspace', workspace_id: 'wrkspc_01Staging' } }],
  ['another scope', { scope: { type: 'organization' } }],
] as const)('a key with %s than was confirmed is not touched', async (_, change) => {
  const { work, sent, practice } = await act({ meanwhile: (it) => it.practice.changeKey(ID, change) });
  expect(await work).toMatchObject({ type: 'changed', found: { id: ID } });
  expect(sent).toEqual([GET]);
  expect(practice.key(ID)?.status).toBe('active');
});

test('a key of the organization and one without a hint can be killed like any other', async () => {
  for (const id of ['apikey_01OrgAdmin', 'apikey_01Legacy']) {
    const { work, practice } = await act({ id });
    expect(await work).toMatchObject({ after: { id, status: 'inactive' } });
    expect(practice.key(id)?.status).toBe('inactive');
  }
});

test('to check is to look: an active key is refused as still active and not touched', async () => {
  const { work, sent, practice } = await act({ mode: 'check' });
  const error = await failureOf(work);
  expect(error).toMatchObject({ code: 'KL_KEY_STILL_ACTIVE', outcome: 'refused' });
  expect(error.message).toContain('still says active');
  expect(sent).toEqual([GET]);
  expect(practice.key(ID)?.status).toBe('active');
});

test('to check a key that a person disabled reports it', async () => {
  const { work, sent } = await act({
    mode: 'check',
    meanwhile: (it) => it.practice.changeKey(ID, { status: 'inactive' }),
  });
  expect(await work).toMatchObject({ after: { status: 'inactive' } });
  expect(sent).toEqual([GET]);
});

test('an update that is answered with yes but changes nothing is not a deactivation, and is tried again', async () => {
  const { work, run, sent } = await act({
    between: async (request, next) => {
      if (request.method === 'GET') return next();
      return Response.json({ id: ID, name: 'prod-api-gateway-2026-04-25', status: 'inactive' });
    },
  });
  const error = await failureOf(work);
  expect(error).toMatchObject({ code: 'KL_KEY_STILL_ACTIVE', outcome: 'unknown' });
  expect(afterFailure(run, deactivateKey, error, NOW).state).toBe('unknown');
  expect(sent).toEqual([GET, POST, GET]);
});

test.each([
  ['a 500', status(500)],
  ['a 429', status(429, { 'retry-after': '9' })],
  ['a 401', status(401)],
  ['a refused connection', () => Promise.reject(fetchFailed('ECONNREFUSED'))],
  ['an answer cut off', () => Promise.resolve(new Response('{"id":"apik'))],
] as [string, Between][])(
  'when reading back ends in %s, the deactivation is unknown, never denied',
  async (_, harm) => {
    const { work, sent, practice } = await act({ between: nth(3, harm) });
    expect(await failureOf(work)).toMatchObject({ code: 'KL_KEY_UNVERIFIED', outcome: 'unknown' });
    expect(sent).toEqual([GET, POST, GET]);
    expect(practice.key(ID)?.status).toBe('inactive');
  },
);

test('the wait that a 429 asks for survives when it comes while reading back', async () => {
  const { work } = await act({ between: nth(3, status(429, { 'retry-after': '9' })) });
  expect((await failureOf(work)).retryAfterMs).toBe(9_000);
});

test.each([1, 2])('a 429 to request %i is not retried by the SDK', async (n) => {
  const { work, sent } = await act({ between: nth(n, status(429, { 'retry-after': '9' })) });
  expect(await failureOf(work)).toMatchObject({ outcome: 'rate_limited', retryAfterMs: 9_000 });
  expect(sent).toEqual([GET, POST].slice(0, n));
});

test('an update whose answer was lost is unknown; the next attempt reads the key and finds it dead', async () => {
  const first = await act({
    between: async (request, next) => {
      const answer = await next();
      if (request.method === 'POST') throw fetchFailed('ECONNRESET');
      return answer;
    },
  });
  expect(await failureOf(first.work)).toMatchObject({ outcome: 'unknown' });
  expect(first.sent).toEqual([GET, POST]);
  first.sent.length = 0;
  const subject = identified({ ...(await confirmedIn(first, ID)), status: 'active' });
  first.sent.length = 0;
  const again = runOf('deactivate-key', { attempt: 2, doubtful: true, input: { mode: 'act' } });
  expect(await deactivateKey.perform(world(subject, again, first.provider))).toMatchObject({
    after: { status: 'inactive' },
  });
  expect(first.sent).toEqual([GET]);
});

test('a key that is archived in the very moment of the update is dead, though the update is refused', async () => {
  const { work, sent } = await act({
    meanwhile: () => {},
    between: async (request, next) => {
      if (request.method === 'POST') return new Response('', { status: 400 });
      const answer = await next();
      return sent.length === 1 ? answer : archived(answer);
    },
  });
  expect(await work).toMatchObject({ before: { status: 'active' }, after: { status: 'archived' } });
  expect(sent).toEqual([GET, POST, GET]);
});

async function archived(answer: Response): Promise<Response> {
  return Response.json({ ...((await answer.json()) as object), status: 'archived' });
}

test('an update that is refused while the key lives is for a person', async () => {
  const { work, practice } = await act({
    between: (request, next) => (request.method === 'POST' ? status(403)(request, next) : next()),
  });
  expect(await failureOf(work)).toMatchObject({ code: 'KL_ANTHROPIC_FORBIDDEN', outcome: 'refused' });
  expect(practice.key(ID)?.status).toBe('active');
});

test('a key that is gone from the provider is for a person', async () => {
  const { work } = await act({ between: status(404) });
  expect(await failureOf(work)).toMatchObject({ code: 'KL_ANTHROPIC_NOT_FOUND', outcome: 'refused' });
});

test('a status that keyleak does not know is never taken for dead', async () => {
  const { work } = await act({
    between: async (request, next) => {
      const answer = await next();
      return request.method === 'GET'
        ? Response.json({ ...((await answer.json()) as object), status: 'disabled_soon' })
        : answer;
    },
  });
  expect(await failureOf(work)).toMatchObject({ code: 'KL_KEY_STILL_ACTIVE', outcome: 'unknown' });
});

test('without an identified key or a provider nothing is sent', async () => {
  const { provider, sent } = rig();
  const run = runOf('deactivate-key');
  expect(await failureOf(deactivateKey.perform(world(play().subject, run, provider)))).toMatchObject({
    code: 'KL_KEY_UNIDENTIFIED',
    outcome: 'refused',
  });
  expect(await failureOf(deactivateKey.perform(world(play().subject, run, null)))).toMatchObject({
    code: 'KL_PROVIDER_MISSING',
    outcome: 'refused',
  });
  expect(sent).toEqual([]);
});

test.each([1, 2, 3])(
  'a short pause that a 429 asks for at request %i is waited out, and nothing is asked twice',
  async (n) => {
    const { work, sent } = await act({ between: nth(n, status(429, { 'retry-after': '1' })) });
    expect(await work).toMatchObject({ type: 'status', after: { status: 'inactive' } });
    expect(sent).toHaveLength(4);
  },
);

test('a provider that asks for one short pause after the other is left to the next attempt', async () => {
  const { work, sent } = await act({ between: status(429, { 'retry-after': '1' }) });
  expect(await failureOf(work)).toMatchObject({ outcome: 'rate_limited', retryAfterMs: 1_000 });
  expect(sent).toHaveLength(6);
});

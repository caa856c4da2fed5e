// Everything that can go wrong with one call to Anthropic: what keyleak knows of its effect, and what it says.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { KeyleakError } from '../../src/domain/errors.ts';
import type { KeyProvider } from '../../src/domain/ports.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { createAnthropicProvider } from '../../src/providers/anthropic.ts';
import { T0 } from '../support/cases.ts';
import { ADMIN_KEY, type Between, failureOf, fetchFailed, never, rig } from './anthropic-rig.ts';

const ID = 'apikey_01ProdGateway';
const ECHO = 'words-of-the-body';

function failing(
  status: number,
  headers: Record<string, string> = {},
  details?: { error_code: string },
): Between {
  const error = { type: 'some_error', message: ECHO, ...(details && { details }) };
  return () =>
    Promise.resolve(
      Response.json({ type: 'error', error }, { status, headers: { 'request-id': 'req_test', ...headers } }),
    );
}

const throwing =
  (error: unknown): Between =>
  () =>
    Promise.reject(error);

test.each([
  [400, 'KL_ANTHROPIC_REFUSED', 'refused'],
  [401, 'KL_ANTHROPIC_UNAUTHORIZED', 'refused'],
  [402, 'KL_ANTHROPIC_REFUSED', 'refused'],
  [403, 'KL_ANTHROPIC_FORBIDDEN', 'refused'],
  [404, 'KL_ANTHROPIC_NOT_FOUND', 'refused'],
  [409, 'KL_ANTHROPIC_REFUSED', 'refused'],
  [413, 'KL_ANTHROPIC_REFUSED', 'refused'],
  [422, 'KL_ANTHROPIC_REFUSED', 'refused'],
  [429, 'KL_ANTHROPIC_RATE_LIMITED', 'rate_limited'],
  [302, 'KL_ANTHROPIC_UNREADABLE', 'unknown'],
  [408, 'KL_ANTHROPIC_TIMEOUT', 'unknown'],
  [500, 'KL_ANTHROPIC_UNAVAILABLE', 'unknown'],
  [502, 'KL_ANTHROPIC_UNAVAILABLE', 'unknown'],
  [503, 'KL_ANTHROPIC_UNAVAILABLE', 'unknown'],
  [504, 'KL_ANTHROPIC_UNAVAILABLE', 'unknown'],
  [529, 'KL_ANTHROPIC_UNAVAILABLE', 'unknown'],
])('status %i is %s, %s, after exactly one request', async (status, code, outcome) => {
  const { provider, sent } = rig({ between: failing(status) });
  const error = await failureOf(provider.deactivate(ID, never));
  expect(error).toMatchObject({ code, outcome, reason: 'some_error', requestId: 'req_test' });
  expect(error.next).toContain('Console');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(ECHO);
  expect(sent).toHaveLength(1);
});

test('the reason is the error code where there is one, and the status where the body says nothing', async () => {
  const coded = rig({ between: failing(403, {}, { error_code: 'sandbox_egress_restricted' }) });
  expect((await failureOf(coded.provider.deactivate(ID, never))).reason).toBe('sandbox_egress_restricted');
  const bare = rig({ between: () => Promise.resolve(new Response('<h1>Bad gateway</h1>', { status: 502 })) });
  expect((await failureOf(bare.provider.deactivate(ID, never))).reason).toBe('status 502');
});

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after-ms': '1234', 'retry-after': '7' }, 1_234],
  [{ 'retry-after': new Date(T0 + 30_000).toUTCString() }, 30_000],
  [{ 'retry-after': new Date(T0 - 30_000).toUTCString() }, 0],
  [{ 'retry-after': 'soon' }, null],
  [{}, null],
])('of a 429 with %o it is known how long to wait: %s ms', async (headers, wait) => {
  const { provider } = rig({ between: failing(429, headers) });
  expect((await failureOf(provider.retrieve(ID, never))).retryAfterMs).toBe(wait);
});

test('whatever a deactivation answers with 200 is for the reading back to judge', async () => {
  for (const body of ['', '{}', '{"id":', 'null', '[]']) {
    const { provider } = rig({ between: () => Promise.resolve(new Response(body)) });
    await expect(provider.deactivate(ID, never)).resolves.toBeDefined();
  }
});

test.each([
  ['cut off', '{"id":"apikey_01ProdGateway","name":"prod'],
  ['empty', ''],
  ['a web page', '<!doctype html><title>Welcome</title>'],
  ['an empty object', '{}'],
  ['null', 'null'],
  ['a list', '[]'],
  ['without id', '{"name":"x","status":"active"}'],
  ['with a number for a name', '{"id":"apikey_01ProdGateway","name":7,"status":"active"}'],
])('an answer that is %s is unreadable and its effect unknown', async (_, body) => {
  for (const type of ['application/json', 'text/html']) {
    const { provider } = rig({
      between: () =>
        Promise.resolve(new Response(body, { headers: { 'content-type': type, 'request-id': 'req_test' } })),
    });
    for (const call of [provider.list(never), provider.retrieve(ID, never)]) {
      expect(await failureOf(call)).toMatchObject({
        code: 'KL_ANTHROPIC_UNREADABLE',
        outcome: 'unknown',
        requestId: 'req_test',
      });
    }
  }
});

test('an answer without content is unreadable, not an empty list', async () => {
  const { provider } = rig({ between: () => Promise.resolve(new Response(null, { status: 204 })) });
  expect(await failureOf(provider.list(never))).toMatchObject({ code: 'KL_ANTHROPIC_UNREADABLE' });
});

test.each([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
])('%s means that nothing was sent', async (code) => {
  const { provider, sent } = rig({ between: throwing(fetchFailed(code)) });
  expect(await failureOf(provider.deactivate(ID, never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREACHABLE',
    outcome: 'not_sent',
    reason: code,
  });
  expect(sent).toHaveLength(1);
});

test('a connection that took too long to open is not taken for an answer that took too long', async () => {
  const cause = Object.assign(new Error('Connect Timeout Error (timeout: 10000ms)'), {
    name: 'ConnectTimeoutError',
    code: 'UND_ERR_CONNECT_TIMEOUT',
  });
  const { provider } = rig({ between: throwing(new TypeError('fetch failed', { cause })) });
  expect((await failureOf(provider.deactivate(ID, never))).outcome).toBe('not_sent');
});

test('several addresses that all refuse mean that nothing was sent', async () => {
  const each = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
  const cause = new AggregateError([each, each]);
  const { provider } = rig({ between: throwing(new TypeError('fetch failed', { cause })) });
  expect((await failureOf(provider.deactivate(ID, never))).outcome).toBe('not_sent');
});

test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET'])(
  '%s leaves the effect unknown',
  async (code) => {
    const { provider } = rig({ between: throwing(fetchFailed(code)) });
    expect(await failureOf(provider.deactivate(ID, never))).toMatchObject({
      code: 'KL_ANTHROPIC_CONNECTION_LOST',
      outcome: 'unknown',
      reason: code,
    });
  },
);

test.each([false, true])(
  'a reset with the effect already there (%s) is unknown either way',
  async (landed) => {
    const { provider, practice } = rig({
      between: async (_, next) => {
        if (landed) await next();
        throw fetchFailed('ECONNRESET');
      },
    });
    expect((await failureOf(provider.deactivate(ID, never))).outcome).toBe('unknown');
    expect(practice.key(ID)?.status).toBe(landed ? 'inactive' : 'active');
  },
);

test('a gate of keyleak’s own that stops the traffic is heard in its own words', async () => {
  const refusing = rig({
    between: throwing(new KeyleakError('KL_TEST', 'The gate says no.', 'Ask the gate.')),
  });
  expect(await failureOf(refusing.provider.deactivate(ID, never))).toMatchObject({
    code: 'KL_TEST',
    message: 'The gate says no.',
    next: 'Ask the gate.',
    outcome: 'refused',
  });
  const doubt = new RemoteError('KL_TEST', 'Sent elsewhere.', 'Ask.', {
    outcome: 'unknown',
    reason: 'redirect',
  });
  const doubting = rig({ between: throwing(doubt) });
  expect(await failureOf(doubting.provider.deactivate(ID, never))).toBe(doubt);
});

test('the caller’s signal ends a call that gets no answer; the effect is unknown', async () => {
  const timeout = new AbortController();
  const { provider } = rig({
    between: (request) =>
      new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
        timeout.abort();
      }),
  });
  expect(await failureOf(provider.deactivate(ID, timeout.signal))).toMatchObject({
    code: 'KL_ANTHROPIC_TIMEOUT',
    outcome: 'unknown',
  });
});

/** A provider that talks over a real socket to `listener`; with `gone` nobody listens there any more. */
async function overLoopback(listener: RequestListener, gone = false): Promise<KeyProvider> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  if (gone) await close();
  else onTestFinished(close);
  return createAnthropicProvider({
    alarm: () => () => undefined,
    adminKey: () => ADMIN_KEY,
    baseUrl: `http://127.0.0.1:${port}`,
    fetch,
    clock: { now: () => T0 },
  });
}

test('over a real socket: nobody listens', async () => {
  const provider = await overLoopback(() => {}, true);
  expect(await failureOf(provider.retrieve(ID, never))).toMatchObject({
    code: 'KL_ANTHROPIC_UNREACHABLE',
    outcome: 'not_sent',
    reason: 'ECONNREFUSED',
  });
});

test('over a real socket: reset before any answer', async () => {
  const provider = await overLoopback((request) => request.socket.destroy());
  expect(await failureOf(provider.retrieve(ID, never))).toMatchObject({
    code: 'KL_ANTHROPIC_CONNECTION_LOST',
    outcome: 'unknown',
  });
});

test('over a real socket: reset in the middle of the body', async () => {
  const provider = await overLoopback((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id":', () => request.socket.destroy());
  });
  expect(await failureOf(provider.retrieve(ID, never))).toMatchObject({
    code: 'KL_ANTHROPIC_CONNECTION_LOST',
    outcome: 'unknown',
  });
});

test('over a real socket: the signal ends a body that never does', async () => {
  const timeout = new AbortController();
  const provider = await overLoopback((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"id":', () => timeout.abort());
  });
  expect(await failureOf(provider.retrieve(ID, timeout.signal))).toMatchObject({
    code: 'KL_ANTHROPIC_TIMEOUT',
    outcome: 'unknown',
  });
});

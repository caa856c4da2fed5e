// Everything that can go wrong with one page: what keyleak knows of its effect, and what it says.

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { createWebhookPager } from '../../src/paging/webhook.ts';
import { createPracticeReceiver } from '../../src/sandbox/paging/practice-receiver.ts';
import { serveHandler } from '../../src/sandbox/serve-http.ts';
import { failureOf, fetchFailed, never } from '../providers/anthropic-rig.ts';
import { T0 } from '../support/cases.ts';
import { pageOf, pagingRig, SECRET } from './paging-rig.ts';

const clock = { now: () => T0 };

test.each([
  [300, 'KL_PAGING_REDIRECT', 'refused'],
  [301, 'KL_PAGING_REDIRECT', 'refused'],
  [302, 'KL_PAGING_REDIRECT', 'refused'],
  [304, 'KL_PAGING_REDIRECT', 'refused'],
  [307, 'KL_PAGING_REDIRECT', 'refused'],
  [308, 'KL_PAGING_REDIRECT', 'refused'],
  [400, 'KL_PAGING_REFUSED', 'refused'],
  [401, 'KL_PAGING_UNAUTHORIZED', 'refused'],
  [403, 'KL_PAGING_UNAUTHORIZED', 'refused'],
  [404, 'KL_PAGING_REFUSED', 'refused'],
  [408, 'KL_PAGING_TIMEOUT', 'unknown'],
  [410, 'KL_PAGING_GONE', 'refused'],
  [413, 'KL_PAGING_REFUSED', 'refused'],
  [422, 'KL_PAGING_REFUSED', 'refused'],
  [429, 'KL_PAGING_RATE_LIMITED', 'rate_limited'],
  [500, 'KL_PAGING_UNAVAILABLE', 'unknown'],
  [502, 'KL_PAGING_UNAVAILABLE', 'unknown'],
  [503, 'KL_PAGING_UNAVAILABLE', 'unknown'],
  [504, 'KL_PAGING_UNAVAILABLE', 'unknown'],
])('status %i is %s, %s, after exactly one request', async (status, code, outcome) => {
  const { pager, receiver } = pagingRig();
  receiver.behave({ status, headers: { location: 'https://elsewhere.example/' } });
  const error = await failureOf(pager.page(pageOf(), never));
  expect(error).toMatchObject({ code, outcome, reason: `status ${status}` });
  expect(error.next).toMatch(
    outcome === 'refused' ? /^Call a manager yourself now\./ : /^keyleak sends it again/,
  );
  expect(receiver.deliveries()).toHaveLength(1);
});

test.each([200, 201, 202, 204])('status %i is a page that arrived', async (status) => {
  const { pager, receiver } = pagingRig();
  receiver.behave({ status, landed: true });
  await pager.page(pageOf(), never);
  expect(receiver.pages()).toHaveLength(1);
});

test.each([
  [429, '7', 7_000],
  [503, '7', 7_000],
  [408, '7', 7_000],
  [429, '0.5', 500],
  [429, new Date(T0 + 331_000).toUTCString(), 30_000],
  [429, new Date(T0 - 30_000).toUTCString(), 0],
  [429, 'soon', null],
  [503, null, null],
])('of status %i with retry-after %s it is known how long to wait: %s ms', async (status, text, wait) => {
  const { pager, receiver } = pagingRig();
  receiver.behave({ status, headers: text === null ? {} : { 'retry-after': text } });
  expect((await failureOf(pager.page(pageOf(), never))).retryAfterMs).toBe(wait);
});

test.each([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
])('%s means that nothing was sent', async (code) => {
  const { pager } = pagingRig({ between: () => Promise.reject(fetchFailed(code)) });
  expect(await failureOf(pager.page(pageOf(), never))).toMatchObject({
    code: 'KL_PAGING_UNREACHABLE',
    outcome: 'not_sent',
    reason: code,
  });
});

test.each([
  ['ECONNRESET', 'KL_PAGING_CONNECTION_LOST'],
  ['EPIPE', 'KL_PAGING_CONNECTION_LOST'],
  ['UND_ERR_SOCKET', 'KL_PAGING_CONNECTION_LOST'],
  ['UND_ERR_HEADERS_TIMEOUT', 'KL_PAGING_TIMEOUT'],
])('%s leaves it open whether the page arrived', async (reason, code) => {
  const { pager } = pagingRig({ between: () => Promise.reject(fetchFailed(reason)) });
  expect(await failureOf(pager.page(pageOf(), never))).toMatchObject({ code, outcome: 'unknown', reason });
});

test('several addresses that all refuse mean that nothing was sent', async () => {
  const each = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
  const thrown = new TypeError('fetch failed', { cause: new AggregateError([each, each]) });
  const { pager } = pagingRig({ between: () => Promise.reject(thrown) });
  expect((await failureOf(pager.page(pageOf(), never))).outcome).toBe('not_sent');
});

test('another secret on the other side is refused, and the next step is to compare the two', async () => {
  const { pager, receiver } = pagingRig({ receives: `${SECRET.slice(0, -2)}A=` });
  const error = await failureOf(pager.page(pageOf(), never));
  expect(error).toMatchObject({ code: 'KL_PAGING_UNAUTHORIZED', outcome: 'refused' });
  expect(error.next).toContain('PAGING_WEBHOOK_SECRET');
  expect(receiver.pages()).toEqual([]);
});

test('no error holds the address, the secret or the words of an answer', async () => {
  const answers: (() => Promise<Response>)[] = [
    ...[302, 400, 401, 408, 410, 429, 503].map(
      (status) => async () =>
        new Response(status === 304 ? null : 'words-of-the-body', {
          status,
          headers: { 'x-words': 'words-of-a-header' },
        }),
    ),
    () => Promise.reject(new TypeError('a-secret-path', { cause: new Error('a-secret-word') })),
  ];
  for (const between of answers) {
    const { pager } = pagingRig({ between });
    const shown = inspect(await failureOf(pager.page(pageOf(), never)), { depth: 20, showHidden: true });
    expect(shown).not.toMatch(/a-secret|alerts\.example|words-of|whsec_/);
  }
});

/** A server on this machine that is really there, and the pager of its address. */
async function real(listener: RequestListener): Promise<ReturnType<typeof createWebhookPager>> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return createWebhookPager({ url: `http://127.0.0.1:${port}/page`, secret: () => SECRET, fetch, clock });
}

test('over a real connection a page arrives once for each attempt', async () => {
  const receiver = createPracticeReceiver({ clock, secret: SECRET });
  const faults: unknown[] = [];
  const served = await serveHandler(receiver, (error) => faults.push(error));
  onTestFinished(() => served.close());
  const pager = createWebhookPager({ url: `${served.origin}/page`, secret: () => SECRET, fetch, clock });
  await pager.page(pageOf(), never);
  await pager.page(pageOf({ id: 'KL-7:page:-:13' }), never);
  expect(receiver.deliveries().map(({ status }) => status)).toEqual([204, 204]);
  expect(receiver.pages()).toHaveLength(2);
  expect(faults).toEqual([]);
});

test('a receiver that hangs is left when the time is up, and it is not known whether the page arrived', async () => {
  const timeout = new AbortController();
  const pager = await real(() => timeout.abort(new DOMException('timed out', 'TimeoutError')));
  expect(await failureOf(pager.page(pageOf(), timeout.signal))).toMatchObject({
    code: 'KL_PAGING_TIMEOUT',
    outcome: 'unknown',
    reason: 'aborted',
  });
});

test('a receiver that says yes and then hangs in its body has taken the page', async () => {
  const pager = await real((_, answer) => {
    answer.writeHead(200, { 'content-length': '1000' });
    answer.write('begun');
  });
  await expect(pager.page(pageOf(), never)).resolves.toBeUndefined();
});

test('a connection that is cut is unknown, as is an answer that is no HTTP', async () => {
  const cut = await real((request) => request.socket.resetAndDestroy());
  expect(await failureOf(cut.page(pageOf(), never))).toMatchObject({
    code: 'KL_PAGING_CONNECTION_LOST',
    outcome: 'unknown',
  });
  const garbled = await real((request) => request.socket.end('hello\r\n\r\n'));
  expect((await failureOf(garbled.page(pageOf(), never))).outcome).toBe('unknown');
});

test('where nobody listens, nothing was sent', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const pager = createWebhookPager({ url: `http://127.0.0.1:${port}`, secret: () => SECRET, fetch, clock });
  const error = await failureOf(pager.page(pageOf(), never));
  expect(error).toMatchObject({ code: 'KL_PAGING_UNREACHABLE', outcome: 'not_sent', reason: 'ECONNREFUSED' });
  expect(error).toBeInstanceOf(RemoteError);
});

test('a redirect on the way is not followed', async () => {
  const asked: string[] = [];
  const pager = await real((request, answer) => {
    asked.push(request.url ?? '');
    answer.writeHead(307, { location: '/elsewhere' }).end();
  });
  expect((await failureOf(pager.page(pageOf(), never))).code).toBe('KL_PAGING_REDIRECT');
  expect(asked).toEqual(['/page']);
});

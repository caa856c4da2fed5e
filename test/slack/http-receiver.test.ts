// Slack over HTTP, over real sockets: what is signed and fresh is answered, everything else is refused, a replay does
// nothing twice.

import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { App, type Logger, type LogLevel, type Receiver } from '@slack/bolt';
import { afterEach, expect, test } from 'vitest';
import type { Alarm } from '../../src/domain/clock.ts';
import type { Readiness } from '../../src/slack/health-pages.ts';
import { createHttpReceiver } from '../../src/slack/http-receiver.ts';
import { slash } from '../support/slack-bodies.ts';

const SECRET = 'a-signing-secret-for-tests';
const lines: string[] = [];
const say = (...words: unknown[]): void => void lines.push(words.map(String).join(' '));
const logger: Logger = {
  debug: say,
  info: say,
  warn: say,
  error: say,
  setLevel: () => undefined,
  getLevel: () => 'info' as LogLevel,
  setName: () => undefined,
};

/** A stop waits for nobody here. */
const soon: Alarm = (_, wake) => {
  const timer = setImmediate(wake);
  return () => clearImmediate(timer);
};

let readiness: Readiness = { database: true, connections: null };

const open: Receiver[] = [];
afterEach(async () => {
  for (const receiver of open.splice(0)) await receiver.stop();
  lines.length = 0;
});

async function listening() {
  const receiver = createHttpReceiver({
    signingSecret: SECRET,
    host: '127.0.0.1',
    port: 0,
    logger,
    clock: { now: () => Date.now() },
    alarm: soon,
    ready: async () => readiness,
  });
  const texts: string[] = [];
  const app = new App({ authorize: async () => ({ botToken: 'x' }), receiver, convoStore: false, logger });
  app.command('/keyleak', async ({ command, ack }) => {
    texts.push(command.text);
    await ack('done');
  });
  const server = (await app.start()) as unknown as { address(): AddressInfo };
  open.push(receiver);
  return { url: `http://127.0.0.1:${server.address().port}`, texts };
}

function signed(body: string, { at = Date.now(), secret = SECRET } = {}): RequestInit {
  const seconds = Math.floor(at / 1_000);
  const hash = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': `v0=${hash}`,
    },
  };
}

function command(text: string): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(slash(text, 'U0RIOA'))) form.set(name, String(value));
  return form.toString();
}

test('a signed command is handled and its answer is the answer to the request', async () => {
  const { url, texts } = await listening();
  const response = await fetch(`${url}/slack/events`, signed(command('help')));
  expect([response.status, await response.text(), texts]).toEqual([200, 'done', ['help']]);
});

test.each([
  ['another secret', signed(command('help'), { secret: 'another-secret' }), 401],
  ['a stale timestamp', signed(command('help'), { at: Date.now() - 6 * 60_000 }), 401],
  ['a timestamp in the future', signed(command('help'), { at: Date.now() + 6 * 60_000 }), 401],
  ['a body that is too large', signed(`text=${'x'.repeat(1_200_000)}`), 413],
])('%s is refused and reaches nobody', async (_, request, status) => {
  const { url, texts } = await listening();
  const response = await fetch(`${url}/slack/events`, request);
  expect([response.status, texts]).toEqual([status, []]);
});

test('another path is not found, and the health of the process can be asked', async () => {
  const { url } = await listening();
  expect((await fetch(`${url}/admin`)).status).toBe(404);
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
});

test('is ready as long as the log can be read', async () => {
  const { url } = await listening();
  const ask = async () => {
    const response = await fetch(`${url}/readyz`);
    return [response.status, await response.json()];
  };
  expect(await ask()).toEqual([200, { ready: true, database: true, connections: null }]);
  readiness = { database: false, connections: null };
  expect(await ask()).toEqual([503, { ready: false, database: false, connections: null }]);
  readiness = { database: true, connections: null };
});

test('a port that is taken is told', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const receiver = createHttpReceiver({
    signingSecret: SECRET,
    host: '127.0.0.1',
    port,
    logger,
    clock: { now: () => Date.now() },
    alarm: soon,
    ready: async () => readiness,
  });
  new App({ authorize: async () => ({ botToken: 'x' }), receiver, convoStore: false, logger });
  await expect(receiver.start()).rejects.toMatchObject({ code: 'KL_HTTP_PORT' });
  await new Promise((resolve) => other.close(resolve));
});

test('one that never listened is stopped without a word', async () => {
  const receiver = createHttpReceiver({
    signingSecret: SECRET,
    host: '127.0.0.1',
    port: 0,
    logger,
    clock: { now: () => Date.now() },
    alarm: soon,
    ready: async () => readiness,
  });
  await expect(receiver.stop()).resolves.toBeUndefined();
});

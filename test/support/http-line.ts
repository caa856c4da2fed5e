// Joins the bot's own HTTP receiver to the practice Slack without a socket: each delivery is a request as Slack signs it,
// and its answer is what the receiver writes.

import { createHmac } from 'node:crypto';
import type { Server } from 'node:http';
import type { Logger, LogLevel, Receiver } from '@slack/bolt';
import { inject } from 'light-my-request';
import { vi } from 'vitest';
import type { Alarm, Clock } from '../../src/domain/clock.ts';
import type { Envelope, Receive, Reply } from '../../src/sandbox/slack/delivery.ts';
import { createHttpReceiver, EVENTS_PATH } from '../../src/slack/http-receiver.ts';

const SECRET = 'a-signing-secret-for-tests';

export function httpLine(parts: {
  readonly slack: { readonly connect: (receive: Receive) => () => void };
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly say: (line: string) => void;
  /** Whether this delivery comes a second time, byte for byte. */
  readonly replayed: () => boolean;
}): Receiver {
  const { slack, clock, alarm, say, replayed } = parts;
  const receiver = createHttpReceiver({
    signingSecret: SECRET,
    host: '127.0.0.1',
    port: 0,
    clock,
    alarm,
    logger: loggerTo(say),
    ready: async () => ({ database: true, connections: null }),
  });
  let disconnect: (() => void) | null = null;

  async function deliver(server: Server, envelope: Envelope): Promise<Reply> {
    // Bolt asks the machine's clock how old a signature is.
    vi.useFakeTimers({ toFake: ['Date'], now: clock.now() });
    const request = signed(envelope, clock.now());
    const send = () => inject((req, res) => server.emit('request', req, res), request);
    const answer = send();
    if (replayed()) await send();
    const { statusCode, payload, headers } = await answer;
    if (statusCode !== 200) return { acked: false };
    if (payload === '') return { acked: true, payload: {} };
    const isJson = String(headers['content-type']).includes('json');
    return { acked: true, payload: isJson ? JSON.parse(payload) : { text: payload } };
  }

  return {
    init: (app) => receiver.init(app),
    async start() {
      const server = (await receiver.start()) as Server;
      disconnect ??= slack.connect((envelope) => deliver(server, envelope));
    },
    async stop() {
      disconnect?.();
      disconnect = null;
      vi.useRealTimers();
      await receiver.stop();
    },
  };
}

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
function signed({ type, payload }: Envelope, now: number) {
  const isEvent = type === 'events_api';
  const form = type === 'interactive' ? { payload: JSON.stringify(payload) } : texts(payload);
  const body = isEvent ? JSON.stringify(payload) : new URLSearchParams(form).toString();
  const seconds = String(Math.floor(now / 1_000));
  const hash = createHmac('sha256', SECRET).update(`v0:${seconds}:${body}`).digest('hex');
  return {
    method: 'POST' as const,
    url: EVENTS_PATH,
    payload: body,
    headers: {
      'content-type': isEvent ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': `v0=${hash}`,
    },
  };
}

function texts(payload: object): Record<string, string> {
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
}

function loggerTo(say: (line: string) => void): Logger {
  const line = (...words: unknown[]): void => say(words.map(String).join(' '));
  return {
    debug: line,
    info: line,
    warn: line,
    error: line,
    setLevel: () => undefined,
    getLevel: () => 'info' as LogLevel,
    setName: () => undefined,
  };
}

// Slack over HTTP: signed requests to one address, and none that is stale, too large or not Slack's. What is replayed has
// no second effect, because the log knows every delivery.

import type { Server } from 'node:http';
import { type App, HTTPReceiver, type Logger, type Receiver } from '@slack/bolt';
import type { Alarm } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';

export const EVENTS_PATH = '/slack/events';
/** Slack's own deliveries are far smaller. */
const MAX_BODY = '1mb';
/** Longer than an answer in hand takes to leave. */
const GOODBYE_MS = 3_000;

/** `start` resolves when the port is bound and rejects with KL_HTTP_PORT; `stop` when requests in hand are answered. */
export function createHttpReceiver(parts: {
  signingSecret: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  alarm: Alarm;
  /** Must print no payload. */
  logger: Logger;
}): Receiver {
  const { host, port, logger } = parts;
  let server: Server | null = null;
  const inner = new HTTPReceiver({
    signingSecret: parts.signingSecret,
    endpoints: [EVENTS_PATH],
    bodyLimit: MAX_BODY,
    logger,
    customRoutes: [
      {
        path: '/healthz',
        method: 'GET',
        handler(_request, response) {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.end('{"status":"ok"}\n');
        },
      },
    ],
  });
  return {
    init: (app: App) => inner.init(app),
    async start() {
      try {
        server = (await inner.start({ host, port })) as Server;
        return server;
      } catch (cause) {
        throw new KeyleakError(
          'KL_HTTP_PORT',
          `keyleak cannot listen on ${host}:${port}.`,
          'Stop what uses the port, or set PORT and HOST to others.',
          { cause },
        );
      }
    },
    async stop() {
      // A peer that keeps its connection open is not waited for.
      const cancel = parts.alarm(GOODBYE_MS, () => server?.closeAllConnections());
      await inner.stop().finally(cancel);
    },
  };
}

// Slack over HTTP: signed requests to one address, and none that is stale, too large or not Slack's. What is replayed has
// no second effect, because the log knows every delivery.

import type { IncomingMessage, Server } from 'node:http';
import { type App, HTTPReceiver, type Logger, type Receiver } from '@slack/bolt';
import type { Alarm, Clock } from '../domain/clock.ts';
import { type AskReadiness, healthPages, portTaken } from './health-pages.ts';

export const EVENTS_PATH = '/slack/events';
/** Slack's own deliveries are far smaller. */
const MAX_BODY = '1mb';
/** Longer than an answer in hand takes to leave. */
const GOODBYE_MS = 3_000;

/** What Bolt allows for the past; of the future it asks nothing, so what is signed ahead would stay good until then. */
const AHEAD_MS = 5 * 60_000;

function isFromTheFuture({ headers }: IncomingMessage, now: number): boolean {
  return Number(headers['x-slack-request-timestamp']) * 1_000 > now + AHEAD_MS;
}

/** `start` resolves when the port is bound and rejects with KL_HTTP_PORT; `stop` when requests in hand are answered. */
export function createHttpReceiver(parts: {
  signingSecret: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  clock: Clock;
  alarm: Alarm;
  /** Must print no payload. */
  logger: Logger;
  ready: AskReadiness;
}): Receiver {
  const { host, port, logger } = parts;
  let server: Server | null = null;
  const inner = new HTTPReceiver({
    signingSecret: parts.signingSecret,
    endpoints: [EVENTS_PATH],
    bodyLimit: MAX_BODY,
    logger,
    customRoutes: [...healthPages(parts.ready)],
  });
  const listener = inner.requestListener;
  inner.requestListener = (request, response) => {
    if (!isFromTheFuture(request, parts.clock.now())) return listener(request, response);
    logger.warn('A request was refused: its signature is dated in the future.');
    response.writeHead(401).end();
  };
  return {
    init: (app: App) => inner.init(app),
    async start() {
      try {
        server = (await inner.start({ host, port })) as Server;
        return server;
      } catch (cause) {
        throw portTaken(host, port, cause);
      }
    },
    async stop() {
      if (server === null) return;
      // A peer that keeps its connection open is not waited for.
      const cancel = parts.alarm(GOODBYE_MS, () => server?.closeAllConnections());
      await inner.stop().finally(cancel);
    },
  };
}

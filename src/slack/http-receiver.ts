// Slack over HTTP: signed requests to one address, and none that is stale, too large or not Slack's. What is replayed has
// no second effect, because the log knows every delivery.

import { type App, HTTPReceiver, type Logger, type Receiver } from '@slack/bolt';
import { KeyleakError } from '../domain/errors.ts';

export const EVENTS_PATH = '/slack/events';
/** Slack's own deliveries are far smaller. */
const MAX_BODY = '1mb';

/** `start` resolves when the port is bound and rejects with KL_HTTP_PORT; `stop` when requests in hand are answered. */
export function createHttpReceiver(parts: {
  signingSecret: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Must print no payload. */
  logger: Logger;
}): Receiver {
  const { host, port, logger } = parts;
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
        return await inner.start({ host, port });
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
      await inner.stop();
    },
  };
}

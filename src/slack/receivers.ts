// How Slack reaches the bot by Socket Mode: two connections behind one receiver. Slack delivers to either, so that while one
// is renewed or broken the other takes what comes.

import { type App, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Alarm } from '../domain/clock.ts';
import { createEnvelopes, ENVELOPE } from './same-envelope.ts';
import { createLine, type Line } from './socket-line.ts';

export const SOCKETS = 2;

/** What came is acknowledged where it came from: Slack waits three seconds for that. */
const DRAIN_MS = 3_000;

/**
 * `start` resolves when Slack says hello on the first connection; the second is made beside it and may be refused for as
 * long as Slack likes. `start` rejects with KL_SLACK_SOCKET when Slack refuses the app token, and only then or when `stop`
 * came first: an outage it waits out. `stop` acknowledges what is in hand and resolves within about four seconds.
 */
export function createSocketReceiver(parts: {
  appToken: string;
  apiUrl: string;
  fetch: typeof fetch;
  alarm: Alarm;
  /** Must print no payload. */
  logger: Logger;
  /** Told at every hello, ping and message which of the connections it came from: 0 or 1. */
  onSign?: (socket: number) => void;
}): Receiver {
  const { alarm, logger } = parts;
  let app: App | null = null;
  const envelopes = createEnvelopes(() => app);
  const joined: Pick<App, 'processEvent'> = envelopes;
  const lines: readonly Line[] = Array.from({ length: SOCKETS }, (_, socket) => {
    const inner = createInner(parts);
    inner.init(joined as App);
    return createLine({
      client: inner.client,
      alarm,
      logger,
      othersStand: () => lines.some((line, other) => other !== socket && line.stands()),
      onSign: () => parts.onSign?.(socket),
    });
  });

  return {
    init(to: App) {
      app = to;
    },
    async start() {
      const [first, ...spares] = lines;
      await first?.open(true);
      // Only a stop ends their tries.
      for (const spare of spares) spare.open(false).catch(() => undefined);
    },
    async stop() {
      await within(DRAIN_MS, alarm, envelopes.acknowledged());
      await Promise.all(lines.map((line) => line.stop()));
    },
  };
}

function createInner(parts: {
  appToken: string;
  apiUrl: string;
  fetch: typeof fetch;
  logger: Logger;
}): SocketModeReceiver {
  const { logger } = parts;
  return new SocketModeReceiver({
    appToken: parts.appToken,
    logger,
    // The client's own way back waits five seconds first, and ends the process when Slack cannot be reached then.
    autoReconnectEnabled: false,
    // Without them the client would ask slack.com, and repeat for half an hour.
    installerOptions: {
      clientOptions: {
        slackApiUrl: parts.apiUrl,
        fetch: parts.fetch,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: 8_000,
      },
    },
    customPropertiesExtractor: (args: { envelope_id?: unknown }) => ({ [ENVELOPE]: args.envelope_id }),
    // What the app could not even take apart comes again and again unless it is acknowledged.
    processEventErrorHandler: async ({ error }) => {
      logger.error('A delivery from Slack could not be read.', error);
      return true;
    },
  });
}

function within(ms: number, alarm: Alarm, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = alarm(ms, resolve);
    work
      .finally(() => {
        cancel();
        resolve();
      })
      .catch(() => undefined);
  });
}

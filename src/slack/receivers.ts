// How Slack reaches the bot: Socket Mode connections that come back at once when Slack renews them, wait out an outage,
// and never end the process. There are two, so that what Slack sends while one is renewed comes by the other.

import { type App, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { type AppsConnectionsOpenResponse, WebAPIPlatformError } from '@slack/web-api';
import type { Alarm } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';

interface SocketParts {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly fetch: typeof fetch;
  readonly alarm: Alarm;
  /** Must print no payload. */
  readonly logger: Logger;
  /** How many connections; two unless told. Slack gives each delivery to one of them, and takes up to ten. */
  readonly connections?: number;
}

export interface SocketReceiver extends Receiver {
  /** Connections over which Slack has said hello and that have not been heard to break since. */
  connected(): number;
}

/**
 * `start` resolves at the first hello of Slack; further connections follow in the background. It rejects with
 * KL_SLACK_SOCKET when Slack refuses the app token, and only then or when `stop` came first: an outage it waits out.
 * `stop` resolves within about a second.
 */
export function createSocketReceiver(parts: SocketParts): SocketReceiver {
  const { connections = 2, alarm, logger } = parts;
  const inners = Array.from({ length: connections }, () => createInner(parts));
  const lines = inners.map((inner) => createLine(inner, alarm, logger));
  const [first, ...others] = lines;
  const stop = async (): Promise<void> => {
    await Promise.all(lines.map((line) => line.stop()));
  };
  return {
    init(app: App) {
      for (const inner of inners) inner.init(app);
    },
    async start() {
      try {
        const opened = await first?.start();
        for (const line of others) line.follow();
        return opened;
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    connected: () => lines.filter((line) => line.connected()).length,
  };
}

function createInner({ logger, ...parts }: SocketParts): SocketModeReceiver {
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
    // What the app could not even take apart comes again and again unless it is acknowledged.
    processEventErrorHandler: async ({ error }) => {
      logger.error('A delivery from Slack could not be read.', error);
      return true;
    },
  });
}

/** Waits before the first, second, … try of one way back; the last one for all that follow. */
const WAITS_MS = [0, 500, 1_000, 2_000, 5_000, 10_000];
/** Longer than a peer that is there needs to say goodbye. */
const GOODBYE_MS = 1_000;

interface Line {
  start(): Promise<AppsConnectionsOpenResponse>;
  /** Connects in the background, and tries again whatever is refused. */
  follow(): void;
  connected(): boolean;
  stop(): Promise<void>;
}

function createLine({ client }: SocketModeReceiver, alarm: Alarm, logger: Logger): Line {
  let stopped = false;
  let connecting = false;
  let up = false;
  let cancelWait: () => void = () => undefined;

  function wait(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = alarm(ms, resolve);
      cancelWait = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Tries until there is a connection. `demanding`: a refused token is an error, not something that passes. */
  async function connect(demanding: boolean): Promise<AppsConnectionsOpenResponse> {
    connecting = true;
    try {
      for (let tries = 0; ; tries += 1) {
        await wait(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] ?? 0);
        if (stopped) throw gone();
        try {
          const connected = await client.start();
          up = !stopped;
          if (!stopped) return connected;
          await client.disconnect();
        } catch (error) {
          const refusal = refusedToken(error);
          if (refusal !== null && demanding) throw refusal;
          logger.warn('No connection to Slack; trying again.', refusal ?? error);
        }
      }
    } finally {
      connecting = false;
    }
  }

  function follow(): void {
    connect(false).catch((error: unknown) => {
      if (!stopped) logger.error('The connection to Slack is lost.', error);
    });
  }

  client.on('disconnected', () => {
    up = false;
    if (!connecting && !stopped) follow();
  });

  return {
    start: () => connect(true),
    follow,
    connected: () => up,
    stop() {
      stopped = true;
      cancelWait();
      return new Promise((resolve) => {
        // The second call gives up on a peer that does not say goodbye.
        const cancel = alarm(GOODBYE_MS, () => {
          hangUp();
          resolve();
        });
        const hangUp = (): void => {
          client.disconnect().then(
            () => {
              cancel();
              resolve();
            },
            () => resolve(),
          );
        };
        hangUp();
      });
    },
  };
}

/** Words with which Slack says that it is its own fault or that it will pass. */
const PASSING: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'too_many_websockets',
  'team_added_to_org',
]);

function refusedToken(error: unknown): KeyleakError | null {
  if (!(error instanceof WebAPIPlatformError) || PASSING.has(error.data.error)) return null;
  return new KeyleakError(
    'KL_SLACK_SOCKET',
    `Slack refuses to open a connection for this app token: ${error.data.error}.`,
    'Check that SLACK_APP_TOKEN is an app-level token (xapp-…) with the scope connections:write, and that Socket Mode is on in the app’s settings.',
  );
}

function gone(): KeyleakError {
  return new KeyleakError(
    'KL_SLACK_SOCKET_CLOSED',
    'The connection to Slack was closed before it was made.',
    'Start keyleak again.',
  );
}

// One Socket Mode connection that comes back by itself: at once when Slack renews it, after growing pauses while Slack is out of
// reach, and by force when the peer has fallen silent. It never ends the process.

import type { Logger, SocketModeReceiver } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Alarm } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';
import { watchPings } from './socket-pings.ts';

export interface Line {
  /**
   * Resolves at Slack's hello. `demanding`: a refused token is an error, KL_SLACK_SOCKET, not something that passes.
   * Rejects with KL_SLACK_SOCKET_CLOSED when `stop` came first. Afterwards the line keeps itself up.
   */
  open(demanding: boolean): Promise<void>;
  /** Whether Slack may deliver here at this moment. */
  stands(): boolean;
  /** Resolves within about a second. */
  stop(): Promise<void>;
}

/** Waits before the first, second, … try of one way back; the last one for all that follow. */
const WAITS_MS = [0, 500, 1_000, 2_000, 5_000, 10_000];
/** The same while another line stands: nothing is lost meanwhile, and a Slack that takes only one is left in peace. */
const PATIENT_WAITS_MS = [0, 1_000, 5_000, 30_000, 60_000];
/** A line that stood this long broke for another reason than the one before. */
const STEADY_MS = 10_000;
/** Lines that may break one after the other before coming back begins to wait. */
const FREE_BREAKS = 3;
/** The client pings every two seconds and gives up within eight; then it waits half a minute for a goodbye. */
const SILENT_MS = 12_000;
/** For asking where to connect, which takes eight at most, and for the hello after it. */
const HELLO_MS = 20_000;
/** Longer than a peer that is there needs to say goodbye. */
const GOODBYE_MS = 1_000;

export function createLine(parts: {
  /** Its own reconnecting must be off. */
  readonly client: SocketModeReceiver['client'];
  readonly alarm: Alarm;
  /** Must print no payload. */
  readonly logger: Logger;
  /** Whether another line takes what Slack delivers now. */
  readonly othersStand: () => boolean;
  /** Told at every hello, ping and message. */
  readonly onSign: () => void;
}): Line {
  const { client, alarm, logger } = parts;
  let stopped = false;
  let standing = false;
  let connecting = false;
  let breaks = 0;
  let cancelWait = nothing;
  let cancelSteady = nothing;
  let cancelSilence = nothing;

  function wait(tries: number): Promise<void> {
    const waits = parts.othersStand() ? PATIENT_WAITS_MS : WAITS_MS;
    const ms = waits[Math.min(tries, waits.length - 1)] ?? 0;
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = alarm(ms, resolve);
      cancelWait = () => {
        cancel();
        resolve();
      };
    });
  }

  async function connect(demanding: boolean): Promise<void> {
    connecting = true;
    try {
      for (let tries = Math.max(0, breaks - FREE_BREAKS); ; tries += 1) {
        await wait(tries);
        if (stopped) throw closed();
        const cancelHello = alarm(HELLO_MS, () => void hangUp());
        try {
          await client.start();
        } catch (error) {
          const refusal = refusedToken(error);
          if (refusal !== null && demanding) throw refusal;
          logger.warn('No connection to Slack; trying again.', refusal ?? error);
          continue;
        } finally {
          cancelHello();
        }
        if (stopped) {
          await client.disconnect();
          throw closed();
        }
        standing = true;
        cancelSteady = alarm(STEADY_MS, () => {
          breaks = 0;
        });
        sign();
        return;
      }
    } finally {
      connecting = false;
    }
  }

  function sign(): void {
    parts.onSign();
    cancelSilence();
    if (standing) cancelSilence = alarm(SILENT_MS, () => void hangUp());
  }

  /** The second call gives up on a peer that does not say goodbye. */
  function hangUp(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = alarm(GOODBYE_MS, () => {
        client.disconnect().catch(nothing);
        resolve();
      });
      client
        .disconnect()
        .catch(nothing)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }

  const unwatch = watchPings(client, sign);
  client.on('ws_message', sign);
  client.on('disconnected', () => {
    cancelSilence();
    cancelSteady();
    if (connecting) return;
    standing = false;
    const again = connect(false);
    breaks += 1;
    again.catch((error: unknown) => {
      if (!stopped) logger.error('The connection to Slack is lost.', error);
    });
  });

  return {
    open: connect,
    stands: () => standing,
    async stop() {
      stopped = true;
      cancelWait();
      await hangUp();
      unwatch();
      cancelSilence();
      cancelSteady();
    },
  };
}

function nothing(): void {}

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

function closed(): KeyleakError {
  return new KeyleakError(
    'KL_SLACK_SOCKET_CLOSED',
    'The connection to Slack was closed before it was made.',
    'Start keyleak again.',
  );
}

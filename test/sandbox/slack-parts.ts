// A practice Slack on a clock that moves when told, with the real WebClient and the real Bolt app over it.

import { App, type AppOptions, LogLevel } from '@slack/bolt';
import { WebAPIPlatformError, WebClient } from '@slack/web-api';
import {
  createPracticeSlack,
  type PracticeSlack,
  type PracticeSlackParts,
} from '../../src/sandbox/slack/practice-slack.ts';
import { type InProcessReceiver, inProcessReceiver } from '../support/in-process-receiver.ts';
import { seeded, type VirtualTime, virtualTime } from '../support/virtual-time.ts';

export const T0 = Date.parse('2026-11-23T03:00:00.000Z');
export const BOT_TOKEN = ['xoxb', 'practice', 'bot'].join('-');
export const APP_TOKEN = ['xapp', 'practice', 'app'].join('-');

export interface Scene {
  readonly slack: PracticeSlack;
  readonly time: VirtualTime;
  readonly client: WebClient;
}

export function scene(change: Partial<PracticeSlackParts> = {}): Scene {
  const time = virtualTime(T0);
  const slack = createPracticeSlack({
    clock: time.clock,
    alarm: time.alarm,
    randomness: seeded(7),
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    ...change,
  });
  return { slack, time, client: clientOf(slack) };
}

export function clientOf(slack: PracticeSlack, token = BOT_TOKEN): WebClient {
  const quiet = LogLevel.ERROR;
  return new WebClient(token, {
    fetch: slack.fetch,
    retryConfig: { retries: 0 },
    logLevel: quiet,
    logger: SILENT,
  });
}

export const SILENT = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

export interface BotScene extends Scene {
  readonly app: App;
  readonly receiver: InProcessReceiver;
}

/** The real Bolt app in process. `listen` registers what the test needs. */
export async function botScene(
  listen: (app: App) => void,
  change: Partial<PracticeSlackParts> = {},
): Promise<BotScene> {
  const base = scene(change);
  const receiver = inProcessReceiver(base.slack);
  const app = new App(botOptions(base.slack, receiver));
  listen(app);
  await app.start();
  return { ...base, app, receiver };
}

/** Options of a Bolt app that talks to this Slack alone. */
export function botOptions(slack: PracticeSlack, receiver: InProcessReceiver): AppOptions {
  return {
    token: BOT_TOKEN,
    receiver,
    logger: SILENT,
    convoStore: false,
    clientOptions: { fetch: slack.fetch, retryConfig: { retries: 0 } },
  };
}

/** The error word that Slack answered with; fails when the call succeeded. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return (await refusalData(call)).error;
}

export async function refusalData(call: Promise<unknown>): Promise<WebAPIPlatformError['data']> {
  try {
    await call;
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return error.data;
    throw error;
  }
  throw new Error('the call was not refused');
}

// The one Web API client: a call is one request. It repeats nothing, waits for nothing and prints nothing by itself.

import { LogLevel, WebClient } from '@slack/web-api';

/** A call that Slack does not answer is given up after this long; whether it had its effect is then unknown. */
const TIMEOUT_MS = 8_000;

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** `fetch` is the gate out, pinned to Slack; `apiUrl` the base of the Web API. */
export function createSlackClient(parts: { token: string; apiUrl: string; fetch: typeof fetch }): WebClient {
  return new WebClient(parts.token, {
    slackApiUrl: parts.apiUrl,
    fetch: parts.fetch,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    // A call that waited in a queue would be sent after whoever asked for it has given it up.
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    logger: SILENT,
  });
}

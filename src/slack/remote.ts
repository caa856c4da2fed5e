// What went wrong with a call to Slack, as a statement about its effect.

import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { ErrorFacts } from '../domain/errors.ts';
import { RemoteError } from '../domain/remote-error.ts';

/** Slack's words for a fault of its own: the call may have had its effect. */
const UNSURE: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);
const TOKEN: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'not_allowed_token_type',
]);
const CHANNEL: ReadonlySet<string> = new Set([
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'is_inactive',
]);

/** Errors of the socket below `fetch` that say that no connection was made. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** `what` completes "Slack did not …": `open the channel`. An error of our own gate keeps its own words. */
export function asRemoteError(error: unknown, what: string): RemoteError {
  if (error instanceof RemoteError) return error;
  if (error instanceof WebAPIPlatformError) return platform(error, what);
  if (error instanceof WebAPIRateLimitedError) {
    return new RemoteError(
      'KL_SLACK_RATE_LIMITED',
      `Slack asks keyleak to wait before it may ${what}.`,
      'Nothing: keyleak tries again by itself.',
      {
        outcome: 'rate_limited',
        reason: 'ratelimited',
        retryAfterMs: error.retryAfter * 1_000,
        cause: error,
      },
    );
  }
  if (error instanceof WebAPIRequestError) {
    if (error.original instanceof RemoteError) return error.original;
    const code = codeOf(error.original);
    return unavailable(
      what,
      code !== null && NOT_SENT.has(code) ? 'not_sent' : 'unknown',
      code ?? 'request',
      error,
    );
  }
  if (error instanceof WebAPIHTTPError) {
    if (error.statusCode === 429) {
      return asRemoteError(new WebAPIRateLimitedError(Number(error.headers['retry-after'] ?? 1) || 1), what);
    }
    // A gateway answers while what is behind it may still work.
    const answered = error.statusCode === 500 || error.statusCode === 503;
    return unavailable(what, 'unknown', `HTTP ${error.statusCode}`, error, answered);
  }
  return unavailable(what, 'unknown', 'unreadable', error);
}

function platform(error: WebAPIPlatformError, what: string): RemoteError {
  const reason = error.data.error;
  // Where a body is no JSON the client puts the whole of it in the place of the word.
  if (!/^[a-z][a-z0-9_]{1,79}$/.test(reason)) return unavailable(what, 'unknown', 'unreadable', error);
  if (UNSURE.has(reason)) return unavailable(what, 'unknown', reason, error, true);
  const { code, message, next } = facts(error, reason, what);
  return new RemoteError(code, message, next, { outcome: 'refused', reason, cause: error });
}

function facts(error: WebAPIPlatformError, reason: string, what: string): ErrorFacts {
  if (reason === 'missing_scope') {
    const needed =
      'needed' in error.data && typeof error.data.needed === 'string' ? error.data.needed : 'another scope';
    return {
      code: 'KL_SLACK_SCOPE',
      message: `Slack does not let keyleak ${what}: the app lacks the scope ${needed}.`,
      next: `Add ${needed} to the app as in manifest.yml and install it again.`,
    };
  }
  if (TOKEN.has(reason)) {
    return {
      code: 'KL_SLACK_TOKEN',
      message: `Slack does not accept the bot token (${reason}), so keyleak could not ${what}.`,
      next: 'Install the app again, set SLACK_BOT_TOKEN and restart keyleak. Work on in the Console meanwhile.',
    };
  }
  if (CHANNEL.has(reason)) {
    return {
      code: 'KL_SLACK_CHANNEL',
      message: `keyleak could not ${what}: it is not in the channel, or the channel is gone (${reason}).`,
      next: 'Invite keyleak to the channel, or bring the channel back.',
    };
  }
  return {
    code: 'KL_SLACK_REFUSED',
    message: `Slack refused to ${what} (${reason}).`,
    next: 'Do it by hand in Slack if it is needed; the incident itself goes on.',
  };
}

function unavailable(
  what: string,
  outcome: 'unknown' | 'not_sent',
  reason: string,
  cause: unknown,
  answered = false,
): RemoteError {
  return new RemoteError(
    'KL_SLACK_UNAVAILABLE',
    outcome === 'not_sent'
      ? `Slack cannot be reached, so keyleak could not ${what} yet.`
      : `Slack did not answer, so it is not known whether keyleak could ${what}.`,
    'Nothing: keyleak tries again by itself. The log has everything; work on in the Console meanwhile.',
    { outcome, reason, cause, answered },
  );
}

function codeOf(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && at.code !== 'slack_webapi_request_error')
      return at.code;
  }
  return null;
}

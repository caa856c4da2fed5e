// Whatever sending a page ends in, as a RemoteError: what is known of its effect, one sentence, and the next step. Status
// and error code decide; no address, no body and no header enters the error.

import { causeOf } from '../domain/error-causes.ts';
import { RemoteError, type RemoteOutcome } from '../domain/remote-error.ts';
import { retryAfterMs as retryAfterOf } from '../domain/retry-after.ts';

const WAIT = 'keyleak sends it again by itself. If it is urgent, call a manager yourself.';

/** An answer that is not 2xx. `now` (milliseconds since the epoch) serves to read a retry-after date. */
export function refusalOf({ status, headers }: Response, now: number): RemoteError {
  const retryAfterMs = retryAfterOf(headers, now);
  if (status < 400) return redirected(`status ${status}`);
  if (status >= 500) {
    return make('KL_PAGING_UNAVAILABLE', 'unknown', `status ${status}`, {
      message: `The paging webhook failed with status ${status}, so it is not known whether the page arrived.`,
      next: WAIT,
      retryAfterMs,
    });
  }
  switch (status) {
    case 401:
    case 403:
      return make('KL_PAGING_UNAUTHORIZED', 'refused', `status ${status}`, {
        message: `The paging webhook does not accept the signature or the sender (${status}); nobody was paged.`,
        next: 'Call a manager yourself now. Then give keyleak and the receiver the same PAGING_WEBHOOK_SECRET, and check the clock of both.',
      });
    case 408:
      return timedOut(`status ${status}`, retryAfterMs);
    case 410:
      return make('KL_PAGING_GONE', 'refused', `status ${status}`, {
        message: 'The paging webhook says that it is gone for good (410); nobody was paged.',
        next: 'Call a manager yourself now. Then set paging.webhook to the new address, or remove it, and restart keyleak.',
      });
    case 429:
      return make('KL_PAGING_RATE_LIMITED', 'rate_limited', `status ${status}`, {
        message: 'The paging webhook asks keyleak to wait (429); nobody was paged yet.',
        next: WAIT,
        retryAfterMs,
      });
    default:
      return make('KL_PAGING_REFUSED', 'refused', `status ${status}`, {
        message: `The paging webhook refused the page with status ${status}; nobody was paged.`,
        next: 'Call a manager yourself now. Then check paging.webhook, and what its receiver says of the request.',
      });
  }
}

/** What `fetch` threw. `signal` is the one it was given. */
export function sendingFailed(error: unknown, signal: AbortSignal): RemoteError {
  // The gate cannot say what a redirect means here: only 2xx is a page that arrived.
  if (error instanceof RemoteError) return error.reason === 'redirect' ? redirected(error.reason) : error;
  if (signal.aborted) return timedOut('aborted', null);
  const { early, late, code } = causeOf(error);
  if (early !== null) {
    return make('KL_PAGING_UNREACHABLE', 'not_sent', early, {
      message: 'No connection to the paging webhook could be made, so nobody was paged yet.',
      next: `${WAIT} If this stays, check paging.webhook, the network and any proxy.`,
    });
  }
  if (late !== null) return timedOut(late, null);
  return make('KL_PAGING_CONNECTION_LOST', 'unknown', code ?? 'connection lost', {
    message: 'The connection to the paging webhook broke, so it is not known whether the page arrived.',
    next: WAIT,
  });
}

function make(
  code: `KL_PAGING_${string}`,
  outcome: RemoteOutcome,
  reason: string,
  words: { message: string; next: string; retryAfterMs?: number | null },
): RemoteError {
  const { message, next, retryAfterMs = null } = words;
  return new RemoteError(code, message, next, { outcome, reason, retryAfterMs });
}

function redirected(reason: string): RemoteError {
  return make('KL_PAGING_REDIRECT', 'refused', reason, {
    message: 'The paging webhook answered with a redirect, which keyleak does not follow; nobody was paged.',
    next: 'Call a manager yourself now. Then set paging.webhook to the address it redirects to, and restart keyleak.',
  });
}

function timedOut(reason: string, retryAfterMs: number | null): RemoteError {
  return make('KL_PAGING_TIMEOUT', 'unknown', reason, {
    message: 'The paging webhook did not answer in time, so it is not known whether the page arrived.',
    next: WAIT,
    retryAfterMs,
  });
}

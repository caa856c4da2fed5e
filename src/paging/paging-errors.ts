// Whatever sending a page ends in, as a RemoteError: what is known of its effect, one sentence, and the next step. Status
// and error code decide; no address, no body and no header enters the error.

import { RemoteError, type RemoteOutcome } from '../domain/remote-error.ts';

const WAIT = 'keyleak sends it again by itself. If it is urgent, call a manager yourself.';

/** An answer that is not 2xx. `now` (milliseconds since the epoch) serves to read a retry-after date. */
export function refusalOf({ status, headers }: Response, now: number): RemoteError {
  const retryAfterMs = retryAfter(headers, now);
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
  const causes = causesOf(error);
  const words = causes.flatMap((cause) => [textOf(cause, 'code'), textOf(cause, 'name')]);
  const early =
    words.find((word) => NOT_SENT.test(word)) ?? (causes.some(whileConnecting) ? 'connect' : undefined);
  if (early !== undefined) {
    return make('KL_PAGING_UNREACHABLE', 'not_sent', early, {
      message: 'No connection to the paging webhook could be made, so nobody was paged yet.',
      next: `${WAIT} If this stays, check paging.webhook, the network and any proxy.`,
    });
  }
  const late = words.find((word) => TOO_LATE.test(word));
  if (late !== undefined) return timedOut(late, null);
  const code = causes.map((cause) => textOf(cause, 'code')).find((word) => word !== '');
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

/** Failures that happen before a request can be sent: name resolution, connecting, the TLS handshake. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|E(?:HOST|NET)UNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_[A-Z_]+|[A-Z_]*SELF_SIGNED[A-Z_]*|UNABLE_TO_[A-Z_]+|ERR_TLS_[A-Z_]+)$/;
const TOO_LATE = /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|AbortError|TimeoutError)$/;

function whileConnecting(cause: unknown): boolean {
  return ['connect', 'getaddrinfo'].includes(textOf(cause, 'syscall'));
}

/** The error and what caused it, outermost first. Of several addresses that were tried the first stands for all. */
function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let current = error;
  while (current instanceof Error && causes.length < 10) {
    causes.push(current);
    current = current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
  }
  return causes;
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found: unknown = Reflect.get(value, field);
  return typeof found === 'string' ? found : '';
}

/** Milliseconds that `retry-after` asks to wait, given in seconds or as a date. Null when it does not say. */
function retryAfter(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

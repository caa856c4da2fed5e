// Whatever a call to Anthropic's Admin API throws, as a RemoteError: what is known of its effect, one sentence, and the
// guided way. Status and error code decide, never the wording of a message; no body and no header enters the error.

import { AnthropicError, APIConnectionTimeoutError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { causeOf, causesOf } from '../domain/error-causes.ts';
import { KeyleakError } from '../domain/errors.ts';
import { RemoteError, type RemoteOutcome } from '../domain/remote-error.ts';
import { retryAfterMs } from '../domain/retry-after.ts';

interface Known {
  readonly reason: string;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
}

/** `error` as a RemoteError. `signal` is the one the call was given; `now` (milliseconds since the epoch) serves to read a retry-after date. */
export function remoteErrorOf(error: unknown, signal: AbortSignal, now: number): RemoteError {
  if (error instanceof RemoteError) return error;
  const own = causesOf(error).find((cause) => cause instanceof KeyleakError);
  if (own !== undefined) return refusedInside(own);
  if (error instanceof APIError && typeof error.status === 'number')
    return answered(error, error.status, now);
  if (signal.aborted || error instanceof APIUserAbortError) return timedOut('aborted');
  return disconnected(error);
}

/** An answer that arrived but does not say what it must. */
export function unreadable(requestId: string | null, reason: string): RemoteError {
  return new RemoteError(
    'KL_ANTHROPIC_UNREADABLE',
    'The answer of Anthropic could not be read, so it is not known whether the request took effect.',
    'keyleak looks again by itself. If this stays, do the step in the Console by its guide and check the base URL and any proxy.',
    { outcome: 'unknown', reason, requestId },
  );
}

/**
 * Hands the failure of a fetch on one level deeper. The SDK looks two levels deep for the words "timed out" and then drops
 * the cause; but a connection that was never made must stay apart from an answer that never came.
 */
export function keepCause(fetchImplementation: typeof fetch): typeof fetch {
  return async (input, init) => {
    try {
      return await fetchImplementation(input, init);
    } catch (error) {
      throw new Error('fetch failed', { cause: new Error('fetch failed', { cause: error }) });
    }
  };
}

/** Whether `error` is a RemoteError with one of these codes. */
export function isOneOf(error: unknown, ...codes: readonly string[]): error is RemoteError {
  return error instanceof RemoteError && codes.includes(error.code);
}

/** keyleak's own gate refused the traffic; its words say why. */
function refusedInside(error: KeyleakError): RemoteError {
  if (error instanceof RemoteError) return error;
  return new RemoteError(error.code, error.message, error.next, { outcome: 'refused', reason: error.code });
}

function answered(error: APIError, status: number, now: number): RemoteError {
  const known: Known = {
    reason: error.errorCode ?? error.type ?? `status ${status}`,
    requestId: error.requestID ?? null,
  };
  switch (status) {
    case 401:
      return make('KL_ANTHROPIC_UNAUTHORIZED', 'refused', known, {
        message: 'Anthropic does not accept the admin key that keyleak uses (401); nothing was done.',
        next: 'Do the step in the Console by its guide now. Then replace ANTHROPIC_ADMIN_API_KEY and restart keyleak.',
      });
    case 403:
      return make('KL_ANTHROPIC_FORBIDDEN', 'refused', known, {
        message: 'Anthropic does not allow this to the admin key that keyleak uses (403); nothing was done.',
        next: 'Do the step in the Console by its guide now. Then check that the key is an Admin key and that an IP allowlist lets keyleak in.',
      });
    case 404:
      return make('KL_ANTHROPIC_NOT_FOUND', 'refused', known, {
        message: 'Anthropic has nothing under the id that keyleak asked for (404); nothing was done.',
        next: 'Look for the key in the Console under Settings, API keys, and follow the guide of the step.',
      });
    case 429:
      return make(
        'KL_ANTHROPIC_RATE_LIMITED',
        'rate_limited',
        { ...known, retryAfterMs: retryAfter(error.headers, now) },
        {
          message: 'Anthropic asks keyleak to wait (429); nothing was done.',
          next: 'keyleak tries again by itself. If that takes too long, do the step in the Console by its guide.',
        },
      );
    case 408:
    case 499:
      return timedOut(known.reason, known.requestId ?? null);
    default:
      if (status < 400) return unreadable(known.requestId ?? null, known.reason);
      return status >= 500
        ? make('KL_ANTHROPIC_UNAVAILABLE', 'unknown', known, {
            message: `Anthropic failed with status ${status}, so it is not known whether the request took effect.`,
            next: 'keyleak looks again by itself. If this stays, do the step in the Console by its guide.',
          })
        : make('KL_ANTHROPIC_REFUSED', 'refused', known, {
            message: `Anthropic refused the request with status ${status}; nothing was done.`,
            next: 'Do the step in the Console by its guide; it shows what the key looks like now.',
          });
  }
}

function make(
  code: `KL_ANTHROPIC_${string}`,
  outcome: RemoteOutcome,
  known: Known,
  words: { message: string; next: string },
): RemoteError {
  return new RemoteError(code, words.message, words.next, { outcome, ...known });
}

function timedOut(reason: string, requestId: string | null = null): RemoteError {
  return make(
    'KL_ANTHROPIC_TIMEOUT',
    'unknown',
    { reason, requestId },
    {
      message: 'Anthropic did not answer in time, so it is not known whether the request took effect.',
      next: 'keyleak looks again by itself. If this stays, do the step in the Console by its guide.',
    },
  );
}

function disconnected(error: unknown): RemoteError {
  const { early, late, code } = causeOf(error);
  const ownRefusal = error instanceof AnthropicError && !(error instanceof APIError);
  if (early !== null || ownRefusal) {
    return make(
      'KL_ANTHROPIC_UNREACHABLE',
      'not_sent',
      { reason: early ?? 'not sent' },
      {
        message: 'No connection to Anthropic could be made, so nothing was done.',
        next: 'keyleak tries again by itself. Do the step in the Console by its guide meanwhile, and check network, proxy and base URL.',
      },
    );
  }
  if (late !== null || error instanceof APIConnectionTimeoutError) return timedOut(late ?? 'timeout');
  return make(
    'KL_ANTHROPIC_CONNECTION_LOST',
    'unknown',
    { reason: code ?? 'connection lost' },
    {
      message: 'The connection to Anthropic broke, so it is not known whether the request took effect.',
      next: 'keyleak looks again by itself. If this stays, do the step in the Console by its guide.',
    },
  );
}

/** Milliseconds that the answer asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date. Null when it does not say. */
function retryAfter(headers: Headers | undefined, now: number): number | null {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (exact >= 0) return Math.round(exact);
  return retryAfterMs(headers, now);
}

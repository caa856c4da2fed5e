// What went wrong with a call to somebody else's service, told by what is known of its effect.

import { type ErrorCode, KeyleakError } from './errors.ts';

/**
 * refused: the service answered no, the effect did not happen and the same call would be refused again.
 * rate_limited: not done, may be sent again after `retryAfterMs`.
 * not_sent: no connection was made, so nothing happened.
 * unknown: timeout, reset, 5xx or unreadable answer; the effect may have happened.
 */
export type RemoteOutcome = 'refused' | 'rate_limited' | 'not_sent' | 'unknown';

/** Thrown by every port to an outside service. `reason` is the service's own error word, for branching, never for people. */
export class RemoteError extends KeyleakError {
  readonly outcome: RemoteOutcome;
  readonly reason: string;
  readonly retryAfterMs: number | null;
  readonly requestId: string | null;
  /** True where the service itself answered, so that nothing is on its way any more. */
  readonly answered: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    next: string,
    facts: {
      outcome: RemoteOutcome;
      reason: string;
      retryAfterMs?: number | null;
      requestId?: string | null;
      answered?: boolean;
      cause?: unknown;
    },
  ) {
    super(code, message, next, { cause: facts.cause });
    this.outcome = facts.outcome;
    this.reason = facts.reason;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.requestId = facts.requestId ?? null;
    this.answered = facts.answered ?? false;
  }
}

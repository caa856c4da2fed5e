// One request to Anthropic, once, and its answer read here and checked against a shape: not one field is taken on trust.

import type { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { remoteErrorOf, unreadable } from './anthropic-errors.ts';

/** What a method of the SDK returns, as far as it is used: the raw response, so that the body is read and checked here. */
export interface Call {
  asResponse(): Promise<Response>;
}

/** Sends one request and reads its answer. Throws RemoteError. */
export type Ask = <T>(
  call: (signal: AbortSignal) => Call,
  shape: z.ZodType<T>,
  signal: AbortSignal,
) => Promise<{ readonly value: T; readonly requestId: string | null }>;

export function createAsk(clock: Clock): Ask {
  return async (call, shape, signal) => {
    try {
      // The SDK listens on a signal for as long as the raw response lives, so each request has a signal of its own.
      const response = await call(AbortSignal.any([signal])).asResponse();
      const requestId = response.headers.get('request-id');
      const read = shape.safeParse(jsonOf(await response.text()));
      if (!read.success) throw unreadable(requestId, 'unexpected shape');
      return { value: read.data, requestId };
    } catch (error) {
      throw remoteErrorOf(error, signal, clock.now());
    }
  };
}

/** The value, or undefined where the text is not JSON: no shape accepts that. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

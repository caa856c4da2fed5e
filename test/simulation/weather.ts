// Faults drawn by chance, at rates drawn once for each seed: what networks do to a bot.

import { type Fault, suffer } from '../flows/faults.ts';
import type { Chance, VirtualTime } from '../support/virtual-time.ts';
import type { Wrap } from '../support/workspace.ts';

const FAULTS: readonly Fault[] = [
  'refused connection',
  'reset before',
  'reset after',
  'error',
  'limited',
  'truncated',
  'silent',
];

export interface Weather {
  readonly wrap: Wrap;
  /** The sky clears: no more faults. What was late still lands. */
  clear(): void;
}

export function weather(chance: Chance, time: () => VirtualTime): Weather {
  const rate = chance.pick([0, 0.05, 0.15, 0.4]);
  const late = chance.pick([0, 0, 0.1]);
  const stale = chance.pick([0, 0, 0.1]);
  const answers = new Map<string, string>();
  let stormy = true;

  /** What the provider said when it was asked the same before: a replica that lags behind. */
  async function read(request: Request, fetch: typeof globalThis.fetch): Promise<Response> {
    const before = answers.get(request.url);
    if (before !== undefined && chance.next() < stale)
      return new Response(before, { headers: { 'content-type': 'application/json' } });
    const response = await fetch(request);
    if (response.ok) answers.set(request.url, await response.clone().text());
    return response;
  }

  return {
    wrap: (service, fetch) => async (input, init) => {
      const request = new Request(input, init);
      if (!stormy) return fetch(request);
      if (chance.next() < late) return lands(request, fetch, 5_000 + chance.below(20_000), time());
      if (chance.next() < rate) return suffer(chance.pick(FAULTS), request, fetch);
      if (stale > 0 && service === 'anthropic' && request.method === 'GET') return read(request, fetch);
      return fetch(request);
    },
    clear() {
      stormy = false;
    },
  };
}

/** The request takes effect after `ms`, when nobody waits for its answer any more. */
async function lands(
  request: Request,
  fetch: typeof globalThis.fetch,
  ms: number,
  time: VirtualTime,
): Promise<Response> {
  const later = new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body: request.body === null ? null : await request.clone().text(),
  });
  time.alarm(ms, () => void fetch(later));
  return suffer('silent', request, fetch);
}

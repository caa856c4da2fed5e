// Faults on the way to a service, for a test that says exactly which call meets which.

import type { Service, Wrap } from '../support/workspace.ts';

export type Fault =
  | 'refused connection'
  | 'reset before'
  | 'reset after'
  | 'error'
  | 'limited'
  | 'truncated'
  | 'silent'
  | 'unauthorized'
  | 'forbidden';

export interface Script {
  readonly wrap: Wrap;
  /** From now on `judge` says what a call meets; null lets it through. */
  meet(judge: (service: Service, what: string) => Fault | null): void;
  heal(): void;
}

function lost(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** An answer of the provider that says no. */
function refusal(status: number, type: string): Response {
  return json(status, { type: 'error', error: { type, message: 'no' }, request_id: 'req_fault' });
}

export async function suffer(
  fault: Fault,
  request: Request,
  fetch: typeof globalThis.fetch,
): Promise<Response> {
  switch (fault) {
    case 'refused connection':
      throw lost('ECONNREFUSED');
    case 'reset before':
      throw lost('ECONNRESET');
    case 'reset after':
      await fetch(request);
      throw lost('ECONNRESET');
    case 'error':
      return refusal(500, 'api_error');
    case 'limited':
      return json(
        429,
        { type: 'error', error: { type: 'rate_limit_error', message: 'slow' } },
        { 'retry-after': '3' },
      );
    case 'truncated': {
      const response = await fetch(request);
      const text = await response.text();
      return new Response(text.slice(0, Math.floor(text.length / 2)), {
        status: response.status,
        headers: { 'content-type': 'application/json' },
      });
    }
    case 'silent':
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
      });
    case 'unauthorized':
      return refusal(401, 'authentication_error');
    case 'forbidden':
      return refusal(403, 'permission_error');
  }
}

export function faultScript(): Script {
  let judge: (service: Service, what: string) => Fault | null = () => null;
  return {
    wrap: (service, fetch) => async (input, init) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      const fault = judge(service, `${request.method} ${pathname}`);
      return fault === null ? fetch(request) : suffer(fault, request, fetch);
    },
    meet(next) {
      judge = next;
    },
    heal() {
      judge = () => null;
    },
  };
}

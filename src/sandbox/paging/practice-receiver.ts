// Whoever is paged, for practice and tests: a webhook as a function from Request to Response. Strict about signature and
// envelope, it keeps every page once however often it comes, and can be told to fail in every way that receivers do.

import type { Clock } from '../../domain/clock.ts';
import { checkDelivery, type PracticeEnvelope } from './check-delivery.ts';

export interface PracticeReceiverParts {
  readonly clock: Clock;
  /** What both sides know: `whsec_…` or another text. */
  readonly secret: string;
}

/**
 * `hang` never answers. `landed`: the page is kept although the sender hears of a failure, as when an answer is lost.
 * A right delivery meets this; a wrong one is refused whatever was told.
 */
export type Behaviour =
  | 'accept'
  | { readonly hang: true; readonly landed?: boolean }
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly landed?: boolean;
    };

export interface PracticePage extends PracticeEnvelope {
  /** How often it came, retries included; the rest is as it came last. */
  readonly deliveries: number;
}

/** One delivery as it was answered. */
export interface PracticeDelivery {
  /** `webhook-id`; empty when there was none. */
  readonly id: string;
  /** Null for one that is left hanging. */
  readonly status: number | null;
  /** What was wrong with it; null when nothing was. */
  readonly fault: string | null;
}

export interface PracticeReceiver {
  /** Usable as `typeof fetch`. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Every page that arrived, in the order of its first arrival. */
  pages(): readonly PracticePage[];
  /** Every delivery so far, oldest first. */
  deliveries(): readonly PracticeDelivery[];
  /** What right deliveries meet from now on: the next `times` of them, all unless told. */
  behave(behaviour: Behaviour, times?: number): void;
}

export function createPracticeReceiver({ clock, secret }: PracticeReceiverParts): PracticeReceiver {
  const pages = new Map<string, PracticePage>();
  const deliveries: PracticeDelivery[] = [];
  let behaviour: Behaviour = 'accept';
  let left = 0;

  function told(): Behaviour {
    if (left === 0) return 'accept';
    left -= 1;
    return behaviour;
  }

  /** False where another page came under this id before. Counts may be newer in a retry, what happened and when may not. */
  function keep(envelope: PracticeEnvelope): boolean {
    const { deliveries: before, ...known } = pages.get(envelope.id) ?? { ...envelope, deliveries: 0 };
    if (identity(known) !== identity(envelope)) return false;
    pages.set(envelope.id, { ...envelope, deliveries: before + 1 });
    return true;
  }

  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      const body = await request.text();
      const id = request.headers.get('webhook-id') ?? '';
      const answer = (status: number, fault: string | null, headers = {}): Response => {
        deliveries.push({ id, status, fault });
        return new Response(null, { status, headers });
      };
      const checked = checkDelivery(request, body, { secret, now: clock.now() });
      if ('fault' in checked) return answer(checked.status, checked.fault);
      const now = told();
      if ((now === 'accept' || now.landed === true) && !keep(checked))
        return answer(422, 'another page has this id');
      if (now === 'accept') return answer(204, null);
      if ('status' in now) return answer(now.status, null, now.headers);
      deliveries.push({ id, status: null, fault: null });
      request.signal.throwIfAborted();
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
      });
    },
    pages: () => [...pages.values()],
    deliveries: () => [...deliveries],
    behave(next, times = Number.POSITIVE_INFINITY) {
      behaviour = next;
      left = times;
    },
  };
}

function identity({ type, subject, time, data }: PracticeEnvelope): string {
  return JSON.stringify([type, subject, time, data.phase]);
}

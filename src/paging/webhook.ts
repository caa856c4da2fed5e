// Pages over a webhook of the customer: one signed request for each attempt, no redirect followed, and every answer told
// by what is known of its effect.

import type { Clock } from '../domain/clock.ts';
import type { Pager } from '../domain/pager.ts';
import { CONTENT_TYPE, envelopeOf, wireId } from './envelope.ts';
import { refusalOf, sendingFailed } from './paging-errors.ts';
import { signatureOf } from './signature.ts';

export interface WebhookPagerParts {
  /** `paging.webhook`. Its path and query may themselves be a credential: they stand in no error. */
  readonly url: string;
  /** `PAGING_WEBHOOK_SECRET`, as `isSigningSecret` accepts it. */
  readonly secret: () => string;
  /** The gate out, pinned to the webhook's origin. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

export function createWebhookPager({ url, secret, fetch, clock }: WebhookPagerParts): Pager {
  return {
    async page(page, signal) {
      const id = wireId(page);
      const body = envelopeOf(page);
      const seconds = Math.floor(clock.now() / 1000);
      const headers = {
        'content-type': CONTENT_TYPE,
        'user-agent': 'keyleak',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': signatureOf(secret(), id, seconds, body),
      };
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'manual',
      }).catch((error: unknown) => {
        throw sendingFailed(error, signal);
      });
      // The head says it all. A body that never ends or breaks off changes nothing.
      void response.body?.cancel().catch(() => undefined);
      if (!response.ok) throw refusalOf(response, clock.now());
    },
  };
}

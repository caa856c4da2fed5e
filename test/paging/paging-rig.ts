// The real pager over the practice receiver, with a place between the two where a test may do harm; and a way to verify a
// delivery that shares no line with either.

import { createHmac } from 'node:crypto';
import type { Page, Pager } from '../../src/domain/pager.ts';
import { createWebhookPager } from '../../src/paging/webhook.ts';
import { createPracticeReceiver, type PracticeReceiver } from '../../src/sandbox/paging/practice-receiver.ts';
import { T0 } from '../support/cases.ts';

/** Bytes that sign in these tests, and the two forms in which they may be configured. */
export const BYTES = Buffer.from('0123456789abcdefghijklmnopqrstuv');
export const SECRET = `whsec_${BYTES.toString('base64')}`;
export const RAW_SECRET = BYTES.toString('utf8');

/** The path stands for a credential. */
export const WEBHOOK = 'https://alerts.example.com/integration/a-secret-path?token=a-secret-word';

export function pageOf(change: Partial<Page> = {}): Page {
  return {
    id: 'KL-7:page:-:12',
    type: 'keyleak.deadline.missed',
    at: T0 + 300_000,
    incident: 'KL-7',
    severity: 1,
    phase: 'contain',
    liveKeys: 2,
    link: 'https://slack.com/app_redirect?team=T0AAAAAAA&channel=C0AAAAAAA',
    lateMs: 12,
    ...change,
  };
}

/** A request as it left. */
export interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly body: string;
}

export interface PagingRig {
  readonly pager: Pager;
  readonly receiver: PracticeReceiver;
  readonly sent: Sent[];
  readonly now: { at: number };
}

export function pagingRig(
  parts: {
    secret?: string;
    receives?: string;
    between?: (next: () => Promise<Response>) => Promise<Response>;
  } = {},
): PagingRig {
  const { secret = SECRET, receives = secret, between = (next) => next() } = parts;
  const now = { at: T0 + 301_000 };
  const clock = { now: () => now.at };
  const receiver = createPracticeReceiver({ clock, secret: receives });
  const sent: Sent[] = [];
  const pager = createWebhookPager({
    url: WEBHOOK,
    secret: () => secret,
    clock,
    fetch: async (input, init = {}) => {
      const request = new Request(input, init);
      sent.push({
        url: request.url,
        init,
        headers: request.headers,
        body: typeof init.body === 'string' ? init.body : '',
      });
      return between(() => receiver.fetch(input, init));
    },
  });
  return { pager, receiver, sent, now };
}

/** Whether a delivery is signed with BYTES, after the text of the specification alone. */
export function isSigned({ headers, body }: Pick<Sent, 'headers' | 'body'>): boolean {
  const signed = [headers.get('webhook-id'), headers.get('webhook-timestamp'), body].join('.');
  return (
    headers.get('webhook-signature') === `v1,${createHmac('sha256', BYTES).update(signed).digest('base64')}`
  );
}

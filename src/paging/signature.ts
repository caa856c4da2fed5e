// The signature of Standard Webhooks: who receives a page can prove that keyleak sent exactly this, and when.

import { createHmac } from 'node:crypto';
import { signingKey } from '../domain/pager.ts';

/** The value of `webhook-signature`. `seconds` is the time of this attempt since the epoch. */
export function signatureOf(secret: string, id: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', signingKey(secret)).update(`${id}.${seconds}.${body}`, 'utf8');
  return `v1,${mac.digest('base64')}`;
}

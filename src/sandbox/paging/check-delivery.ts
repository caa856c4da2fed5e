// What a careful receiver asks of every delivery: signed, fresh, and an envelope that says all it must and nothing more.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const INCIDENT = z.string().regex(/^KL-[1-9]\d*$/);

const ENVELOPE = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.literal('keyleak'),
  type: z.enum(['keyleak.deadline.missed', 'keyleak.unanswered', 'keyleak.break-glass']),
  subject: INCIDENT,
  time: z.iso.datetime({ precision: 3 }),
  datacontenttype: z.literal('application/json'),
  data: z.strictObject({
    summary: z.string().min(1).max(200),
    incident: INCIDENT,
    severity: z.int().min(1).max(3),
    phase: z.nullable(z.string().regex(/^[a-z0-9-]{1,40}$/)),
    live_keys: z.int().min(0),
    late_ms: z.int().min(0),
    link: z.nullable(z.url({ protocol: /^https$/ })),
  }),
});

export type PracticeEnvelope = z.infer<typeof ENVELOPE>;

/** What is wrong with a delivery: the status it is answered with and a word for people. */
export interface DeliveryFault {
  readonly status: number;
  readonly fault: string;
}

/** Receivers take an attempt that is at most this far from their own clock. */
const TOLERANCE_S = 300;

/** The envelope, or the first thing that is wrong with the delivery. `now` in milliseconds since the epoch. */
export function checkDelivery(
  request: Pick<Request, 'method' | 'headers'>,
  body: string,
  parts: { readonly secret: string; readonly now: number },
): PracticeEnvelope | DeliveryFault {
  const { method, headers } = request;
  if (method !== 'POST') return { status: 405, fault: `${method} instead of POST` };
  const type = headers.get('content-type') ?? '';
  if (!/^application\/cloudevents\+json(; ?charset=utf-8)?$/i.test(type))
    return { status: 415, fault: `content type ${type}` };
  const id = headers.get('webhook-id') ?? '';
  if (!/^[!-~]{1,256}$/.test(id) || id.includes('.')) return { status: 400, fault: 'webhook-id' };
  const seconds = headers.get('webhook-timestamp') ?? '';
  if (!/^\d{1,12}$/.test(seconds)) return { status: 400, fault: 'webhook-timestamp' };
  if (!isSigned(headers.get('webhook-signature') ?? '', `${id}.${seconds}.${body}`, parts.secret))
    return { status: 401, fault: 'signature' };
  if (Math.abs(parts.now / 1000 - Number(seconds)) > TOLERANCE_S) return { status: 401, fault: 'stale' };
  const read = ENVELOPE.safeParse(jsonOf(body));
  if (!read.success) return { status: 422, fault: z.prettifyError(read.error) };
  if (read.data.id !== id) return { status: 422, fault: 'id is not webhook-id' };
  if (read.data.subject !== read.data.data.incident) return { status: 422, fault: 'subject is not incident' };
  return read.data;
}

function isSigned(given: string, content: string, secret: string): boolean {
  const [, encoded] = /^whsec_(.*)$/s.exec(secret) ?? [];
  const key = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  const right = createHmac('sha256', key).update(content).digest();
  return given.split(' ').some((one) => {
    const [version, ...rest] = one.split(',');
    const bytes = Buffer.from(rest.join(','), 'base64');
    return version === 'v1' && bytes.length === right.length && timingSafeEqual(bytes, right);
  });
}

/** The value, or undefined where the text is not JSON: no shape accepts that. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The practice receiver: as careful as a receiver should be, so that a page it takes is a page that others take.

import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createPracticeReceiver } from '../../src/sandbox/paging/practice-receiver.ts';
import { T0 } from '../support/cases.ts';

const SECRET = 'a text that both sides know';

const ENVELOPE = {
  specversion: '1.0',
  id: 'KL-1:page:-:3',
  source: 'keyleak',
  type: 'keyleak.unanswered',
  subject: 'KL-1',
  time: '2026-11-23T02:59:00.000Z',
  datacontenttype: 'application/json',
  data: {
    summary: 'KL-1: nobody has answered a leak',
    incident: 'KL-1',
    severity: 2,
    phase: 'contain',
    live_keys: 1,
    late_ms: 0,
    link: null,
  },
};

/** A delivery that is signed whatever it says, unless `headers` say otherwise. */
function delivery(
  envelope: object | string = ENVELOPE,
  headers: Record<string, string> = {},
  method = 'POST',
) {
  const body = typeof envelope === 'string' ? envelope : JSON.stringify(envelope);
  const { 'webhook-id': id = ENVELOPE.id, 'webhook-timestamp': at = String(T0 / 1000) } = headers;
  const mac = createHmac('sha256', SECRET).update(`${id}.${at}.${body}`).digest('base64');
  return new Request('https://alerts.example.com/', {
    method,
    ...(method === 'GET' ? {} : { body }),
    headers: {
      'content-type': 'application/cloudevents+json',
      'webhook-id': id,
      'webhook-timestamp': at,
      'webhook-signature': `v1,${mac}`,
      ...headers,
    },
  });
}

function start() {
  return createPracticeReceiver({ clock: { now: () => T0 }, secret: SECRET });
}

test('a right delivery is kept, once however often it comes, with the newest counts', async () => {
  const receiver = start();
  const newer = { ...ENVELOPE, data: { ...ENVELOPE.data, live_keys: 0 } };
  for (const envelope of [ENVELOPE, ENVELOPE, newer])
    expect((await receiver.fetch(delivery(envelope))).status).toBe(204);
  expect(receiver.pages()).toEqual([{ ...newer, deliveries: 3 }]);
  expect(receiver.deliveries()).toHaveLength(3);
});

test('one of several signatures is enough', async () => {
  const right = delivery().headers.get('webhook-signature') ?? '';
  const several = delivery(ENVELOPE, { 'webhook-signature': `v1a,abcd v1,AAAA ${right}` });
  expect((await start().fetch(several)).status).toBe(204);
});

test('another event under a known id is refused', async () => {
  const receiver = start();
  await receiver.fetch(delivery());
  const other = { ...ENVELOPE, time: '2026-11-23T02:59:00.001Z' };
  expect((await receiver.fetch(delivery(other))).status).toBe(422);
  expect(receiver.pages()).toEqual([{ ...ENVELOPE, deliveries: 1 }]);
});

const altered = JSON.stringify({ ...ENVELOPE, data: { ...ENVELOPE.data, severity: 3 } });
const signature = delivery().headers.get('webhook-signature') ?? '';

test.each<[string, Request, number]>([
  ['read instead of posted', delivery(ENVELOPE, {}, 'GET'), 405],
  ['plain JSON', delivery(ENVELOPE, { 'content-type': 'application/json' }), 415],
  ['without an id', delivery(ENVELOPE, { 'webhook-id': '' }), 400],
  ['with a full stop in its id', delivery({ ...ENVELOPE, id: 'a.b' }, { 'webhook-id': 'a.b' }), 400],
  ['with a date for a timestamp', delivery(ENVELOPE, { 'webhook-timestamp': ENVELOPE.time }), 400],
  ['unsigned', delivery(ENVELOPE, { 'webhook-signature': '' }), 401],
  ['signed for other bytes', delivery(altered, { 'webhook-signature': signature }), 401],
  [
    'signed by another version',
    delivery(ENVELOPE, { 'webhook-signature': signature.replace('v1', 'v2') }),
    401,
  ],
  ['five minutes old', delivery(ENVELOPE, { 'webhook-timestamp': String(T0 / 1000 - 301) }), 401],
  ['from the future', delivery(ENVELOPE, { 'webhook-timestamp': String(T0 / 1000 + 301) }), 401],
  ['no JSON', delivery('{'), 422],
  ['of another version', delivery({ ...ENVELOPE, specversion: '0.3' }), 422],
  ['of an unknown type', delivery({ ...ENVELOPE, type: 'keyleak.other' }), 422],
  ['with another id inside', delivery({ ...ENVELOPE, id: 'KL-1:page:-:4' }), 422],
  ['about two incidents', delivery({ ...ENVELOPE, subject: 'KL-2' }), 422],
  ['with more than it should say', delivery({ ...ENVELOPE, data: { ...ENVELOPE.data, owner: 'Dana' } }), 422],
  ['with less', delivery({ ...ENVELOPE, data: { incident: 'KL-1' } }), 422],
])('a delivery that is %s is refused', async (_, request, status) => {
  const receiver = start();
  expect((await receiver.fetch(request)).status).toBe(status);
  expect(receiver.pages()).toEqual([]);
  expect(receiver.deliveries()).toMatchObject([{ status, fault: expect.stringMatching(/./) }]);
});

test('it fails as told and as often as told, and keeps the page where only the answer is lost', async () => {
  const receiver = start();
  receiver.behave({ status: 500, headers: { 'retry-after': '3' } }, 1);
  const failed = await receiver.fetch(delivery());
  expect([failed.status, failed.headers.get('retry-after')]).toEqual([500, '3']);
  expect(receiver.pages()).toEqual([]);
  receiver.behave({ status: 410, landed: true });
  expect((await receiver.fetch(delivery())).status).toBe(410);
  expect(receiver.pages()).toMatchObject([{ deliveries: 1 }]);
  receiver.behave('accept');
  expect((await receiver.fetch(delivery())).status).toBe(204);
});

test('it hangs until the sender gives up', async () => {
  const receiver = start();
  receiver.behave({ hang: true, landed: true }, 1);
  const patience = new AbortController();
  const hanging = receiver.fetch(new Request(delivery(), { signal: patience.signal }));
  patience.abort(new Error('the sender gave up'));
  await expect(hanging).rejects.toThrow('the sender gave up');
  expect(receiver.pages()).toHaveLength(1);
  expect(receiver.deliveries()).toEqual([{ id: ENVELOPE.id, status: null, fault: null }]);
});

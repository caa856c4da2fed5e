// What leaves when keyleak pages: the envelope, the signature, and the same page over and over.

import { expect, test } from 'vitest';
import type { Page } from '../../src/domain/pager.ts';
import { T0 } from '../support/cases.ts';
import { isSigned, pageOf, pagingRig, RAW_SECRET, SECRET, WEBHOOK } from './paging-rig.ts';

const never = new AbortController().signal;

test('a page leaves as one signed CloudEvent', async () => {
  const { pager, receiver, sent } = pagingRig();
  await pager.page(pageOf(), never);
  expect(sent).toHaveLength(1);
  const [page] = sent;
  expect(page?.url).toBe(WEBHOOK);
  expect(page?.init).toMatchObject({ method: 'POST', redirect: 'manual', signal: never });
  expect([...(page?.headers ?? [])]).toEqual([
    ['content-type', 'application/cloudevents+json'],
    ['user-agent', 'keyleak'],
    ['webhook-id', 'KL-7:page:-:12'],
    ['webhook-signature', expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/)],
    ['webhook-timestamp', String((T0 + 301_000) / 1000)],
  ]);
  expect(JSON.parse(page?.body ?? '')).toEqual({
    specversion: '1.0',
    id: 'KL-7:page:-:12',
    source: 'keyleak',
    type: 'keyleak.deadline.missed',
    subject: 'KL-7',
    time: '2026-11-23T03:05:00.000Z',
    datacontenttype: 'application/json',
    data: {
      summary: 'KL-7: the deadline of contain was missed; keys known to be live: 2',
      incident: 'KL-7',
      severity: 1,
      phase: 'contain',
      live_keys: 2,
      late_ms: 12,
      link: 'https://slack.com/app_redirect?team=T0AAAAAAA&channel=C0AAAAAAA',
    },
  });
  expect(receiver.pages()).toMatchObject([{ id: 'KL-7:page:-:12', deliveries: 1 }]);
});

test.each<[string, Partial<Page>, string]>([
  ['an incident nobody answers', { type: 'keyleak.unanswered' }, 'KL-7: nobody has answered a leak;'],
  [
    'an act past Slack',
    { type: 'keyleak.break-glass', phase: null, link: null },
    'KL-7: somebody acted from the command line, past Slack;',
  ],
  ['a deadline of no phase', { phase: null }, 'KL-7: a deadline was missed;'],
])('%s is told in one sentence, and the receiver takes it', async (_, change, summary) => {
  const { pager, receiver } = pagingRig();
  await pager.page(pageOf(change), never);
  expect(receiver.pages()[0]?.data.summary).toBe(`${summary} keys known to be live: 2`);
});

test.each([
  ['bytes in base64', SECRET],
  ['the bytes of a text', RAW_SECRET],
])('an independent check accepts what is signed with %s', async (_, secret) => {
  const { pager, sent } = pagingRig({ secret });
  await pager.page(pageOf(), never);
  expect(sent.map(isSigned)).toEqual([true]);
  expect(sent.map(({ headers, body }) => isSigned({ headers, body: `${body} ` }))).toEqual([false]);
});

test('a retry is the same event at its own time, and counts once', async () => {
  const { pager, receiver, sent, now } = pagingRig();
  receiver.behave({ status: 503, landed: true }, 1);
  await expect(pager.page(pageOf(), never)).rejects.toMatchObject({ code: 'KL_PAGING_UNAVAILABLE' });
  now.at += 3_600_500;
  await pager.page(pageOf(), never);
  const [first, second] = sent;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers.get('webhook-id')).toBe(first?.headers.get('webhook-id'));
  expect(sent.map(({ headers }) => headers.get('webhook-timestamp'))).toEqual([
    String((T0 + 301_000) / 1000),
    String((T0 + 3_901_000) / 1000),
  ]);
  expect(sent.map(isSigned)).toEqual([true, true]);
  expect(receiver.pages()).toMatchObject([{ deliveries: 2 }]);
});

test('nothing but counts and ids leaves, whatever a page carries besides', async () => {
  const { pager, sent } = pagingRig();
  const carried = { ...pageOf(), name: 'prod-api-gateway', owner: 'dana@example.com', hint: 'R2D...igAA' };
  await pager.page(carried, never);
  expect(sent[0]?.body).not.toMatch(/gateway|dana|igAA/);
});

test('an id is brought into a form that can be signed, and no two become one', async () => {
  const { pager, sent } = pagingRig();
  for (const id of ['KL-7:a.b', 'KL-7:a-b', 'KL-7:a%2Eb', 'KL-7:ä\nb', '\ud800'])
    await pager.page(pageOf({ id }), never);
  const ids = sent.map(({ headers }) => headers.get('webhook-id') ?? '');
  expect(new Set(ids).size).toBe(5);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9:%~_-]+$/);
  expect(sent.map(({ body }) => JSON.parse(body).id)).toEqual(ids);
  expect(sent.map(isSigned)).toEqual([true, true, true, true, true]);
});

test('a 2xx whose body breaks off is a page that arrived', async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.error(new Error('reset'));
    },
  });
  const { pager } = pagingRig({ between: async () => new Response(broken, { status: 202 }) });
  await expect(pager.page(pageOf(), never)).resolves.toBeUndefined();
});

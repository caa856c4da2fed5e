// Pages through the one gate out: pinned to the webhook, and its address, which may be a credential, in no line of the log.

import { expect, test } from 'vitest';
import { createOutbound, type OutboundAlarm, type OutboundCall } from '../../src/outbound.ts';
import { createWebhookPager } from '../../src/paging/webhook.ts';
import { createPracticeReceiver } from '../../src/sandbox/paging/practice-receiver.ts';
import { failureOf, never } from '../providers/anthropic-rig.ts';
import { T0 } from '../support/cases.ts';
import { pageOf, SECRET, WEBHOOK } from './paging-rig.ts';

function gated(url = WEBHOOK) {
  const clock = { now: () => T0 };
  const receiver = createPracticeReceiver({ clock, secret: SECRET });
  const calls: OutboundCall[] = [];
  const alarms: OutboundAlarm[] = [];
  const gate = createOutbound({
    fetch: receiver.fetch,
    clock,
    onAlarm: (alarm) => alarms.push(alarm),
    onCall: (call) => calls.push(call),
  });
  const fetch = gate({ name: 'paging', origins: [new URL(WEBHOOK).origin] });
  const pager = createWebhookPager({ url, secret: () => SECRET, fetch, clock });
  return { pager, receiver, calls, alarms };
}

test('a page passes as it was signed, and the call is named without its address', async () => {
  const { pager, receiver, calls, alarms } = gated();
  await pager.page(pageOf(), never);
  expect(receiver.pages()).toHaveLength(1);
  expect(calls).toEqual([{ service: 'paging', what: 'page', status: 204, ms: 0 }]);
  expect(alarms).toEqual([]);
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is a page that did not arrive', async (status) => {
  const { pager, receiver } = gated();
  receiver.behave({ status });
  expect(await failureOf(pager.page(pageOf(), never))).toMatchObject({
    code: 'KL_PAGING_REDIRECT',
    outcome: 'refused',
  });
});

test('another host is not reached, and a secret does not leave; the gate says why in its own words', async () => {
  const elsewhere = gated('https://elsewhere.example/');
  const error = await failureOf(elsewhere.pager.page(pageOf(), never));
  expect(error.code).toBe('KL_OUTBOUND_HOST');
  expect(error.message).toContain('meant for the paging webhook');
  const { pager, receiver, alarms } = gated();
  const phase = ['sk', 'ant', 'api03', 'q'.repeat(80)].join('-');
  expect(await failureOf(pager.page(pageOf({ phase }), never))).toMatchObject({
    code: 'KL_OUTBOUND_SECRET',
    outcome: 'refused',
  });
  expect(alarms).toHaveLength(1);
  expect(receiver.deliveries()).toEqual([]);
});

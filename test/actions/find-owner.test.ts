// find-owner: from the key to a person, from the person to Slack; what Slack cannot say now is asked again.

import { expect, test } from 'vitest';
import { findOwner } from '../../src/actions/find-owner.ts';
import { MAX_ATTEMPTS } from '../../src/domain/run.ts';
import { failureOf, rig } from '../providers/anthropic-rig.ts';
import { keyFacts } from '../support/cases.ts';
import { addressBook, identified, runOf, slackError, world } from './anthropic-world.ts';

const dana = identified(keyFacts({ owner: { id: 'user_01Dana', type: 'user' } }));
const DANA = { id: 'user_01Dana', type: 'user', name: 'Dana Reyes' };

test('the owner is found by the provider and by their address in Slack', async () => {
  const asked: string[] = [];
  const chat = addressBook((email) => {
    asked.push(email);
    return Promise.resolve('U0DANA');
  });
  const seen = await findOwner.perform(world(dana, runOf('find-owner'), rig().provider, chat));
  expect(seen).toEqual({ type: 'owner', owner: { ...DANA, slack_user: 'U0DANA' } });
  expect(asked).toEqual(['dana.reyes@example.com']);
});

test.each([
  ['there is no Slack', null],
  ['Slack knows nobody by that address', addressBook(() => Promise.resolve(null))],
  ['Slack refuses to be asked', addressBook(() => Promise.reject(slackError('refused')))],
])('the owner is reported without a Slack user when %s', async (_, chat) => {
  const seen = await findOwner.perform(world(dana, runOf('find-owner'), rig().provider, chat));
  expect(seen).toEqual({ type: 'owner', owner: { ...DANA, slack_user: null } });
});

test.each(['unknown', 'not_sent', 'rate_limited'] as const)(
  'a Slack that fails (%s) is asked again, and given up at the last attempt with the owner reported',
  async (outcome) => {
    const { provider } = rig();
    const chat = addressBook(() => Promise.reject(slackError(outcome)));
    for (const attempt of [1, MAX_ATTEMPTS - 1]) {
      const work = findOwner.perform(world(dana, runOf('find-owner', { attempt }), provider, chat));
      expect(await failureOf(work)).toMatchObject({ outcome });
    }
    const last = runOf('find-owner', { attempt: MAX_ATTEMPTS });
    expect(await findOwner.perform(world(dana, last, provider, chat))).toEqual({
      type: 'owner',
      owner: { ...DANA, slack_user: null },
    });
  },
);

test('a service account is reported by its id, without asking anybody', async () => {
  const { provider, sent } = rig();
  const subject = identified(keyFacts({ owner: { id: 'svac_01Billing', type: 'service_account' } }));
  expect(await findOwner.perform(world(subject, runOf('find-owner'), provider))).toEqual({
    type: 'owner',
    owner: { id: 'svac_01Billing', type: 'service_account', name: null, slack_user: null },
  });
  expect(sent).toEqual([]);
});

test('a key without an owner, and one whose owner left, have none', async () => {
  const { provider } = rig();
  for (const owner of [null, { id: 'user_01Left', type: 'user' } as const]) {
    const subject = identified(keyFacts({ owner }));
    expect(await findOwner.perform(world(subject, runOf('find-owner'), provider))).toEqual({
      type: 'owner',
      owner: null,
    });
  }
});

test('a provider that does not answer is asked again', async () => {
  const { provider } = rig({ between: () => Promise.resolve(new Response('', { status: 529 })) });
  expect(await failureOf(findOwner.perform(world(dana, runOf('find-owner'), provider)))).toMatchObject({
    code: 'KL_ANTHROPIC_UNAVAILABLE',
    outcome: 'unknown',
  });
});

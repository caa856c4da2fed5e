import { expect, test } from 'vitest';
import { INPUT } from '../../src/slack/ids.ts';
import { keyFacts } from '../support/cases.ts';
import { MANAGER, openRig, RESPONDER, type Rig, SOMEBODY } from '../support/slack-rig.ts';

async function search(rig: Rig, user: string, value: string): Promise<string> {
  const { acks } = await rig.deliver({
    type: 'block_suggestion',
    action_id: INPUT.key,
    block_id: INPUT.key,
    value,
    user: { id: user, team_id: 'T0ACME' },
    team: { id: 'T0ACME' },
    container: { type: 'view', view_id: 'V1' },
  });
  return JSON.stringify(acks);
}

test('responders and managers find keys; whoever else gets their own words back, however they ask', async () => {
  const rig = await openRig();
  rig.offer([keyFacts()]);
  for (const user of [RESPONDER, MANAGER])
    for (const words of ['', 'gateway', 'igAA', 'production'])
      expect(await search(rig, user, words)).toContain(keyFacts().id);
  for (const words of ['', 'gateway', 'igAA'])
    expect(await search(rig, SOMEBODY, words)).not.toContain(keyFacts().id);
  expect(await search(rig, SOMEBODY, 'gateway')).toContain('Use what I typed: gateway');
});

test('nothing was asked of Slack or the provider, also where no list was read yet', async () => {
  const rig = await openRig();
  expect(await search(rig, RESPONDER, 'gateway')).toContain('Use what I typed: gateway');
  expect(rig.calls).toEqual([]);
});

test('a hundred options at most, whatever the organisation has', async () => {
  const rig = await openRig();
  rig.offer(Array.from({ length: 400 }, (_, n) => keyFacts({ id: `apikey_${n}`, name: `prod-${n}` })));
  expect((await search(rig, RESPONDER, 'prod')).match(/"value"/g)).toHaveLength(100);
});

import { expect, test } from 'vitest';
import type { EntrySpan } from '../../src/domain/ports.ts';
import { ACTION } from '../../src/slack/ids.ts';
import { click, slash } from '../support/slack-bodies.ts';
import { openRig, RESPONDER, SOMEBODY } from '../support/slack-rig.ts';

test('a page is read by its numbers alone: the incident is not loaded for it', async () => {
  const spans: EntrySpan[] = [];
  let views = 0;
  const rig = await openRig({
    engine: (engine) => ({
      ...engine,
      view: (id) => {
        views += 1;
        return engine.view(id);
      },
      page: (id, span) => {
        spans.push(span);
        return engine.page(id, span);
      },
    }),
  });
  await rig.deliver(slash('R2D...igAA', RESPONDER));
  views = 0;
  await rig.deliver(slash('timeline KL-1', RESPONDER));
  await rig.deliver(click(ACTION.timeline, '{"incident":"KL-1","from":1}', RESPONDER, { ephemeral: true }));
  expect(spans).toEqual([
    { to: null, limit: 20 },
    { from: 1, limit: 20 },
  ]);
  expect(views).toBe(0);
});

test('a press on an answer changes that answer; one on the card leaves the card', async () => {
  const rig = await openRig();
  await rig.deliver(slash('R2D...igAA', RESPONDER));
  for (const ephemeral of [true, false]) {
    await rig.deliver(click(ACTION.timeline, '{"incident":"KL-1","to":null}', RESPONDER, { ephemeral }));
    expect(rig.calls.at(-1)).toMatchObject({
      what: 'response_url',
      args: { replace_original: ephemeral, text: expect.stringMatching(/^KL-1: entries/) },
    });
  }
});

test.each([ACTION.timeline, ACTION.list])(
  'a button of %s that cannot be read shows nothing',
  async (name) => {
    const rig = await openRig();
    await rig.deliver(slash('R2D...igAA', RESPONDER));
    for (const value of [undefined, '', '[]', '{"incident":"KL-1"}', '{"incident":"KL-1","from":0}']) {
      await rig.deliver(click(name, value, RESPONDER));
      expect(JSON.stringify(rig.calls.at(-1)?.args)).toContain('KL_BUTTON_UNREADABLE');
    }
  },
);

test('whoever is neither responder nor where it is handled gets nothing by a press either', async () => {
  const rig = await openRig();
  await rig.deliver(slash('R2D...igAA', RESPONDER));
  for (const [name, value] of [
    [ACTION.timeline, '{"incident":"KL-1","to":null}'],
    [ACTION.list, '{"scope":"all","way":"on","status":"open","number":9}'],
  ] as const) {
    await rig.deliver(click(name, value, SOMEBODY, { ephemeral: true }));
    const answer = JSON.stringify(rig.calls.at(-1)?.args);
    expect(answer).toContain('KL_NOT_ALLOWED');
    expect(answer).not.toMatch(/declared|severity/);
  }
});

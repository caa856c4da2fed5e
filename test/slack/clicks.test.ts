import { describe, expect, test } from 'vitest';
import { DEACTIVATE_STEP } from '../../src/domain/progress.ts';
import { ACTION, encodeSeveral, encodeTarget, MODAL, type Target } from '../../src/slack/ids.ts';
import { keyFacts } from '../support/cases.ts';
import { click, slash } from '../support/slack-bodies.ts';
import { MANAGER, openRig, RESPONDER, type Rig, SOMEBODY } from '../support/slack-rig.ts';

function value(change: Partial<Target> = {}): string {
  return encodeTarget({
    incident: 'KL-1',
    step: DEACTIVATE_STEP,
    key: 'k1',
    candidate: keyFacts().id,
    ...change,
  });
}

async function declared(words = 'R2D...igAA'): Promise<Rig> {
  const rig = await openRig();
  rig.offer([keyFacts()]);
  await rig.deliver(slash(words, RESPONDER));
  return rig;
}

async function started(rig: Rig): Promise<number> {
  const entries = await rig.entries('KL-1');
  return entries.filter(
    ({ kind, data }) => kind === 'step.started' && 'step' in data && data.step === DEACTIVATE_STEP,
  ).length;
}

function answers(rig: Rig): readonly string[] {
  return rig.calls
    .filter(({ what }) => what === 'response_url' || what === 'chat.postEphemeral')
    .map(({ args }) => JSON.stringify(args));
}

describe('Deactivate key', () => {
  test('names the key and starts the step in one commit, with who and on what grounds, and only then is acknowledged', async () => {
    const rig = await declared();
    let atAck = -1;
    rig.engine.onChange(() => {
      atAck = rig.order.filter((what) => what === 'ack').length;
    });
    const { acks } = await rig.deliver(click(ACTION.deactivate, value(), RESPONDER));
    expect(acks).toEqual([undefined]);
    expect(atAck).toBe(1);
    const entries = await rig.entries('KL-1');
    expect(entries.map(({ kind }) => kind).slice(-3)).toEqual([
      'key.identified',
      'step.completed',
      'step.started',
    ]);
    expect(entries.at(-1)).toMatchObject({
      actor: RESPONDER,
      data: { authority: { role: 'responder', by: 'configured', list_age_ms: null } },
    });
    expect(answers(rig)).toEqual([]);
  });

  test('on the answer to a command it says where to look now, since the card is elsewhere', async () => {
    const rig = await declared();
    await rig.deliver(click(ACTION.deactivate, value(), RESPONDER, { ephemeral: true }));
    expect(answers(rig)).toHaveLength(1);
    expect(answers(rig)[0]).toContain('under way');
    expect(answers(rig)[0]).toContain('"replace_original":false');
  });

  test('a second press, by whomever, starts nothing and is answered calmly', async () => {
    const rig = await declared();
    await rig.deliver(click(ACTION.deactivate, value(), RESPONDER));
    await rig.deliver(click(ACTION.deactivate, value(), MANAGER));
    expect(await started(rig)).toBe(1);
    expect(answers(rig)).toHaveLength(1);
    expect(answers(rig)[0]).toContain('under way already');
  });

  test('an envelope that comes twice is acknowledged twice, done once and answered as once', async () => {
    const rig = await declared();
    const body = click(ACTION.deactivate, value(), RESPONDER);
    const both = await Promise.all([rig.deliver(body), rig.deliver(body)]);
    expect(both.map(({ acks }) => acks.length)).toEqual([1, 1]);
    expect(await started(rig)).toBe(1);
    expect(answers(rig)).toEqual([]);
  });

  test('whoever has no role is refused, told who may, and the refusal is in the log', async () => {
    const rig = await declared();
    const { acks } = await rig.deliver(click(ACTION.deactivate, value(), SOMEBODY));
    expect(acks).toEqual([undefined]);
    expect(await started(rig)).toBe(0);
    expect(answers(rig)[0]).toContain('not allowed');
    expect(answers(rig)[0]).toContain(`<@${RESPONDER}>`);
    expect(answers(rig)[0]).toContain(`<@${MANAGER}>`);
    expect((await rig.entries('KL-1')).at(-1)).toMatchObject({ kind: 'access.refused', actor: SOMEBODY });
  });

  test('a button for a key of which nothing is known any more does nothing, and never takes another key', async () => {
    const rig = await declared();
    await rig.deliver(click(ACTION.identify, value({ step: 'identify-key' }), RESPONDER));
    await rig.deliver(click(ACTION.deactivate, value({ candidate: 'apikey_gone' }), RESPONDER));
    expect(await started(rig)).toBe(0);
    expect(answers(rig)[0]).toContain('Nothing was done');
  });

  test('a button for another key than the incident has by now does nothing', async () => {
    const rig = await declared();
    rig.offer([keyFacts(), keyFacts({ id: 'apikey_other', name: 'other' })]);
    await rig.deliver(click(ACTION.identify, value({ step: 'identify-key' }), RESPONDER));
    await rig.deliver(click(ACTION.deactivate, value({ candidate: 'apikey_other' }), RESPONDER));
    expect(await started(rig)).toBe(0);
    expect(answers(rig)[0]).toContain('Nothing was done');
  });

  test('what the room showed of a key counts before a newer listing that nobody saw', async () => {
    const rig = await declared();
    await rig.deliver(click(ACTION.identify, value({ step: 'identify-key' }), RESPONDER));
    rig.offer([keyFacts({ name: 'renamed meanwhile' })]);
    await rig.deliver(click(ACTION.deactivate, value(), RESPONDER));
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.keys[0]?.facts?.name).toBe(keyFacts().name);
    expect(await started(rig)).toBe(1);
  });
});

describe('Deactivate all', () => {
  const second = keyFacts({ id: 'apikey_02', name: 'prod-second', hint: 'sk-ant-api03-Q9Z...zzAA' });
  const third = keyFacts({ id: 'apikey_03', name: 'prod-third', hint: 'sk-ant-api03-T3T...ttAA' });

  async function three(): Promise<Rig> {
    const rig = await openRig();
    rig.offer([keyFacts(), second, third]);
    await rig.deliver(slash('R2D...igAA, Q9Z...zzAA, T3T...ttAA', RESPONDER));
    return rig;
  }

  const all = (...candidates: string[]): string =>
    encodeSeveral({
      incident: 'KL-1',
      keys: candidates.map((candidate, index) => ({ key: `k${index + 1}`, candidate })),
    });
  const every = all(keyFacts().id, second.id, third.id);

  async function startedKeys(rig: Rig): Promise<readonly unknown[]> {
    const entries = await rig.entries('KL-1');
    return entries.flatMap(({ kind, data }) =>
      kind === 'step.started' && 'step' in data && data.step === DEACTIVATE_STEP ? [data.key] : [],
    );
  }

  test('starts each key once before it is acknowledged, and an envelope that comes twice starts none again', async () => {
    const rig = await three();
    const body = click(ACTION.deactivateAll, every, RESPONDER);
    const both = await Promise.all([rig.deliver(body), rig.deliver(body)]);
    expect(both.map(({ acks }) => acks)).toEqual([[undefined], [undefined]]);
    expect(await startedKeys(rig)).toEqual(['k1', 'k2', 'k3']);
    expect(answers(rig)).toEqual([]);
  });

  test('what is refused for one key stops no other, and the presser is told which, why and what next', async () => {
    const rig = await three();
    await rig.deliver(click(ACTION.deactivateAll, all(keyFacts().id, 'apikey_gone', third.id), RESPONDER));
    expect(await startedKeys(rig)).toEqual(['k1', 'k3']);
    expect(answers(rig)).toHaveLength(1);
    expect(answers(rig)[0]).toMatch(
      /2 of 3 keys[\s\S]*1 refused[\s\S]*Not deactivated: k2[\s\S]*KL_CANDIDATE_GONE/,
    );
  });

  test('a fault at one key stops no other', async () => {
    const rig = await openRig({
      engine: (engine) => ({
        ...engine,
        request: (incident, by, request, delivery) =>
          'key' in request && request.key === 'k2'
            ? Promise.reject(new Error('disk'))
            : engine.request(incident, by, request, delivery),
      }),
    });
    rig.offer([keyFacts(), second, third]);
    await rig.deliver(slash('R2D...igAA, Q9Z...zzAA, T3T...ttAA', RESPONDER));
    await rig.deliver(click(ACTION.deactivateAll, every, RESPONDER));
    expect(await startedKeys(rig)).toEqual(['k1', 'k3']);
    expect(answers(rig)[0]).toContain('KL_NOT_WRITTEN');
    expect(rig.faults).toHaveLength(1);
  });

  test('whoever has no role is told once who may, and each refusal is in the log', async () => {
    const rig = await three();
    await rig.deliver(click(ACTION.deactivateAll, every, SOMEBODY));
    expect(await startedKeys(rig)).toEqual([]);
    expect(answers(rig)).toHaveLength(1);
    expect(answers(rig)[0]).toContain(`<@${RESPONDER}>`);
    const refusals = (await rig.entries('KL-1')).filter(({ kind }) => kind === 'access.refused');
    expect(refusals.map(({ data }) => 'key' in data && data.key)).toEqual(['k1', 'k2', 'k3']);
  });

  test('keys that are under way already are no refusal; on the answer to a command it says where to look', async () => {
    const rig = await three();
    await rig.deliver(click(ACTION.deactivate, value(), MANAGER));
    await rig.deliver(click(ACTION.deactivateAll, every, RESPONDER, { ephemeral: true }));
    expect(await startedKeys(rig)).toEqual(['k1', 'k2', 'k3']);
    expect(answers(rig)).toHaveLength(1);
    expect(answers(rig)[0]).toContain('3 of 3 keys');
    expect(answers(rig)[0]).not.toContain('refused');
  });

  test.each([
    ['no value', undefined],
    ['a value of another shape', value()],
    ['pairs that are none', '["KL-1",["k1"]]'],
    ['an incident that does not exist', encodeSeveral({ incident: 'KL-9', keys: [] })],
  ])('%s is answered in words and starts nothing', async (_, broken) => {
    const rig = await three();
    const { acks } = await rig.deliver(click(ACTION.deactivateAll, broken, RESPONDER));
    expect(acks).toHaveLength(1);
    expect(answers(rig)).toHaveLength(1);
    expect(await startedKeys(rig)).toEqual([]);
    expect(rig.faults).toEqual([]);
  });
});

describe('steps that keyleak does by a press', () => {
  async function identified(): Promise<Rig> {
    const rig = await declared();
    await rig.deliver(click(ACTION.identify, value({ step: 'identify-key' }), RESPONDER));
    return rig;
  }

  test('Confirm replacement starts the step, with the key that was chosen if one was', async () => {
    const rig = await identified();
    const plain = value({ step: 'replace-key', candidate: null });
    await rig.deliver(click(ACTION.perform, plain, RESPONDER));
    expect((await rig.entries('KL-1')).at(-1)).toMatchObject({
      kind: 'step.started',
      data: { step: 'replace-key', key: 'k1', run: 'replace-key:k1:1' },
    });
    await rig.deliver(click(`${ACTION.perform}:1`, value({ step: 'replace-key' }), MANAGER));
    expect(answers(rig)[0]).toContain('under way already');
  });

  test('a choice never says which key leaked', async () => {
    const rig = await declared();
    await rig.deliver(click(ACTION.perform, value({ step: 'replace-key' }), RESPONDER));
    expect(answers(rig)[0]).toContain('KL_KEY_UNIDENTIFIED');
    expect(await rig.entries('KL-1')).not.toContainEqual(expect.objectContaining({ kind: 'key.identified' }));
  });

  test('Check containment waits for the deactivation', async () => {
    const rig = await identified();
    await rig.deliver(
      click(ACTION.perform, value({ step: 'verify-containment', candidate: null }), RESPONDER),
    );
    expect(answers(rig)[0]).toContain('KL_STEP_TOO_EARLY');
  });

  test.each([
    ['a system that is not listed', value({ step: 'deploy-replacement', candidate: null, system: 'x' })],
    ['no system', value({ step: 'deploy-replacement', candidate: null })],
    ['no key', value({ key: null, system: 'x' })],
  ])('Mark done of %s does nothing', async (_, broken) => {
    const rig = await identified();
    const before = (await rig.entries('KL-1')).length;
    await rig.deliver(click(ACTION.deployed, broken, RESPONDER));
    expect(answers(rig)).toHaveLength(1);
    expect(await rig.entries('KL-1')).toHaveLength(before);
  });
});

describe('other buttons', () => {
  test('Identify names the key and kills nothing', async () => {
    const rig = await declared();
    await rig.deliver(click(`${ACTION.identify}:2`, value({ step: 'identify-key' }), RESPONDER));
    expect((await rig.engine.view('KL-1'))?.incident.keys[0]?.facts?.id).toBe(keyFacts().id);
    expect(await started(rig)).toBe(0);
  });

  test('Mark done completes a step, and a second time says that it was done', async () => {
    const rig = await declared();
    const target = value({ step: 'usage-report', key: null, candidate: null });
    await rig.deliver(click(ACTION.complete, target, SOMEBODY));
    await rig.deliver(click(ACTION.complete, target, SOMEBODY));
    const done = (await rig.entries('KL-1')).filter(({ kind }) => kind === 'step.completed');
    expect(done).toHaveLength(1);
    expect(answers(rig)[0]).toContain('done already');
  });

  test.each([
    [ACTION.nameKey, MODAL.nameKey],
    [ACTION.note, MODAL.note],
    [ACTION.skip, MODAL.skip],
    [ACTION.close, MODAL.close],
    [ACTION.guide, MODAL.guide],
  ])('%s opens its form on the trigger of the press', async (action, form) => {
    const rig = await declared();
    const body = click(action, value(), RESPONDER);
    const { acks } = await rig.deliver(body);
    expect(acks).toEqual([undefined]);
    expect(rig.calls).toHaveLength(1);
    expect(rig.calls[0]?.args).toMatchObject({ trigger_id: body.trigger_id, view: { callback_id: form } });
  });

  test.each([ACTION.skip, ACTION.close])('%s is refused at once for whoever has no role', async (action) => {
    const rig = await declared();
    await rig.deliver(click(action, value(), SOMEBODY));
    expect(rig.calls.map(({ what }) => what)).toEqual(['response_url']);
    expect(answers(rig)[0]).toContain('not allowed');
  });

  test('a form that does not open is told, with another way', async () => {
    const rig = await declared();
    rig.script('views.open', async () => ({ ok: false, error: 'expired_trigger_id' }));
    await rig.deliver(click(ACTION.note, value(), RESPONDER));
    expect(answers(rig)[0]).toContain('/keyleak note');
  });

  test('a link is only acknowledged', async () => {
    const rig = await declared();
    const { acks } = await rig.deliver(click(ACTION.link, undefined, SOMEBODY));
    expect(acks).toEqual([undefined]);
    expect(rig.calls).toEqual([]);
  });

  test.each([
    ['no value', ACTION.complete, undefined],
    ['a value that is no JSON', ACTION.complete, 'KL-1'],
    ['a value of another shape', ACTION.deactivate, '{"incident":"KL-1"}'],
    ['an incident that does not exist', ACTION.complete, value({ incident: 'KL-99' })],
    ['a step that does not exist', ACTION.complete, value({ step: 'no-such-step' })],
    ['no step', ACTION.skip, value({ step: null })],
    ['a button of another version', 'kl_future', value()],
  ])('%s is answered in words and throws nothing', async (_, action, broken) => {
    const rig = await declared();
    const { acks } = await rig.deliver(click(action, broken, RESPONDER));
    expect(acks).toHaveLength(1);
    expect(answers(rig)).toHaveLength(1);
    expect(rig.faults).toEqual([]);
  });
});

describe('the way of an answer', () => {
  test('without a response URL it is an ephemeral message in the channel', async () => {
    const rig = await declared();
    await rig.deliver(click(ACTION.deactivate, value(), SOMEBODY, { response_url: undefined }));
    expect(rig.calls.map(({ what }) => what)).toEqual(['chat.postEphemeral']);
    expect(rig.calls[0]?.args).toMatchObject({ user: SOMEBODY });
  });

  test('a response URL that is not Slack’s is never called', async () => {
    const rig = await declared();
    for (const response_url of [
      'https://evil.example/x',
      'https://slack.com.evil.example/x',
      'http://hooks.slack.com/x',
      'https://user@hooks.slack.com/x',
      'nonsense',
    ]) {
      await rig.deliver(click(ACTION.deactivate, value(), SOMEBODY, { response_url }));
    }
    expect(rig.calls.map(({ what }) => what)).toEqual(Array(5).fill('chat.postEphemeral'));
  });

  test('a response URL that is used up gives way to an ephemeral, and that to a direct message', async () => {
    const rig = await declared();
    rig.script('response_url', () => new Response('{"ok":false,"error":"used_url"}', { status: 404 }));
    rig.script('chat.postEphemeral', () => ({ ok: false, error: 'user_not_in_channel' }));
    await rig.deliver(click(ACTION.deactivate, value(), SOMEBODY));
    expect(rig.calls.map(({ what }) => what)).toEqual([
      'response_url',
      'chat.postEphemeral',
      'conversations.open',
      'chat.postMessage',
    ]);
    expect(rig.faults).toEqual([]);
  });
});

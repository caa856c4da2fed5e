import { describe, expect, test } from 'vitest';
import { encodeTarget, INPUT, MODAL, type Target } from '../../src/slack/ids.ts';
import { keyFacts } from '../support/cases.ts';
import { CHANNEL, slash, submission } from '../support/slack-bodies.ts';
import { MANAGER, openRig, RESPONDER, type Rig, type RigParts, SOMEBODY } from '../support/slack-rig.ts';

const CLEAR = { response_action: 'clear' };

function meta(change: Partial<Target> = {}): string {
  return encodeTarget({ incident: 'KL-1', step: null, key: null, candidate: null, ...change });
}

/** A section in which a mention is one, and not its letters. */
function mrkdwn(text: string): unknown {
  return expect.objectContaining({ type: 'section', text: { type: 'mrkdwn', text } });
}

function secret(middle: string): string {
  return `${['sk', 'ant', 'api03', 'R2D'].join('-')}${middle.repeat(30)}igAA`;
}

async function opened(parts: RigParts = {}): Promise<Rig> {
  const rig = await openRig(parts);
  await rig.deliver(slash('some-name', SOMEBODY));
  return rig;
}

const declareForm = (key: string, where: string, user: string, channel = CHANNEL) =>
  submission(MODAL.declare, channel, { [INPUT.key]: key, [INPUT.where]: where }, user);

describe('the form that declares', () => {
  test('opens the incident, closes, and answers in the channel it was called from', async () => {
    const rig = await openRig();
    rig.offer([keyFacts()]);
    const { acks } = await rig.deliver(declareForm('R2D...igAA', 'a public gist', RESPONDER));
    expect(acks).toEqual([CLEAR]);
    expect(rig.order).toEqual(['ack', 'chat.postEphemeral']);
    expect(rig.calls[0]?.args).toMatchObject({ channel: CHANNEL, user: RESPONDER });
    expect(JSON.stringify(rig.calls[0]?.args.blocks)).toContain(keyFacts().id);
    expect((await rig.entries('KL-1'))[0]).toMatchObject({ data: { source: 'modal', declared_in: CHANNEL } });
    expect((await rig.engine.view('KL-1'))?.incident.where).toBe('a public gist');
  });

  test('answers by direct message where the channel is not known or takes no message of the bot', async () => {
    const rig = await openRig();
    await rig.deliver(declareForm('one-name', '', RESPONDER, ''));
    expect(rig.order).toEqual(['ack', 'conversations.open', 'chat.postMessage']);
    rig.script('chat.postEphemeral', () => ({ ok: false, error: 'channel_not_found' }));
    await rig.deliver(declareForm('other-name', '', RESPONDER));
    expect(rig.order.slice(3)).toEqual([
      'ack',
      'chat.postEphemeral',
      'conversations.open',
      'chat.postMessage',
    ]);
  });

  test('is done even when the answer reaches nobody', async () => {
    const rig = await openRig();
    for (const method of ['chat.postEphemeral', 'conversations.open'])
      rig.script(method, () => Promise.reject(new TypeError('fetch failed')));
    const { acks } = await rig.deliver(declareForm('R2D...igAA', '', RESPONDER));
    expect(acks).toEqual([CLEAR]);
    expect(await rig.engine.view('KL-1')).not.toBeNull();
    expect(rig.faults).toHaveLength(1);
  });

  test('with nothing written stays open and says so in its field', async () => {
    const rig = await openRig();
    const { acks } = await rig.deliver(declareForm('', '  ', RESPONDER));
    expect(acks).toMatchObject([{ response_action: 'errors', errors: { [INPUT.key]: expect.any(String) } }]);
    expect(await rig.engine.view('KL-1')).toBeNull();
  });

  test('with only a place declares a key that nobody named', async () => {
    const rig = await openRig();
    await rig.deliver(declareForm('', 'prod-api-gateway logs', RESPONDER));
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.keys[0]?.query).toEqual({ shape: 'none' });
    expect(subject?.incident.where).toBe('prod-api-gateway logs');
  });

  test('finds a whole key that was pasted as the place, masks it everywhere and says so', async () => {
    const rig = await openRig();
    await rig.deliver(declareForm('', `log line: key=${secret('x1Y')} failed`, RESPONDER));
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.keys[0]?.query).toMatchObject({ shape: 'hint', start: 'R2D', end: 'igAA' });
    expect(subject?.incident.where).toMatch(/^log line/);
    expect(JSON.stringify(subject) + rig.seen()).not.toContain('x1Yx1Y');
    expect(rig.seen()).toMatch(/mask/i);
  });

  test('is refused for guests, in the form', async () => {
    const rig = await openRig();
    rig.script('users.info', () => ({
      user: { id: SOMEBODY, team_id: 'T0ACME', is_ultra_restricted: true },
    }));
    const { acks } = await rig.deliver(declareForm('R2D...igAA', '', SOMEBODY));
    expect(acks).toMatchObject([{ response_action: 'update' }]);
    expect(JSON.stringify(acks)).toContain('not allowed');
    expect(await rig.engine.view('KL-1')).toBeNull();
  });

  test('that comes twice declares once', async () => {
    const rig = await openRig();
    const body = declareForm('one-name', '', RESPONDER);
    await rig.deliver(body);
    const { acks } = await rig.deliver(body);
    expect(acks).toEqual([CLEAR]);
    expect(await rig.engine.view('KL-2')).toBeNull();
  });
});

describe('the form that names a key', () => {
  const form = (key: string, user: string, target = meta({ key: 'k1' })) =>
    submission(MODAL.nameKey, target, { [INPUT.key]: key }, user);

  test('starts the search anew with what was written, also for the declarer who has no role', async () => {
    const rig = await opened();
    const { acks } = await rig.deliver(form('R2D...igAA', SOMEBODY));
    expect(acks).toEqual([CLEAR]);
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.keys[0]?.query).toMatchObject({ shape: 'hint', start: 'R2D', end: 'igAA' });
  });

  test.each([
    ['nothing', ''],
    ['two keys', 'one-name, other-name'],
  ])('takes %s for a mistake in its field', async (_, words) => {
    const rig = await opened();
    const { acks } = await rig.deliver(form(words, RESPONDER));
    expect(acks).toMatchObject([{ response_action: 'errors', errors: { [INPUT.key]: expect.any(String) } }]);
  });

  test('keeps the hint of a whole key and warns', async () => {
    const rig = await opened();
    const { acks } = await rig.deliver(form(secret('x1Y'), RESPONDER));
    expect(acks).toMatchObject([{ response_action: 'update' }]);
    expect(JSON.stringify(acks)).toContain('masked');
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.keys[0]?.query).toMatchObject({ shape: 'hint', start: 'R2D', end: 'igAA' });
    expect(JSON.stringify(subject) + rig.seen()).not.toContain('x1Yx1Y');
  });
});

describe('the form for a note', () => {
  const form = (text: string) => submission(MODAL.note, meta(), { [INPUT.text]: text }, RESPONDER);

  test('adds the note and closes', async () => {
    const rig = await opened();
    expect((await rig.deliver(form('rotated & deployed'))).acks).toEqual([CLEAR]);
    expect((await rig.engine.view('KL-1'))?.incident.notes).toMatchObject([{ text: 'rotated & deployed' }]);
  });

  test('an empty one stays open', async () => {
    const rig = await opened();
    expect((await rig.deliver(form(' '))).acks).toMatchObject([
      { response_action: 'errors', errors: { [INPUT.text]: expect.any(String) } },
    ]);
  });

  test('a note with a whole key is masked and warns', async () => {
    const rig = await opened();
    const { acks } = await rig.deliver(form(`also ${secret('x1Y')}`));
    expect(JSON.stringify(acks)).toContain('masked');
    expect(JSON.stringify(await rig.engine.view('KL-1'))).not.toContain('x1Yx1Y');
  });
});

describe('the form that skips a step', () => {
  const form = (reason: string, user: string, verdict = 'no', step = 'deactivate-key') =>
    submission(
      MODAL.skip,
      meta({ step, key: 'k1' }),
      { [INPUT.reason]: reason, [INPUT.verdict]: { chosen: verdict } },
      user,
    );

  test('without a reason stays open and says so in its field', async () => {
    const rig = await opened();
    expect((await rig.deliver(form('', MANAGER))).acks).toMatchObject([
      { response_action: 'errors', errors: { [INPUT.reason]: expect.any(String) } },
    ]);
  });

  test('over a live key takes a manager or the verdict that it was a false alarm; corrected, the same form goes through', async () => {
    const rig = await opened({ responders: [RESPONDER, 'U0SECOND'] });
    const refused = await rig.deliver(form('it can wait', RESPONDER));
    expect(refused.acks).toMatchObject([{ response_action: 'update' }]);
    expect(JSON.stringify(refused.acks)).toContain(`<@${MANAGER}>`);
    expect(JSON.stringify(refused.acks)).not.toContain('U0SECOND');
    expect(refused.acks).toMatchObject([
      { view: { blocks: expect.arrayContaining([mrkdwn(`Who may: <@${MANAGER}>.`)]) } },
    ]);
    const again = await rig.deliver(form('a test key', RESPONDER, 'false_alarm'));
    expect(again.acks).toEqual([CLEAR]);
    expect((await rig.entries('KL-1')).at(-1)).toMatchObject({ data: { verdict: 'false_alarm' } });
  });

  test('sent twice it skips once, and says that nothing was added', async () => {
    const rig = await opened();
    const body = form('why not', MANAGER);
    await rig.deliver(body);
    const { acks } = await rig.deliver(body);
    expect(JSON.stringify(acks)).toContain('nothing was added');
    expect((await rig.entries('KL-1')).filter(({ kind }) => kind === 'step.skipped')).toHaveLength(1);
  });
});

describe('the form that closes the incident', () => {
  const form = (reason: string, user: string, verdict: string) =>
    submission(MODAL.close, meta(), { [INPUT.reason]: reason, [INPUT.verdict]: { chosen: verdict } }, user);

  test('closes with verdict and reason', async () => {
    const rig = await opened();
    const { acks } = await rig.deliver(form('it was a test', RESPONDER, 'false_alarm'));
    expect(acks).toEqual([CLEAR]);
    expect((await rig.engine.view('KL-1'))?.incident.closed).toMatchObject({
      by: RESPONDER,
      verdict: 'false_alarm',
      reason: 'it was a test',
    });
  });

  test('over a live key it is refused for a responder and names the managers', async () => {
    const rig = await opened();
    const { acks } = await rig.deliver(form('enough', RESPONDER, 'resolved'));
    expect(JSON.stringify(acks)).toContain(`<@${MANAGER}>`);
    expect((await rig.engine.view('KL-1'))?.incident.status).toBe('open');
  });
});

test.each([
  ['a form that carries nothing', submission(MODAL.note, '', { [INPUT.text]: 'x' }, RESPONDER), 'update'],
  [
    'a form for no incident',
    submission(MODAL.note, meta({ incident: 'KL-9' }), { [INPUT.text]: 'x' }, RESPONDER),
    'update',
  ],
  ['a form for no step', submission(MODAL.skip, meta(), { [INPUT.reason]: 'x' }, RESPONDER), 'update'],
  ['a form without fields', { ...submission(MODAL.declare, '', {}, RESPONDER) }, 'errors'],
])('%s is answered in words and throws nothing', async (_, body, action) => {
  const rig = await opened();
  const { acks } = await rig.deliver(body);
  expect(acks).toMatchObject([{ response_action: action }]);
  expect(rig.faults).toEqual([]);
});

test('a form of another version is acknowledged', async () => {
  const rig = await openRig();
  const { acks } = await rig.deliver(submission('kl_future', meta(), {}, RESPONDER));
  expect(acks).toEqual([undefined]);
});

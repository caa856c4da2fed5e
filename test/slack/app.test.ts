import { describe, expect, test } from 'vitest';
import { deliveryId } from '../../src/slack/delivery.ts';
import { SAFE_TEXT, secretIn } from '../../src/slack/guard.ts';
import { ACTION, encodeTarget, INPUT, MODAL } from '../../src/slack/ids.ts';
import { originOf } from '../../src/slack/payload.ts';
import { click, slash, submission } from '../support/slack-bodies.ts';
import { openRig, RESPONDER, type Rig } from '../support/slack-rig.ts';

const SECRET = `${['sk', 'ant', 'api03', 'R2D'].join('-')}${'x1Y'.repeat(30)}igAA`;
const target = encodeTarget({ incident: 'KL-1', step: 'usage-report', key: null, candidate: null });

/** A rig whose engine fails in every request and declaration. */
function failing(error: unknown): Promise<Rig> {
  const fail = (): Promise<never> => Promise.reject(error);
  return openRig({
    engine: (engine) => ({ ...engine, declare: fail, request: fail, view: fail, list: fail }),
  });
}

describe('whatever goes wrong', () => {
  test.each([
    ['a command', slash('R2D...igAA', RESPONDER)],
    ['a subcommand', slash('list', RESPONDER)],
    ['a press', click(ACTION.complete, target, RESPONDER)],
    ['a form', submission(MODAL.note, target, { [INPUT.text]: 'x' }, RESPONDER)],
  ])('%s whose handling throws is acknowledged once, answered and reported', async (_, body) => {
    const fault = new Error('disk on fire');
    const rig = await failing(fault);
    const { acks } = await rig.deliver(body);
    expect(acks).toHaveLength(1);
    expect(rig.seen()).toContain('keyleak itself failed');
    expect(rig.seen()).not.toContain('disk on fire');
    expect(rig.faults).toEqual([fault]);
  });

  test('an error that is meant for people is told as it stands', async () => {
    const { KeyleakError } = await import('../../src/domain/errors.ts');
    const rig = await failing(new KeyleakError('KL_STORE_FULL', 'The disk is full.', 'Make room.'));
    expect(JSON.stringify((await rig.deliver(slash('R2D...igAA', RESPONDER))).acks)).toContain(
      'The disk is full. Make room.',
    );
  });

  test('a person who can be told by no way at all does not end anything', async () => {
    const rig = await failing(new Error('disk on fire'));
    for (const method of ['response_url', 'chat.postEphemeral', 'conversations.open'])
      rig.script(method, () => Promise.reject(new TypeError('fetch failed')));
    const { acks } = await rig.deliver(click(ACTION.complete, target, RESPONDER));
    expect(acks).toEqual([undefined]);
    expect(rig.faults).toHaveLength(2);
  });

  test('an acknowledgement that cannot be sent is answered by another way', async () => {
    const rig = await openRig();
    const body = slash('help', RESPONDER);
    await rig.app.processEvent({
      body,
      ack: () => Promise.reject(new Error('no socket')),
    });
    expect(rig.calls.map(({ what }) => what)).toEqual(['response_url']);
  });

  test.each([
    ['an unknown command', { ...slash('', RESPONDER), command: '/other' }],
    ['a shortcut', { type: 'shortcut', callback_id: 'x', user: { id: RESPONDER, team_id: 'T' }, team: null }],
    [
      'a menu’s question',
      { type: 'block_suggestion', user: { id: RESPONDER, team_id: 'T' }, team: null, action_id: 'x' },
    ],
    ['a closed form', { ...submission(MODAL.note, '', {}, RESPONDER), type: 'view_closed' }],
    ['a press without actions', { ...click(ACTION.note, target, RESPONDER), actions: [] }],
    ['a command without text', { ...slash('', RESPONDER), text: undefined }],
    [
      'an old attachment’s button',
      {
        type: 'interactive_message',
        actions: [{ name: 'x' }],
        callback_id: 'x',
        user: { id: RESPONDER },
        team: { id: 'T' },
      },
    ],
  ])('%s is acknowledged', async (_, body) => {
    const rig = await openRig();
    expect((await rig.deliver(body)).acks).toHaveLength(1);
  });
});

describe('what takes too long', () => {
  test('is acknowledged in time, and the answer comes by another way once it is there', async () => {
    let goOn: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const rig = await openRig({
      engine: (engine) => ({ ...engine, declare: (leak) => slow.then(() => engine.declare(leak)) }),
    });
    const delivered = rig.deliver(slash('R2D...igAA', RESPONDER));
    await expect.poll(() => rig.time.ringWithin(2_900)).toBe(true);
    expect(rig.order).toEqual(['ack']);
    goOn();
    expect((await delivered).acks).toEqual([undefined]);
    expect(rig.order).toEqual(['ack', 'response_url']);
    expect(JSON.stringify(rig.calls)).toContain('KL-1');
  });

  test('no alarm is left behind by what was handled', async () => {
    const rig = await openRig();
    await rig.deliver(slash('R2D...igAA', RESPONDER));
    await rig.deliver(slash('', RESPONDER));
    await rig.deliver(click(ACTION.complete, target, RESPONDER));
    expect(rig.time.pending()).toBe(0);
  });
});

describe('before Slack is reached', () => {
  test('making the app calls nothing, and the first command is answered while the Web API is down', async () => {
    const rig = await openRig();
    expect(rig.calls).toEqual([]);
    for (const method of ['auth.test', 'users.info', 'views.open'])
      rig.script(method, () => Promise.reject(new TypeError('fetch failed')));
    const { acks } = await rig.deliver(slash('R2D...igAA', RESPONDER));
    expect(JSON.stringify(acks)).toContain('KL-1');
    expect(rig.calls).toEqual([]);
  });
});

describe('what leaves by an acknowledgement', () => {
  /** An engine whose incident holds a secret that was not masked: it must not get out all the same. */
  const leaking = (): Promise<Rig> =>
    openRig({
      engine: (engine) => ({
        ...engine,
        request: async () => ({
          outcome: 'refused',
          refusal: { code: 'KL_X', message: `Leaked ${SECRET}.`, next: 'Next.' },
          case: null,
        }),
        declare: async () => ({
          outcome: 'refused',
          refusal: { code: 'KL_X', message: `Leaked ${SECRET}.`, next: 'Next.' },
          case: null,
        }),
      }),
    });

  test.each([
    ['a command', slash('R2D...igAA', RESPONDER), SAFE_TEXT],
    ['a form', submission(MODAL.note, target, { [INPUT.text]: 'x' }, RESPONDER), SAFE_TEXT],
  ])(
    'a secret in the answer to %s is held back, a safe text goes instead, and it is reported',
    async (_, body, safe) => {
      const rig = await leaking();
      const { acks } = await rig.deliver(body);
      expect(JSON.stringify(acks)).toContain(safe);
      expect(rig.seen()).not.toContain('x1Yx1Y');
      expect(rig.faults).toMatchObject([{ code: 'KL_SLACK_ANSWER_SECRET' }]);
      expect(String(rig.faults[0])).not.toContain('x1Yx1Y');
    },
  );

  test('secrets are found however deep, and in the names of members', () => {
    expect(secretIn({ a: [{ b: { text: `x ${SECRET}` } }] })).toBe('anthropic');
    expect(secretIn({ [SECRET]: 1 })).toBe('anthropic');
    expect(secretIn({ a: 'sk-ant-api03-R2D...igAA', b: null, c: [1, true] })).toBeNull();
    const ring: Record<string, unknown> = {};
    ring.self = ring;
    expect(secretIn(ring)).toBe('unknown');
  });
});

describe('the identity of a delivery', () => {
  const idOf = (body: object): string | null => deliveryId(originOf(body), body);

  test('is the same for the same delivery, another for every other, and tells nothing of the trigger', () => {
    const command = slash('R2D...igAA', RESPONDER);
    expect(idOf(structuredClone(command))).toBe(idOf(command));
    const others = [
      command,
      slash('R2D...igAA', RESPONDER),
      click(ACTION.note, target, RESPONDER),
      submission(MODAL.note, target, {}, RESPONDER),
      submission(MODAL.note, target, {}, RESPONDER),
    ].map(idOf);
    expect(new Set(others).size).toBe(others.length);
    expect(idOf(command)).not.toContain(String(command.trigger_id));
  });

  test('two deeds that share a trigger are two, and each again is the same', () => {
    const shared = { trigger_id: '1.2.3' };
    const deeds = [
      slash('R2D...igAA', RESPONDER, shared),
      slash('status', RESPONDER, shared),
      slash('status', 'U0SOMEBODY', shared),
      click(ACTION.note, target, RESPONDER, shared),
      click(ACTION.close, target, RESPONDER, shared),
      submission(MODAL.note, target, { text: 'one' }, RESPONDER, shared),
      submission(MODAL.note, target, { text: 'two' }, RESPONDER, shared),
    ];
    expect(new Set(deeds.map(idOf)).size).toBe(deeds.length);
    expect(deeds.map((deed) => idOf(structuredClone(deed)))).toEqual(deeds.map(idOf));
  });

  test('without a trigger a form is known by its view and hash, and anything else by nothing', () => {
    const view = submission(MODAL.note, target, {}, RESPONDER, { trigger_id: undefined });
    expect(idOf(view)).toBe(idOf(structuredClone(view)));
    expect(idOf(view)).not.toBeNull();
    expect(idOf(slash('x', RESPONDER, { trigger_id: undefined }))).toBeNull();
  });
});

describe('ending', () => {
  test('idle waits for what is being handled', async () => {
    const rig = await openRig();
    rig.script('views.open', () => new Promise(() => undefined));
    const delivered = rig.deliver(slash('', RESPONDER));
    await expect.poll(() => rig.calls.length).toBe(1);
    let idle = false;
    const waiting = rig.app.idle().then(() => {
      idle = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(idle).toBe(false);
    rig.time.ringWithin(2_500);
    await delivered;
    await waiting;
    expect(idle).toBe(true);
  });
});

test('nothing that people type is in the log of the process', async () => {
  const rig = await openRig();
  await rig.deliver(slash(`${SECRET} and words of mine`, RESPONDER));
  await rig.deliver({ ...slash('words of mine', RESPONDER), command: '/other' });
  expect(rig.logged.join('\n')).not.toContain('words of mine');
});

import { describe, expect, test } from 'vitest';
import { ACTION, encodeTarget, INPUT, MODAL } from '../../src/slack/ids.ts';
import { click, slash, submission } from '../support/slack-bodies.ts';
import { openRig, RESPONDER, type Rig, SOMEBODY } from '../support/slack-rig.ts';

const text = (value: unknown): string => JSON.stringify(value);

async function declared(rig: Rig): Promise<void> {
  await rig.deliver(slash('R2D...igAA', RESPONDER));
}

const assigned = async (rig: Rig) =>
  (await rig.entries('KL-1')).filter(({ kind }) => kind === 'step.assigned');

const about = { incident: 'KL-1', step: 'replace-key', key: 'k1', candidate: null };

describe('assigning by words', () => {
  test.each(['assign 3 <@U0OTHER|other> KL-1', 'assign KL-1 <@U0OTHER> replace-key'])(
    'takes a person as Slack escapes them: %s',
    async (words) => {
      const rig = await openRig();
      await declared(rig);
      const { acks } = await rig.deliver(slash(words, RESPONDER));
      expect(text(acks)).toContain('is with <@U0OTHER> now');
      expect(await assigned(rig)).toMatchObject([{ actor: RESPONDER, data: { assignee: 'U0OTHER' } }]);
    },
  );

  test.each([
    ['an app', { is_bot: true }, 'an app or a bot'],
    ['a guest', { is_restricted: true }, 'a guest'],
    ['an account that is deactivated', { deleted: true }, 'deactivated'],
    ['somebody of another workspace', { team_id: 'T0ELSE' }, 'no such member'],
  ])('%s is refused in words, with nothing in the log', async (_, facts, why) => {
    const rig = await openRig();
    await rig.people.greet();
    await declared(rig);
    rig.script('users.info', () => ({ user: { id: 'U0OTHER', team_id: 'T0ACME', ...facts } }));
    const before = await rig.entries('KL-1');
    const { acks } = await rig.deliver(slash('assign 3 <@U0OTHER> KL-1', RESPONDER));
    expect(text(acks)).toContain('KL_ASSIGNEE_UNFIT');
    expect(text(acks)).toContain(why);
    expect(await rig.entries('KL-1')).toEqual(before);
  });

  test('while Slack does not say who somebody is, the step is given all the same', async () => {
    const rig = await openRig();
    await declared(rig);
    rig.script('users.info', () => Promise.reject(new TypeError('fetch failed')));
    const { acks } = await rig.deliver(slash('assign 3 <@U0OTHER> KL-1', RESPONDER));
    expect(text(acks)).toContain('is with <@U0OTHER> now');
  });

  test('an envelope that comes twice gives it once', async () => {
    const rig = await openRig();
    await declared(rig);
    const body = slash('assign 3 <@U0OTHER> KL-1', RESPONDER);
    await rig.deliver(body);
    await rig.deliver(body);
    expect(await assigned(rig)).toHaveLength(1);
  });

  test('a whole key among the words is shown nowhere', async () => {
    const rig = await openRig();
    await declared(rig);
    const secret = `${['sk', 'ant', 'api03', 'Q9q'].join('-')}${'z2W'.repeat(30)}wwAA`;
    await rig.deliver(slash(`assign ${secret} @other KL-1`, RESPONDER));
    expect(rig.calls.at(-1)?.what).toBe('views.open');
    expect(rig.seen()).not.toContain('z2Wz2W');
  });

  test('when the form does not open, the answer says how to do it without', async () => {
    const rig = await openRig();
    await declared(rig);
    rig.script('views.open', () => ({ ok: false, error: 'expired_trigger_id' }));
    const { acks } = await rig.deliver(slash('assign KL-1', RESPONDER));
    expect(text(acks)).toContain('/keyleak assign 3 @name KL-1');
  });
});

describe('the form of an assignment', () => {
  test('opens for the step of the button; whoever may give nothing away is offered themselves', async () => {
    const rig = await openRig();
    await declared(rig);
    await rig.deliver(click(ACTION.assign, encodeTarget(about), SOMEBODY));
    const view = text(rig.calls.at(-1)?.args.view);
    expect(view).toContain(MODAL.assign);
    expect(view).toContain(`"initial_user":"${SOMEBODY}"`);
    expect(view).toMatch(/"initial_option":\{[^}]*\}?[^}]*"value":"replace-key\/k1"/);
  });

  test('says in its field that the step was settled meanwhile', async () => {
    const rig = await openRig();
    await declared(rig);
    const by = await rig.people.asker(RESPONDER);
    await rig.engine.request('KL-1', by, { type: 'complete', step: 'replace-key', key: 'k1' }, null);
    const fields = { [INPUT.step]: { chosen: 'replace-key/k1' }, [INPUT.assignee]: 'U0OTHER' };
    const { acks } = await rig.deliver(
      submission(MODAL.assign, encodeTarget({ ...about, step: null, key: null }), fields, RESPONDER),
    );
    expect(acks).toMatchObject([{ response_action: 'errors', errors: { [INPUT.step]: expect.any(String) } }]);
    expect(await assigned(rig)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { openRig, type Rig } from '../support/slack-rig.ts';

const HOUR = 3_600_000;
const ONCALL = '@security-oncall';
const signal = (): AbortSignal => new AbortController().signal;

function groups(rig: Rig, members: readonly string[]): void {
  rig.script('usergroups.list', () => ({
    usergroups: [
      { id: 'S0OTHER', handle: 'other', users: ['U0OTHER'] },
      { id: 'S0ONCALL', handle: 'security-oncall', users: members },
    ],
  }));
}

const withGroup = (): Promise<Rig> =>
  openRig({ responders: ['U0CONF', ONCALL], managers: ['U0BOSS', 'S0BOSSES'] });

describe('what a person may do', () => {
  test('ids in the configuration pass at once, without Slack', async () => {
    const rig = await withGroup();
    expect(await rig.people.asker('U0CONF')).toMatchObject({
      role: 'responder',
      grounds: { by: 'configured', listAgeMs: null },
    });
    expect(await rig.people.asker('U0BOSS')).toMatchObject({
      role: 'manager',
      grounds: { by: 'configured' },
    });
    expect(await rig.people.asker('U0NOBODY')).toEqual({
      actor: 'U0NOBODY',
      role: 'participant',
      grounds: { by: 'none', listAgeMs: null },
    });
    expect(rig.calls).toEqual([]);
  });

  test('whoever is named in both is a manager', async () => {
    const rig = await openRig({ responders: ['U0BOTH'], managers: ['U0BOTH'] });
    expect(await rig.people.asker('U0BOTH')).toMatchObject({ role: 'manager' });
  });

  test('members of a group pass on the list as last read, with its age, for 24 hours and no longer', async () => {
    const rig = await withGroup();
    groups(rig, ['U0MEMBER']);
    await expect(rig.people.refresh(signal())).rejects.toMatchObject({ code: 'KL_SLACK_GROUP_UNKNOWN' });
    expect(await rig.people.asker('U0OTHER')).toMatchObject({ role: 'participant' });
    rig.time.step(24 * HOUR);
    expect(await rig.people.asker('U0MEMBER')).toMatchObject({
      role: 'responder',
      grounds: { by: 'group', listAgeMs: 24 * HOUR },
    });
    rig.time.step(1);
    expect(await rig.people.asker('U0MEMBER')).toMatchObject({ role: 'participant' });
  });

  test('a list that was read before a restart counts while Slack is down', async () => {
    const rig = await withGroup();
    groups(rig, ['U0MEMBER']);
    await rig.people.refresh(signal()).catch(() => undefined);
    const { createPeople } = await import('../../src/slack/people.ts');
    const stored = new Map([[ONCALL, { members: ['U0MEMBER'], readAt: rig.time.clock.now() }]]);
    const restarted = createPeople({
      client: rig.app.client,
      responders: [ONCALL],
      managers: [],
      group: async (name) => stored.get(name) ?? null,
      saveGroup: async () => undefined,
      clock: rig.time.clock,
      alarm: rig.time.alarm,
    });
    expect(await restarted.asker('U0MEMBER')).toMatchObject({ role: 'responder', grounds: { by: 'group' } });
  });

  test('leaving the group ends the role with the next reading', async () => {
    const rig = await openRig({ responders: [ONCALL], managers: ['U0BOSS'] });
    groups(rig, ['U0MEMBER']);
    await rig.people.refresh(signal());
    groups(rig, []);
    await rig.people.refresh(signal());
    expect(await rig.people.asker('U0MEMBER')).toMatchObject({ role: 'participant' });
  });

  test.each([
    ['a guest', { is_restricted: true }],
    ['a single-channel guest', { is_ultra_restricted: true }],
    ['a stranger', { is_stranger: true }],
    ['somebody of another workspace', { team_id: 'T0ELSE' }],
    ['a deactivated account', { deleted: true }],
    ['a bot', { is_bot: true }],
  ])('%s has no role, even where the configuration names them', async (_, facts) => {
    const rig = await openRig({ responders: ['U0CONF'], managers: ['U0BOSS'] });
    rig.script('users.info', ({ args }) => ({
      user: { id: args.user, team_id: 'T0ACME', ...(args.user === 'U0CONF' ? facts : {}) },
    }));
    await rig.people.refresh(signal());
    expect(await rig.people.asker('U0CONF')).toMatchObject({ role: 'participant' });
    expect(await rig.people.holders('responder')).toEqual(['U0BOSS']);
  });

  test('in an enterprise grid people of its other workspaces belong', async () => {
    const rig = await openRig({ responders: ['U0CONF'], managers: ['U0BOSS'] });
    rig.script('auth.test', () => ({ team_id: 'T0ACME', enterprise_id: 'E0GRID' }));
    rig.script('users.info', ({ args }) => ({
      user: {
        id: args.user,
        team_id: 'T0SISTER',
        enterprise_user: { enterprise_id: args.user === 'U0CONF' ? 'E0GRID' : 'E0ELSE' },
      },
    }));
    await rig.people.refresh(signal());
    expect(await rig.people.asker('U0CONF')).toMatchObject({ role: 'responder' });
    expect(await rig.people.asker('U0BOSS')).toMatchObject({ role: 'participant' });
  });
});

describe('who holds a role', () => {
  test('a role is held by those above it too; nobody stands twice', async () => {
    const rig = await openRig({ responders: ['U0CONF', ONCALL], managers: ['U0BOSS', 'U0CONF'] });
    groups(rig, ['U0MEMBER', 'U0BOSS']);
    await rig.people.refresh(signal());
    expect(await rig.people.holders('responder')).toEqual(['U0CONF', 'U0MEMBER', 'U0BOSS']);
    expect(await rig.people.holders('manager')).toEqual(['U0BOSS', 'U0CONF']);
  });
});

describe('who may declare', () => {
  const members = { team: 'T0ACME' };

  test('responders, configured or by a group, may without a call', async () => {
    const rig = await openRig({ responders: ['U0CONF'], managers: ['U0BOSS'] });
    for (const id of ['U0CONF', 'U0BOSS']) expect(await rig.people.mayDeclare({ id, ...members })).toBeNull();
    expect(rig.calls).toEqual([]);
  });

  test('an unknown member may after one call, and the second time without one', async () => {
    const rig = await openRig();
    expect(await rig.people.mayDeclare({ id: 'U0NEW', ...members })).toBeNull();
    expect(await rig.people.mayDeclare({ id: 'U0NEW', ...members })).toBeNull();
    expect(rig.calls.map(({ what }) => what)).toEqual(['users.info']);
  });

  test.each([
    ['Slack refuses', () => ({ ok: false, error: 'internal_error' })],
    ['the connection breaks', () => Promise.reject(new TypeError('fetch failed'))],
  ])('an unknown user may when %s', async (_, answer) => {
    const rig = await openRig();
    rig.script('users.info', answer);
    expect(await rig.people.mayDeclare({ id: 'U0NEW', ...members })).toBeNull();
  });

  test('a user that Slack does not know is a stranger', async () => {
    const rig = await openRig();
    rig.script('users.info', () => ({ ok: false, error: 'user_not_found' }));
    expect(await rig.people.mayDeclare({ id: 'U0NEW', ...members })).toMatchObject({
      code: 'KL_NOT_ALLOWED',
    });
  });

  test.each([
    ['says nothing of them', () => Response.json({ ok: true })],
    ['does not know them', () => ({ ok: false, error: 'user_not_found' })],
  ])('whoever is configured by id keeps the role although Slack %s', async (_, answer) => {
    const rig = await openRig({ responders: ['U0CONF'], managers: ['U0BOSS'] });
    rig.script('users.info', answer);
    await rig.people.refresh(signal());
    expect(await rig.people.mayDeclare({ id: 'U0CONF', ...members })).toBeNull();
    expect(await rig.people.asker('U0CONF')).toMatchObject({ role: 'responder' });
    expect(await rig.people.asker('U0BOSS')).toMatchObject({ role: 'manager' });
  });

  test('of whom Slack says nothing, they may declare', async () => {
    const rig = await openRig();
    rig.script('users.info', () => Response.json({ ok: true }));
    expect(await rig.people.mayDeclare({ id: 'U0NEW', ...members })).toBeNull();
  });

  test('people of another workspace may not, and Slack need not be asked', async () => {
    const rig = await openRig();
    await rig.people.refresh(signal());
    const before = rig.calls.length;
    const refusal = await rig.people.mayDeclare({ id: 'U0NEW', team: 'T0ELSE' });
    expect(refusal?.message).toContain('not allowed');
    expect(rig.calls.length).toBe(before);
  });

  test('an answer that came too late is known the next time', async () => {
    const rig = await openRig();
    let answer: (answer: object) => void = () => undefined;
    rig.script(
      'users.info',
      () =>
        new Promise<object>((resolve) => {
          answer = resolve;
        }),
    );
    const asked = rig.people.mayDeclare({ id: 'U0GUEST', ...members });
    await expect.poll(() => rig.calls.length).toBe(1);
    expect(rig.time.ringWithin(1_200)).toBe(true);
    expect(await asked).toBeNull();
    // From now on Slack says nothing more of anybody: only the late answer can tell.
    rig.script('users.info', () => ({ ok: false, error: 'internal_error' }));
    answer({ user: { id: 'U0GUEST', team_id: 'T0ACME', is_restricted: true } });
    await expect
      .poll(() => rig.people.mayDeclare({ id: 'U0GUEST', ...members }))
      .toMatchObject({ code: 'KL_NOT_ALLOWED' });
  });
});

describe('reading from Slack', () => {
  test('one part that fails does not keep the others from being read', async () => {
    const rig = await openRig({ responders: ['U0CONF', ONCALL], managers: ['U0BOSS'] });
    rig.script('usergroups.list', () => ({ ok: false, error: 'missing_scope' }));
    rig.script('users.info', ({ args }) => ({
      user: { id: args.user, team_id: 'T0ACME', is_restricted: args.user === 'U0CONF' },
    }));
    await expect(rig.people.refresh(signal())).rejects.toMatchObject({ reason: 'missing_scope' });
    expect(await rig.people.asker('U0CONF')).toMatchObject({ role: 'participant' });
  });

  test('users are not read again within the hour, and nothing is read once it is aborted', async () => {
    const rig = await openRig();
    await rig.people.refresh(signal());
    const count = (): number => rig.calls.filter(({ what }) => what === 'users.info').length;
    expect(count()).toBe(2);
    await rig.people.refresh(signal());
    expect(count()).toBe(2);
    rig.time.step(HOUR + 1);
    await expect(rig.people.refresh(AbortSignal.abort())).rejects.toMatchObject({ name: 'KeyleakError' });
    expect(count()).toBe(2);
    await rig.people.refresh(signal());
    expect(count()).toBe(4);
  });
});

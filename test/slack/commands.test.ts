import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { ACTION, MODAL } from '../../src/slack/ids.ts';
import { keyFacts, person } from '../support/cases.ts';
import { CHANNEL, slash } from '../support/slack-bodies.ts';
import { MANAGER, openRig, RESPONDER, type Rig, SOMEBODY } from '../support/slack-rig.ts';

const HINT = 'R2D...igAA https://github.com/acme/app';

async function inRoom(rig: Rig, channel = 'C0ROOM'): Promise<string> {
  await rig.deliver(slash(HINT, RESPONDER));
  await putInto(rig, 'KL-1', 'channel', channel);
  return channel;
}

async function putInto(rig: Rig, id: string, place: 'channel' | 'direct', channel: string): Promise<void> {
  await rig.engine.apply(id, null, ({ incident }) => ({
    entries: [
      {
        kind: 'channel.opened',
        actor: 'keyleak',
        occurredAt: incident.declaredAt,
        data: { place, channel, thread: null, name: id.toLowerCase() },
      },
    ],
    runs: [],
    deadlines: [],
    settled: [],
  }));
}

function text(acks: readonly unknown[]): string {
  return JSON.stringify(acks);
}

describe('/keyleak <words>', () => {
  test('a responder gets the key and its button in the acknowledgement, and nothing was asked of Slack before', async () => {
    const rig = await openRig();
    rig.offer([keyFacts()]);
    const { acks } = await rig.deliver(slash(HINT, RESPONDER));
    expect(rig.order).toEqual(['ack']);
    expect(text(acks)).toContain('KL-1');
    expect(text(acks)).toContain(ACTION.deactivate);
    expect(text(acks)).toContain('ephemeral');
    const [declared, reported] = await rig.entries('KL-1');
    expect(declared).toMatchObject({
      kind: 'incident.declared',
      actor: RESPONDER,
      data: { source: 'slash', team: 'T0ACME', enterprise: null, declared_in: CHANNEL },
    });
    expect(reported).toMatchObject({ data: { query: { shape: 'hint', start: 'R2D', end: 'igAA' } } });
  });

  test('a manager is answered like a responder, whatever Slack does', async () => {
    const rig = await openRig();
    rig.offer([keyFacts()]);
    rig.script('users.info', () => new Promise(() => undefined));
    const { acks } = await rig.deliver(slash(HINT, MANAGER));
    expect(text(acks)).toContain(ACTION.deactivate);
  });

  test('before the first listing the answer names the incident and no key', async () => {
    const rig = await openRig();
    const { acks } = await rig.deliver(slash(HINT, RESPONDER));
    expect(text(acks)).toContain('KL-1');
    expect(text(acks)).not.toContain(keyFacts().name);
  });

  test('anybody else opens the incident too, and learns nothing of keys', async () => {
    const rig = await openRig();
    rig.offer([keyFacts()]);
    const { acks } = await rig.deliver(slash(HINT, SOMEBODY));
    expect(await rig.engine.view('KL-1')).not.toBeNull();
    expect(text(acks)).not.toContain(keyFacts().name);
    expect(text(acks)).not.toContain(keyFacts().id);
    expect(text(acks)).not.toContain(ACTION.deactivate);
    expect(acks).toHaveLength(1);
  });

  test('where the list of keys is refused the answer says so, and claims no reading', async () => {
    const rig = await openRig();
    const refusal = new RemoteError(
      'KL_ANTHROPIC_UNAUTHORIZED',
      'Anthropic refuses the admin key.',
      'Replace it.',
      {
        outcome: 'refused',
        reason: 'authentication_error',
      },
    );
    await rig.refuseKeys(refusal);
    const { acks } = await rig.deliver(slash(HINT, RESPONDER));
    expect(text(acks)).toContain(
      'could not be read: Anthropic refuses the admin key. The card has the guide.',
    );
    expect(text(acks)).not.toContain('being read');
    rig.offer([keyFacts()]);
    expect(text((await rig.deliver(slash('Zz9...kkAA', RESPONDER))).acks)).toContain(
      'a fresh one is being read',
    );
  });

  test('anybody else is told the same, whether the key was known already or not', async () => {
    const rig = await openRig();
    rig.offer([keyFacts()]);
    const first = text((await rig.deliver(slash(HINT, SOMEBODY))).acks);
    const again = text((await rig.deliver(slash(HINT, 'U0ELSE'))).acks);
    expect(again).toBe(first);
    expect(first).toContain('The responders have been called');
  });

  test('several keys are answered each under its own name in the incident', async () => {
    const rig = await openRig();
    const other = keyFacts({ id: 'apikey_02', name: 'staging-jobs', hint: 'sk-ant-api03-Zz9...kkAA' });
    rig.offer([keyFacts(), other]);
    const { acks } = await rig.deliver(slash('Zz9...kkAA, R2D...igAA', RESPONDER));
    const values = [...text(acks).matchAll(/"value":"((?:[^"\\]|\\.)*)"/g)].map(([, value]) =>
      JSON.parse(JSON.parse(`"${value}"`)),
    );
    const named = values.map(([, , key, candidate]) => [key, candidate]);
    expect(named).toContainEqual(['k1', 'apikey_02']);
    expect(named).toContainEqual(['k2', keyFacts().id]);
  });

  test('guests and strangers may not, are told so, and no incident is opened', async () => {
    const rig = await openRig();
    rig.script('users.info', () => ({ user: { id: SOMEBODY, team_id: 'T0ACME', is_restricted: true } }));
    const { acks } = await rig.deliver(slash(HINT, SOMEBODY));
    expect(text(acks)).toContain('not allowed');
    expect(text(acks)).toContain(`<@${RESPONDER}>`);
    expect(await rig.engine.view('KL-1')).toBeNull();
  });

  test('an unknown user may declare when Slack takes too long to say who that is', async () => {
    const rig = await openRig();
    rig.script('users.info', () => new Promise(() => undefined));
    const delivered = rig.deliver(slash(HINT, SOMEBODY));
    await expect.poll(() => rig.calls.length).toBe(1);
    expect(rig.time.ringWithin(1_200)).toBe(true);
    expect(text((await delivered).acks)).toContain('KL-1');
  });

  test('a delivery that comes twice opens one incident and is answered twice', async () => {
    const rig = await openRig();
    const body = slash(HINT, RESPONDER);
    await rig.deliver(body);
    const { acks } = await rig.deliver(body);
    expect(text(acks)).toContain('KL-1');
    expect(await rig.engine.view('KL-2')).toBeNull();
    expect(await rig.entries('KL-1')).toHaveLength(3);
  });

  test('a key that has an open incident joins it, and its button speaks of the key there', async () => {
    const rig = await openRig();
    rig.offer([keyFacts()]);
    await rig.deliver(slash('none-such, R2D...igAA', RESPONDER));
    const { acks } = await rig.deliver(slash(HINT, RESPONDER));
    expect(await rig.engine.view('KL-2')).toBeNull();
    expect(text(acks)).toContain('KL-1');
    expect(text(acks)).toContain('k2');
  });

  test('a whole key is masked, is nowhere in the log or an answer, and the person is told', async () => {
    const rig = await openRig();
    const secret = `${['sk', 'ant', 'api03', 'R2D'].join('-')}${'x1Y'.repeat(30)}igAA`;
    const { acks } = await rig.deliver(slash(`${secret} in a gist`, RESPONDER));
    expect(text(acks)).toMatch(/mask/i);
    expect(rig.seen()).not.toContain('x1Yx1Y');
    expect(JSON.stringify(await rig.engine.view('KL-1'))).not.toContain('x1Yx1Y');
    expect(rig.logged.join('\n')).not.toContain('x1Yx1Y');
  });

  test('text that would mention everybody comes back harmless', async () => {
    const rig = await openRig();
    const { acks } = await rig.deliver(slash('nearly &lt;!channel&gt; <!everyone> *bold*', RESPONDER));
    expect(text(acks)).not.toMatch(/<!(channel|everyone)/);
  });
});

describe('/keyleak alone', () => {
  test('opens the form before anything else and carries the channel along', async () => {
    const rig = await openRig();
    const { acks } = await rig.deliver(slash('', SOMEBODY));
    expect(rig.order).toEqual(['views.open', 'ack']);
    expect(acks).toEqual([undefined]);
    expect(rig.calls[0]?.args.view).toMatchObject({ callback_id: MODAL.declare, private_metadata: CHANNEL });
  });

  test.each([
    ['refuses', async () => ({ ok: false, error: 'expired_trigger_id' })],
    ['is not there', () => Promise.reject(new TypeError('fetch failed'))],
  ])('when Slack %s, the answer says how to declare without the form', async (_, answer) => {
    const rig = await openRig();
    rig.script('views.open', answer);
    const { acks } = await rig.deliver(slash('', SOMEBODY));
    expect(text(acks)).toContain('/keyleak R2D...igAA');
  });

  test('when Slack hangs, the answer comes before it is too late to answer', async () => {
    const rig = await openRig();
    rig.script('views.open', () => new Promise(() => undefined));
    const delivered = rig.deliver(slash('', SOMEBODY));
    await expect.poll(() => rig.calls.length).toBe(1);
    expect(rig.time.ringWithin(2_500)).toBe(true);
    expect(text((await delivered).acks)).toContain('/keyleak R2D...igAA');
  });

  test('an envelope that comes twice opens one form', async () => {
    const rig = await openRig();
    const body = slash('', SOMEBODY);
    await Promise.all([rig.deliver(body), rig.deliver(body)]);
    expect(rig.calls.map(({ what }) => what)).toEqual(['views.open']);
  });
});

describe('a word that is nearly a subcommand', () => {
  test('asks what was meant, declares nothing, and says how to declare it', async () => {
    const rig = await openRig();
    const { acks } = await rig.deliver(slash('stauts', RESPONDER));
    expect(text(acks)).toContain('/keyleak status');
    expect(text(acks)).toContain('/keyleak declare stauts');
    expect(await rig.engine.view('KL-1')).toBeNull();
    await rig.deliver(slash('declare stauts', RESPONDER));
    expect(await rig.engine.view('KL-1')).not.toBeNull();
  });
});

describe('subcommands', () => {
  test('status and help in the incident’s channel speak of that incident', async () => {
    const rig = await openRig();
    const channel_id = await inRoom(rig);
    for (const words of ['status', 'help', 'STATUS kl-1']) {
      const { acks } = await rig.deliver(slash(words, SOMEBODY, { channel_id }));
      expect(text(acks)).toContain('KL-1');
    }
  });

  test('status tells a responder what keyleak could not do, and nobody else', async () => {
    const rig = await openRig();
    const channel_id = await inRoom(rig);
    await rig.engine.apply('KL-1', null, ({ incident }) => ({
      entries: [
        {
          kind: 'action.failed',
          actor: 'keyleak',
          occurredAt: incident.declaredAt,
          data: {
            step: 'invite-people',
            key: null,
            run: 'invite-people:-:1',
            attempt: 1,
            code: 'KL_SLACK_SCOPE',
            message: 'The app lacks a scope.',
            next: 'Add it.',
            observed: 'refused',
            follow_up: 'needs_human',
            retry_at: null,
          },
        },
      ],
      runs: [],
      deadlines: [],
      settled: [],
    }));
    const said = async (user: string) =>
      text((await rig.deliver(slash('status', user, { channel_id }))).acks);
    expect(await said(RESPONDER)).toContain('The app lacks a scope.');
    expect(await said(SOMEBODY)).not.toContain('The app lacks a scope.');
  });

  test('elsewhere only responders and managers read an incident, and others do not learn whether there is one', async () => {
    const rig = await openRig();
    await inRoom(rig);
    expect(text((await rig.deliver(slash('status KL-1', RESPONDER))).acks)).toContain('KL-1');
    const known = await rig.deliver(slash('status KL-1', SOMEBODY));
    const unknown = await rig.deliver(slash('status KL-99', SOMEBODY));
    expect(text(known.acks)).toContain('not allowed');
    expect(text(known.acks).replaceAll('KL-1', 'KL-99')).toBe(text(unknown.acks));
    expect(text((await rig.deliver(slash('status KL-99', MANAGER))).acks)).toContain(
      'There is no incident KL-99',
    );
    expect(text((await rig.deliver(slash('status', MANAGER))).acks)).toContain('which incident');
  });

  test('a note in the channel is kept whole, by whoever is there, and answered', async () => {
    const rig = await openRig();
    const channel_id = await inRoom(rig);
    const { acks } = await rig.deliver(slash('note KL-3 looks &amp; feels alike', SOMEBODY, { channel_id }));
    expect(text(acks)).toContain('Noted in KL-1');
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.notes).toMatchObject([{ by: SOMEBODY, text: 'KL-3 looks & feels alike' }]);
  });

  test('where two incidents are handled in one conversation, nothing is guessed: the id is asked for', async () => {
    const rig = await openRig();
    const channel_id = 'D0BOTH';
    await rig.deliver(slash(HINT, RESPONDER));
    await rig.deliver(slash('h7Q...x2AA in a log', RESPONDER));
    for (const id of ['KL-1', 'KL-2']) await putInto(rig, id, 'direct', channel_id);
    for (const words of ['status', 'note it is in the cache too', 'timeline', 'close', 'assign 3 @rio']) {
      const { acks } = await rig.deliver(slash(words, SOMEBODY, { channel_id }));
      expect(text(acks), words).toContain('Several incidents are handled here: KL-2, KL-1.');
    }
    expect((await rig.entries('KL-1')).concat(await rig.entries('KL-2'))).not.toContainEqual(
      expect.objectContaining({ kind: 'note.added' }),
    );
    const { acks } = await rig.deliver(slash('note kl-1 it is in the cache too', SOMEBODY, { channel_id }));
    expect(text(acks)).toContain('Noted in KL-1');
    expect((await rig.engine.view('KL-1'))?.incident.notes).toMatchObject([
      { by: SOMEBODY, text: 'it is in the cache too' },
    ]);
  });

  test('a note elsewhere takes a responder and the id of the incident', async () => {
    const rig = await openRig();
    await inRoom(rig);
    expect(text((await rig.deliver(slash('note KL-1 from afar', SOMEBODY))).acks)).toContain('not allowed');
    await rig.deliver(slash('note kl-1 from afar', RESPONDER));
    const subject = await rig.engine.view('KL-1');
    expect(subject?.incident.notes).toMatchObject([{ by: RESPONDER, text: 'from afar' }]);
  });

  test('an empty note is refused in words; a note with a whole key is masked and says so', async () => {
    const rig = await openRig();
    const channel_id = await inRoom(rig);
    const secret = `${['sk', 'ant', 'api03', 'Q9q'].join('-')}${'z2W'.repeat(30)}wwAA`;
    expect(text((await rig.deliver(slash('note', RESPONDER, { channel_id }))).acks)).toContain(
      'note is empty',
    );
    const { acks } = await rig.deliver(slash(`note found ${secret} too`, RESPONDER, { channel_id }));
    expect(text(acks)).toContain('masked');
    expect(rig.seen() + JSON.stringify(await rig.engine.view('KL-1'))).not.toContain('z2Wz2W');
  });

  test('list names open incidents to responders and only counts them to others', async () => {
    const rig = await openRig();
    await rig.deliver(slash('one-key', RESPONDER));
    await rig.deliver(slash('other-key', RESPONDER));
    const named = await rig.deliver(slash('list', RESPONDER));
    expect(text(named.acks)).toMatch(/2 incidents are open.*KL-2.*KL-1/);
    const counted = await rig.deliver(slash('list', SOMEBODY));
    expect(text(counted.acks)).toContain('2 incidents are open');
    expect(text(counted.acks)).not.toContain('KL-1');
  });

  test('close opens its form for a responder; anybody else is refused at once, in the log too', async () => {
    const rig = await openRig();
    const channel_id = await inRoom(rig);
    await rig.deliver(slash('close', RESPONDER, { channel_id }));
    expect(rig.calls.at(-1)?.args.view).toMatchObject({ callback_id: MODAL.close });
    const { acks } = await rig.deliver(slash('close', SOMEBODY, { channel_id }));
    expect(text(acks)).toContain('not allowed');
    expect(rig.calls.filter(({ what }) => what === 'views.open')).toHaveLength(1);
    expect((await rig.entries('KL-1')).at(-1)).toMatchObject({ kind: 'access.refused', actor: SOMEBODY });
  });

  test.each(['export', 'drill', 'metrics'])(
    '%s is answered in words that name what works today',
    async (name) => {
      const rig = await openRig();
      const channel_id = await inRoom(rig);
      const { acks } = await rig.deliver(slash(name, RESPONDER, { channel_id }));
      expect(text(acks)).toMatch(/keyleak (timeline|export|list|note)|npm run demo/);
      expect(await rig.engine.view('KL-2')).toBeNull();
    },
  );
});

test('whoever asks is judged by the engine with the role that is known of them', async () => {
  const rig = await openRig();
  expect(await rig.people.asker(RESPONDER)).toEqual(person(RESPONDER, 'responder'));
});

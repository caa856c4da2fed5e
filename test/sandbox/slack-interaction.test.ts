// People at the practice Slack and the real Bolt app without a socket: commands, buttons, modals, options, and the rules of time.

import { App, type BlockAction, type SlashCommand } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/sandbox/slack/delivery.ts';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { inProcessReceiver } from '../support/in-process-receiver.ts';
import { type BotScene, botOptions, botScene, refusal, scene } from './slack-parts.ts';

const { rio, sam, dana, mei, olga, general, security } = PRACTICE;

const REASON: ModalView = {
  type: 'modal',
  callback_id: 'reason',
  title: { type: 'plain_text', text: 'Skip' },
  submit: { type: 'plain_text', text: 'Skip' },
  private_metadata: 'KL-1',
  notify_on_close: true,
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: { type: 'plain_text', text: 'Why?' },
      element: { type: 'plain_text_input', action_id: 'reason', min_length: 3, max_length: 20 },
    },
    {
      type: 'input',
      block_id: 'verdict',
      optional: true,
      label: { type: 'plain_text', text: 'Verdict' },
      element: {
        type: 'static_select',
        action_id: 'verdict',
        options: [
          { text: { type: 'plain_text', text: 'Resolved' }, value: 'resolved' },
          { text: { type: 'plain_text', text: 'False alarm' }, value: 'false_alarm' },
        ],
      },
    },
  ],
};

const CARD: KnownBlock[] = [
  { type: 'section', text: { type: 'mrkdwn', text: 'key one' } },
  { type: 'actions', block_id: 'one', elements: [kill('k1')] },
  { type: 'section', text: { type: 'mrkdwn', text: 'key two' } },
  { type: 'actions', block_id: 'two', elements: [kill('k2')] },
];

function kill(value: string) {
  return {
    type: 'button' as const,
    action_id: 'kill',
    value,
    style: 'danger' as const,
    text: { type: 'plain_text' as const, text: 'Deactivate key' },
    confirm: {
      title: { type: 'plain_text' as const, text: 'Deactivate?' },
      text: { type: 'mrkdwn' as const, text: 'Owner Dana' },
      confirm: { type: 'plain_text' as const, text: 'Yes' },
      deny: { type: 'plain_text' as const, text: 'No' },
    },
  };
}

/** A bot that opens REASON at every command and keeps what was submitted. */
async function modalBot(answer: Parameters<typeof onSubmit>[1]): Promise<BotScene & { closed: string[] }> {
  const closed: string[] = [];
  const scene = await botScene((app) => {
    app.command('/keyleak', async ({ ack, command, client }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: REASON });
    });
    onSubmit(app, answer);
    app.view({ callback_id: 'reason', type: 'view_closed' }, async ({ ack, view }) => {
      closed.push(view.private_metadata);
      await ack();
    });
  });
  await scene.slack.as(rio).slash(general, '');
  await scene.receiver.idle();
  return { ...scene, closed };
}

function onSubmit(app: App, answer: () => object | undefined): void {
  app.view('reason', async ({ ack }) => {
    // The answer is what the test is about, so it may be one that Bolt's types do not allow.
    const payload = answer();
    await Reflect.apply(ack, null, payload === undefined ? [] : [payload]);
  });
}

describe('a command', () => {
  it('reaches the app with what was typed, escaped, and who typed it where', async () => {
    const seen: SlashCommand[] = [];
    const { slack } = await botScene((app) => {
      app.command('/keyleak', async ({ ack, command }) => {
        seen.push(command);
        await ack();
      });
    });
    await slack.as('@sam').slash('#general', 'R2D...igAA <!channel> & more');
    expect(seen).toMatchObject([
      {
        command: '/keyleak',
        text: 'R2D...igAA &lt;!channel&gt; &amp; more',
        user_id: sam,
        user_name: 'sam',
        channel_id: general,
        channel_name: 'general',
        team_id: PRACTICE.team,
        is_enterprise_install: 'false',
      },
    ]);
  });

  it('is answered to its author alone by what the acknowledgement says', async () => {
    const { slack } = await botScene((app) => {
      app.command('/keyleak', async ({ ack }) => {
        await ack({ text: 'LIVE', blocks: CARD });
      });
    });
    const { outcome, answer } = await slack.as(sam).slash(general, 'R2D...igAA');
    expect(outcome).toBe('acked');
    expect(answer).toMatchObject({
      text: 'LIVE',
      ephemeral: true,
      buttons: ['Deactivate key', 'Deactivate key'],
    });
    expect(slack.as(dana).sees(general)).toEqual([]);
  });

  it('cannot be typed where the person is not', async () => {
    const { slack } = await botScene(() => {});
    await expect(slack.as(sam).slash(security, 'x')).rejects.toThrow('cannot see');
  });

  it('carries the team of a stranger', async () => {
    const teams: string[] = [];
    const { slack } = await botScene((app) => {
      app.command('/keyleak', async ({ ack, command }) => {
        teams.push(command.team_id);
        await ack();
      });
    });
    await slack.as(olga).slash(general, 'x');
    expect(teams).toEqual([PRACTICE.otherTeam]);
  });

  it('that nobody acknowledges is noticed when the listener ends, and the person is told', async () => {
    const { slack, time } = await botScene((app) => {
      app.command('/keyleak', async () => {});
    });
    const { outcome } = await slack.as(sam).slash(general, 'x');
    expect(outcome).toBe('operation_timeout');
    expect(slack.as(sam).notices()).toEqual(['/keyleak failed with the error "operation_timeout"']);
    expect(time.clock.now()).toBe(Date.parse('2026-11-23T03:00:00.000Z'));
  });

  it('that is acknowledged after three seconds has failed for the person, and shows no answer', async () => {
    const { slack, time } = await botScene((app) => {
      app.command('/keyleak', async ({ ack, command }) => {
        time.step(Number(command.text));
        await ack('an answer');
      });
    });
    expect((await slack.as(sam).slash(general, '3000')).outcome).toBe('acked');
    expect(await slack.as(sam).slash(general, '3001')).toEqual({
      outcome: 'operation_timeout',
      answer: null,
    });
    expect(slack.as(sam).sees(general)).toHaveLength(1);
  });

  it('that hangs is given up after three seconds of the given clock', async () => {
    const { slack, time } = await botScene((app) => {
      app.command('/keyleak', () => new Promise(() => {}));
    });
    const typed = slack.as(sam).slash(general, 'x');
    expect(time.ringWithin(3_000)).toBe(false);
    expect(time.ringWithin(3_001)).toBe(true);
    expect((await typed).outcome).toBe('operation_timeout');
  });

  it('with no bot connected fails at once', async () => {
    const { slack, app } = await botScene(() => {});
    await app.stop();
    expect((await slack.as(sam).slash(general, 'x')).outcome).toBe('dispatch_failed');
  });

  it('whose answer Slack cannot show is told to the person and kept as a complaint', async () => {
    const { slack } = await botScene((app) => {
      app.command('/keyleak', async ({ ack }) => {
        await ack({
          text: 'x',
          blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }],
        });
      });
    });
    const { answer } = await slack.as(sam).slash(general, 'x');
    expect(answer).toBeNull();
    expect(slack.as(sam).notices()).toEqual(['The app sent an answer that cannot be shown.']);
    expect(slack.world.complaints[0]).toContain('invalid_blocks');
  });
});

describe('a button', () => {
  async function cardBot(): Promise<BotScene & { clicks: { value: string; body: object }[] }> {
    const clicks: { value: string; body: object }[] = [];
    const scene = await botScene((app) => {
      app.action({ type: 'block_actions', action_id: 'kill' }, async ({ ack, body, action }) => {
        await ack();
        if (action.type === 'button') clicks.push({ value: action.value ?? '', body });
      });
    });
    await scene.client.chat.postMessage({ channel: security, text: 'card', blocks: CARD });
    return { ...scene, clicks };
  }

  it('is found by its label and the words beside it, and asks before it acts', async () => {
    const { slack, clicks, receiver } = await cardBot();
    const { outcome, dialog } = await slack.as(rio).click({ text: 'Deactivate key', near: 'key two' });
    await receiver.idle();
    expect(outcome).toBe('acked');
    expect(dialog).toEqual({ title: 'Deactivate?', text: 'Owner Dana', confirm: 'Yes', deny: 'No' });
    expect(clicks).toMatchObject([
      {
        value: 'k2',
        body: {
          type: 'block_actions',
          user: { id: rio, username: 'rio', team_id: PRACTICE.team },
          channel: { id: security, name: 'privategroup' },
          container: { type: 'message', channel_id: security, is_ephemeral: false },
          message: { text: 'card' },
          actions: [{ block_id: 'two', action_id: 'kill', value: 'k2' }],
        },
      },
    ]);
  });

  it('sends nothing when the person says no', async () => {
    const { slack, clicks, receiver } = await cardBot();
    const { outcome } = await slack
      .as(rio)
      .click({ text: 'Deactivate key', near: 'key one' }, { deny: true });
    await receiver.idle();
    expect(outcome).toBe('denied');
    expect(clicks).toEqual([]);
  });

  it('must be pointed at without doubt, and be before the eyes of the person', async () => {
    const { slack } = await cardBot();
    const click = (who: string, text: string) => async () => slack.as(who).click({ text });
    await expect(click(rio, 'Deactivate key')).rejects.toThrow('sees 2 of "Deactivate key"');
    await expect(click(rio, 'Explode')).rejects.toThrow('nothing to press named "Explode"');
    await expect(click(sam, 'Deactivate key')).rejects.toThrow('nothing to press');
  });

  it('whose acknowledgement carries an answer loses it, which is kept as a complaint', async () => {
    const { slack, client } = await botScene((app) => {
      app.action('kill', async ({ ack }) => {
        await Reflect.apply(ack, null, [{ text: 'killed' }]);
      });
    });
    await client.chat.postMessage({ channel: security, text: 'card', blocks: CARD });
    await slack.as(rio).click({ text: 'Deactivate key', near: 'key one' });
    expect(slack.world.complaints).toEqual(['ack of interactive: Slack ignores what was given to it']);
  });
});

describe('a response_url', () => {
  it('answers five times within half an hour, in place of the message or beside it', async () => {
    const urls: string[] = [];
    const { slack, time } = await botScene((app) => {
      app.command('/keyleak', async ({ ack }) => ack({ text: 'first', blocks: CARD }));
      app.action<BlockAction>('kill', async ({ ack, body }) => {
        urls.push(body.response_url);
        await ack();
      });
    });
    await slack.as(sam).slash(general, 'x');
    await slack.as(sam).click({ text: 'Deactivate key', near: 'key one' });
    await slack.as(sam).click({ text: 'Deactivate key', near: 'key one' });
    const [url = '', second = ''] = urls;
    const post = async (to: string, body: object): Promise<number> =>
      (await slack.fetch(to, { method: 'POST', body: JSON.stringify(body) })).status;
    expect(await post(url, { replace_original: true, text: 'gone' })).toBe(200);
    expect(slack.as(sam).sees(general)).toMatchObject([{ text: 'gone', ephemeral: true }]);
    expect(await post(url, { text: 'beside' })).toBe(200);
    expect(await post(url, { text: 'all', response_type: 'in_channel' })).toBe(200);
    expect(slack.as(dana).sees(general)).toMatchObject([{ text: 'all' }]);
    expect(await post(url, { delete_original: true })).toBe(200);
    expect(
      slack
        .as(sam)
        .sees(general)
        .map(({ text }) => text),
    ).toEqual(['beside', 'all']);
    expect(await post(url, { text: '' })).toBe(400);
    expect(await post(url, { text: 'sixth' })).toBe(404);
    time.step(30 * 60_000 + 1);
    expect(await post(second, { text: 'late' })).toBe(404);
  });
});

describe('a modal', () => {
  it('is filled in by its labels, checked by Slack itself, and closed by a bare acknowledgement', async () => {
    const { slack } = await modalBot(() => undefined);
    const person = slack.as(rio);
    expect(person.modal()).toMatchObject({ title: 'Skip', submit: 'Skip', errors: {} });
    expect(await person.submit({})).toEqual({
      outcome: 'not_sent',
      errors: { 'Why?': 'Please complete this required field.' },
    });
    expect((await person.submit({ 'Why?': 'no' })).errors['Why?']).toContain('at least 3');
    expect((await person.submit({ 'Why?': 'x'.repeat(21) })).errors['Why?']).toContain('at most 20');
    expect((await person.submit({ 'Why?': 'a drill', verdict: 'False alarm' })).outcome).toBe('closed');
    expect(person.modal()).toBeNull();
  });

  it('hands over what was filled in, by block and action', async () => {
    const views: object[] = [];
    const { slack, app } = await modalBot(() => undefined);
    app.view('reason', async ({ body }) => {
      views.push(body);
    });
    await slack.as(rio).submit({ 'Why?': 'a drill <b>', Verdict: 'False alarm' });
    expect(views).toMatchObject([
      {
        type: 'view_submission',
        user: { id: rio },
        view: {
          callback_id: 'reason',
          private_metadata: 'KL-1',
          state: {
            values: {
              reason: { reason: { type: 'plain_text_input', value: 'a drill <b>' } },
              verdict: { verdict: { selected_option: { value: 'false_alarm' } } },
            },
          },
        },
      },
    ]);
  });

  it('stays open with the errors that the app names, and forgets them when it is right', async () => {
    let errors: object | undefined = { response_action: 'errors', errors: { reason: 'Say more.' } };
    const { slack } = await modalBot(() => errors);
    const person = slack.as(rio);
    expect(await person.submit({ 'Why?': 'a drill' })).toEqual({
      outcome: 'errors',
      errors: { 'Why?': 'Say more.' },
    });
    expect(person.modal()?.errors).toEqual({ 'Why?': 'Say more.' });
    errors = undefined;
    expect((await person.submit({})).outcome).toBe('closed');
  });

  it('can be replaced, stacked up to three, and cleared by the answer', async () => {
    let answer: object | undefined;
    const { slack } = await modalBot(() => answer);
    const person = slack.as(rio);
    const titled = (text: string) => ({ ...REASON, title: { type: 'plain_text', text } });
    answer = { response_action: 'update', view: titled('Updated') };
    expect((await person.submit({ 'Why?': 'kept' })).outcome).toBe('updated');
    expect(person.modal()?.title).toBe('Updated');
    answer = { response_action: 'push', view: titled('Two') };
    expect((await person.submit({})).outcome).toBe('pushed');
    answer = { response_action: 'push', view: titled('Three') };
    expect((await person.submit({ 'Why?': 'more' })).outcome).toBe('pushed');
    expect((await person.submit({ 'Why?': 'more' })).outcome).toBe('failed');
    answer = undefined;
    expect((await person.submit({})).outcome).toBe('closed');
    expect(person.modal()?.title).toBe('Two');
    answer = { response_action: 'clear' };
    expect((await person.submit({})).outcome).toBe('cleared');
    expect(person.modal()).toBeNull();
  });

  it.each([
    ['an error for a block that is no input', { response_action: 'errors', errors: { other: 'x' } }],
    ['an answer of the wrong kind', { text: 'done' }],
    [
      'a view that is over a limit',
      { response_action: 'update', view: { ...REASON, callback_id: 'x'.repeat(256) } },
    ],
  ])('stays open with a word of trouble for %s', async (_what, answer) => {
    const { slack } = await modalBot(() => answer);
    const person = slack.as(rio);
    expect((await person.submit({ 'Why?': 'a drill' })).outcome).toBe('failed');
    expect(person.modal()).not.toBeNull();
    expect(person.notices()).toEqual(['We had some trouble connecting. Try again?']);
    expect(slack.world.complaints).toHaveLength(1);
  });

  it('tells the app when it is closed, if it asked for that', async () => {
    const { slack, closed } = await modalBot(() => undefined);
    await slack.as(rio).close();
    expect(closed).toEqual(['KL-1']);
    expect(slack.as(rio).modal()).toBeNull();
  });

  it('opens once per trigger, and only within three seconds', async () => {
    const triggers: string[] = [];
    const { slack, client, time } = await botScene((app) => {
      app.command('/keyleak', async ({ ack, command }) => {
        triggers.push(command.trigger_id);
        await ack();
      });
    });
    await slack.as(rio).slash(general, '');
    await slack.as(rio).slash(general, '');
    const [first = '', second = ''] = triggers;
    await client.views.open({ trigger_id: first, view: REASON });
    expect(await refusal(client.views.open({ trigger_id: first, view: REASON }))).toBe(
      'exchanged_trigger_id',
    );
    time.step(3_001);
    expect(await refusal(client.views.open({ trigger_id: second, view: REASON }))).toBe('expired_trigger_id');
    expect(await refusal(client.views.open({ trigger_id: 'made up', view: REASON }))).toBe(
      'invalid_trigger_id',
    );
  });

  it('is updated only over the version that the app knew, and keeps what was filled in', async () => {
    const { slack, client } = await modalBot(() => ({
      response_action: 'errors',
      errors: { reason: 'No.' },
    }));
    const person = slack.as(rio);
    await person.submit({ 'Why?': 'typed' });
    const { id = '', hash = '' } = person.modal() ?? {};
    const fresh: ModalView = { ...REASON, title: { type: 'plain_text', text: 'Fresh' } };
    await client.views.update({ view_id: id, hash, view: fresh });
    expect(person.modal()).toMatchObject({ title: 'Fresh', errors: {} });
    expect(await refusal(client.views.update({ view_id: id, hash, view: REASON }))).toBe('hash_conflict');
    const [open] = slack.world.modals.get(rio) ?? [];
    expect(open?.state).toMatchObject({ reason: { reason: { value: 'typed' } } });
    await person.close();
    expect(await refusal(client.views.update({ view_id: id, view: REASON }))).toBe('not_found');
  });
});

describe('options, home and connections', () => {
  it('are loaded from the app as the person types, from the third letter on', async () => {
    const asked: string[] = [];
    const { slack, client, receiver } = await botScene((app) => {
      app.options<'block_suggestion'>(
        { type: 'block_suggestion', action_id: 'pick' },
        async ({ ack, payload }) => {
          asked.push(payload.value);
          await ack({ options: [{ text: { type: 'plain_text', text: 'prod' }, value: 'key_1' }] });
        },
      );
      app.action('pick', async ({ ack, action }) => {
        await ack();
        if (action.type === 'external_select') asked.push(`chose ${action.selected_option?.value}`);
      });
    });
    const placeholder = { type: 'plain_text' as const, text: 'Key' };
    const blocks: KnownBlock[] = [
      { type: 'actions', elements: [{ type: 'external_select', action_id: 'pick', placeholder }] },
    ];
    await client.chat.postMessage({ channel: security, text: 'pick', blocks });
    const person = slack.as(mei);
    expect(await person.options({ text: 'Key' }, 'pr')).toEqual([]);
    expect(await person.options({ text: 'Key' }, 'pro')).toEqual(['prod']);
    await person.choose({ text: 'Key' }, 'prod');
    await receiver.idle();
    expect(asked).toEqual(['pro', 'prod', 'chose key_1']);
  });

  it('show a Home tab when the app publishes one', async () => {
    const { slack, receiver } = await botScene((app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: { type: 'home', blocks: [{ type: 'divider' }] },
        });
      });
    });
    expect(await slack.as(sam).openHome()).toBe('acked');
    await receiver.idle();
    expect(slack.as(sam).home()?.blocks).toMatchObject([{ type: 'divider' }]);
  });

  it('give each envelope to one connection in turn', async () => {
    const { slack } = await botScene(() => {});
    const got: string[] = [];
    const connection = (name: string) => async (_envelope: Envelope) => {
      got.push(name);
      return { acked: true as const, payload: {} };
    };
    const leave = slack.connect(connection('two'));
    slack.connect(connection('three'));
    for (const text of ['a', 'b', 'c']) await slack.as(sam).slash(general, text);
    leave();
    await slack.as(sam).slash(general, 'd');
    expect(got).toContain('two');
    expect(got.filter((name) => name === 'three').length).toBeGreaterThan(0);
    expect(slack.connections()).toBe(2);
  });

  it('can be wrapped, so that an envelope comes twice', async () => {
    const { slack } = scene();
    const seen: string[] = [];
    const receiver = inProcessReceiver({
      connect: (receive) =>
        slack.connect(async (envelope) => {
          await receive(envelope);
          return receive({ ...envelope, retry_attempt: 1, retry_reason: 'timeout' });
        }),
    });
    const app = new App(botOptions(slack, receiver));
    app.command('/keyleak', async ({ ack, command, context }) => {
      seen.push(`${command.text} ${context.retryNum ?? 0}`);
      await ack();
    });
    await app.start();
    await slack.as(sam).slash(general, 'once');
    expect(seen).toEqual(['once 0', 'once 1']);
    expect(receiver.repeats()).toBe(0);
    expect(receiver.faults).toEqual([]);
  });

  it('let a test wait for what the bot will do', async () => {
    const { slack, client } = await botScene(() => {});
    const waited = slack.until(() =>
      slack
        .as(rio)
        .sees(security)
        .find(({ text }) => text === 'here'),
    );
    await client.chat.postMessage({ channel: security, text: 'not yet' });
    await client.chat.postMessage({ channel: security, text: 'here' });
    expect(await waited).toMatchObject({ text: 'here' });
  });
});

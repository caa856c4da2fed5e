// The practice services on loopback: the real Socket Mode receiver connects, and a person gets from a command to a closed modal.

import { App, SocketModeReceiver } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { Alarm } from '../../src/domain/clock.ts';
import { type PracticeServices, servePractice } from '../../src/sandbox/serve.ts';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { createPracticeSlack, type PracticeSlack } from '../../src/sandbox/slack/practice-slack.ts';
import { seeded } from '../support/virtual-time.ts';
import { APP_TOKEN, BOT_TOKEN, SILENT } from './slack-parts.ts';

const { rio, general, security } = PRACTICE;

const alarm: Alarm = (ms, wake) => {
  const timer = setTimeout(wake, ms);
  return () => {
    clearTimeout(timer);
  };
};

const MODAL: ModalView = {
  type: 'modal',
  callback_id: 'declare',
  title: { type: 'plain_text', text: 'Declare' },
  submit: { type: 'plain_text', text: 'Declare' },
  blocks: [
    {
      type: 'input',
      block_id: 'key',
      label: { type: 'plain_text', text: 'Which key?' },
      element: { type: 'plain_text_input', action_id: 'key' },
    },
  ],
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Loopback {
  readonly slack: PracticeSlack;
  readonly services: PracticeServices;
  readonly faults: unknown[];
}

/** `acks` notices late acknowledgements; null waits for them for ever. */
async function loopback(acks: Alarm | null = alarm): Promise<Loopback> {
  const chance = seeded(3);
  const slack = createPracticeSlack({
    clock: { now: () => Date.now() },
    ...(acks === null ? {} : { alarm: acks }),
    randomness: chance,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
  });
  const faults: unknown[] = [];
  const services = await servePractice({
    slack,
    alarm,
    handlers: { echo: { fetch: async (request) => new Response(await request.text(), { status: 201 }) } },
    onFault: (error) => faults.push(error),
    ticket: () => Buffer.from(chance.bytes(8)).toString('hex'),
  });
  closing.push(() => services.close());
  return { slack, services, faults };
}

/** The real receiver as production builds it, with a quick return after a lost connection. */
async function bot({ slack, services }: Loopback, listen: (app: App) => void): Promise<App> {
  const clientOptions = { slackApiUrl: services.slackApiUrl, retryConfig: { retries: 0 } };
  const receiver = new SocketModeReceiver({
    appToken: APP_TOKEN,
    logger: SILENT,
    clientPingTimeout: 50,
    installerOptions: { clientOptions },
  });
  const app = new App({ token: BOT_TOKEN, receiver, logger: SILENT, convoStore: false, clientOptions });
  listen(app);
  await app.start();
  closing.push(async () => {
    const { promise, resolve } = gone();
    receiver.client.once('disconnected', resolve);
    await app.stop();
    await promise;
  });
  await slack.until(() => slack.connections() > 0);
  return app;
}

function gone(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('the practice services', () => {
  it('take a person from a command over a modal and a button to the end, through the real Socket Mode', async () => {
    const scene = await loopback();
    const { slack, faults } = scene;
    await bot(scene, (app) => {
      app.command('/keyleak', async ({ ack, command, client }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: MODAL });
      });
      app.view('declare', async ({ ack, view, client }) => {
        const value = view.state.values.key?.key?.value ?? '';
        if (value === 'wrong') {
          await ack({ response_action: 'errors', errors: { key: 'No such key.' } });
          return;
        }
        await ack();
        await client.chat.postMessage({
          channel: security,
          text: `card for ${value}`,
          blocks: [
            {
              type: 'actions',
              elements: [{ type: 'button', action_id: 'kill', text: { type: 'plain_text', text: 'Kill' } }],
            },
          ],
        });
      });
      app.action('kill', async ({ ack, respond }) => {
        await ack();
        await respond({ text: 'DEAD', replace_original: true });
      });
    });
    const person = slack.as(rio);
    expect((await person.slash(general, '')).outcome).toBe('acked');
    await slack.until(() => person.modal());
    expect(await person.submit({ 'Which key?': 'wrong' })).toEqual({
      outcome: 'errors',
      errors: { 'Which key?': 'No such key.' },
    });
    expect((await person.submit({ 'Which key?': 'R2D...igAA' })).outcome).toBe('closed');
    await slack.until(() => person.sees(security).find(({ text }) => text === 'card for R2D...igAA'));
    expect((await person.click({ text: 'Kill' })).outcome).toBe('acked');
    await slack.until(() => person.sees(security).find(({ text }) => text === 'DEAD'));
    expect(faults).toEqual([]);
    expect(slack.world.complaints).toEqual([]);
  });

  it('give the answer that a command was acknowledged with', async () => {
    const scene = await loopback();
    await bot(scene, (app) => {
      app.command('/keyleak', async ({ ack, command }) => ack(`you said ${command.text}`));
    });
    const { answer } = await scene.slack.as(rio).slash(general, 'hello');
    expect(answer?.text).toBe('you said hello');
  });

  it.each(['refresh', 'cut'] as const)(
    'are found again by the client after they %s the connection',
    async (how) => {
      const scene = await loopback();
      const { slack, services } = scene;
      await bot(scene, (app) => {
        app.command('/keyleak', async ({ ack }) => ack('still here'));
      });
      services[how]();
      const opened = () =>
        slack.world.calls.filter(({ method }) => method === 'apps.connections.open').length;
      await slack.until(() => opened() === 2 && slack.connections() === 1);
      expect((await slack.as(rio).slash(general, 'x')).answer?.text).toBe('still here');
    },
  );

  it('give up what was under way on a connection that is cut', async () => {
    const scene = await loopback(null);
    const { slack, services } = scene;
    await bot(scene, (app) => {
      app.command('/keyleak', () => new Promise<void>(() => services.cut()));
    });
    expect((await slack.as(rio).slash(general, 'x')).outcome).toBe('operation_timeout');
  });

  it('let nobody into Socket Mode without a ticket, or twice with one', async () => {
    const { services } = await loopback();
    const client = new WebClient(APP_TOKEN, { slackApiUrl: services.slackApiUrl, logger: SILENT });
    const { url = '' } = await client.apps.connections.open();
    const knock = (address: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.once('message', () => {
          resolve('let in');
          socket.close();
        });
        socket.on('error', (error) => {
          resolve(error.message);
        });
      });
    expect(await knock(url.replace(/ticket=.*/, 'ticket=guess'))).toContain('401');
    expect(await knock(url)).toBe('let in');
    expect(await knock(url)).toContain('401');
  });

  it('serve other handlers beside Slack, and take uploads at their own address', async () => {
    const { services, slack } = await loopback();
    const answer = await fetch(`${services.urls.echo}/v1`, { method: 'POST', body: 'hello' });
    expect([answer.status, await answer.text()]).toEqual([201, 'hello']);
    const client = new WebClient(BOT_TOKEN, { slackApiUrl: services.slackApiUrl, logger: SILENT });
    await client.files.uploadV2({ channel_id: security, filename: 'a.md', file: Buffer.from('# a') });
    expect([...slack.world.files.values()]).toMatchObject([{ name: 'a.md', channel: security }]);
  });

  it('turn a handler that throws into a 500, and say so', async () => {
    const faults: unknown[] = [];
    const slack = createPracticeSlack({
      clock: { now: () => 0 },
      randomness: seeded(1),
      botToken: BOT_TOKEN,
      appToken: APP_TOKEN,
    });
    const services = await servePractice({
      slack,
      alarm,
      handlers: { broken: { fetch: () => Promise.reject(new Error('broken')) } },
      onFault: (error) => faults.push(error),
      ticket: () => 't',
    });
    closing.push(() => services.close());
    expect((await fetch(`${services.urls.broken}/`)).status).toBe(500);
    expect(faults).toEqual([new Error('broken')]);
  });
});

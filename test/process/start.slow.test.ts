// keyleak start as an operator meets it: how it ends, and how it refuses to begin.

import { createHmac } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { emptyFolder, keyleak, openPractice } from './processes.ts';

function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const CONNECTED = 'keyleak is connected to Slack';

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a running bot with exit code 0', async (name) => {
  const { folder, env } = await openPractice();
  const running = keyleak(folder, env, 'start');
  await running.says(CONNECTED);
  running.signal(name);
  expect(await running.ended).toMatchObject({ code: 0, signal: null, out: '' });
  // The database is free again.
  const next = keyleak(folder, env, 'start');
  await next.says(CONNECTED);
});

test('a second bot on the same database is refused, and told who holds it', async () => {
  const { folder, env } = await openPractice();
  const running = keyleak(folder, env, 'start');
  await running.says(CONNECTED);
  const second = await keyleak(folder, env, 'start').ended;
  expect(second.code).toBe(2);
  expect(second.err).toContain('KL_DATABASE_HELD');
  expect(second.err).toContain(`keyleak start (process ${running.pid} on `);
  expect((await keyleak(folder, env, 'list').ended).code).toBe(0);
});

test('without a configuration every mistake is told at once, and nothing is made', async () => {
  const folder = emptyFolder();
  const { code, err, out } = await keyleak(folder, {}, 'start').ended;
  expect(code).toBe(2);
  expect(err).toMatch(/^KL_CONFIG: The configuration has 3 mistakes:\n/);
  expect(err).toMatch(/^SLACK_BOT_TOKEN: It is not set\./m);
  expect(err).toMatch(/^SLACK_APP_TOKEN: It is not set\./m);
  expect(err).toMatch(/^keyleak\.yml: Nobody may deactivate a key/m);
  expect(err).not.toMatch(/^\s+at /m);
  expect(out).toBe('');
  expect(readdirSync(folder)).toEqual([]);
});

test('an app token that Slack refuses ends the start with the sentence that says so', async () => {
  const { folder, env, slack } = await openPractice();
  const wrong = ['xapp', '1', 'A0', 'somebody', 'else'].join('-');
  const { code, err } = await keyleak(folder, { ...env, SLACK_APP_TOKEN: wrong }, 'start').ended;
  expect(code, err).toBe(2);
  expect(err).toContain(
    'KL_SLACK_SOCKET: Slack refuses to open a connection for this app token: invalid_auth.\n',
  );
  expect(err).toContain('Check that SLACK_APP_TOKEN is an app-level token');
  expect(err).not.toContain(wrong);
  expect(slack.connections()).toBe(0);
});

test('a command that is mistyped ends with exit code 2 and makes no database', async () => {
  const folder = emptyFolder();
  const { code, err } = await keyleak(folder, {}, 'strat').ended;
  expect(code).toBe(2);
  expect(err).toContain("unknown command 'strat'");
  expect(existsSync(`${folder}/data`)).toBe(false);
});

test('with a signing secret and no app token it listens: a signed command declares, a replay adds nothing, SIGTERM ends it', async () => {
  const { folder, env } = await openPractice();
  const port = await freePort();
  const secret = 'f'.repeat(32);
  const { SLACK_APP_TOKEN: _none, ...rest } = env;
  const running = keyleak(
    folder,
    { ...rest, SLACK_SIGNING_SECRET: secret, HOST: '127.0.0.1', PORT: String(port) },
    'start',
  );
  await running.says('keyleak listens for Slack');
  const body = new URLSearchParams({
    command: '/keyleak',
    text: 'R2D...igAA in a log',
    user_id: 'U0RIOA',
    team_id: 'T0PRACTICE',
    channel_id: 'C0ENGINEERING',
    trigger_id: '1.2.3',
  }).toString();
  const seconds = Math.floor(Date.now() / 1_000);
  const hash = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  const send = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(seconds),
        'x-slack-signature': `v0=${hash}`,
      },
    });
    return response.text();
  };
  expect(await send()).toContain('KL-1');
  expect(await send()).toContain('KL-1');
  const { out } = await keyleak(folder, env, 'list', '--json').ended;
  expect(JSON.parse(out)).toMatchObject([{ id: 'KL-1' }]);
  running.signal('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a bot token that Slack refuses ends the start with exit code 2, and waits for no goodbye', {
  timeout: 20_000,
}, async () => {
  const { folder, env } = await openPractice();
  const wrong = ['xoxb', 'somebody', 'else'].join('-');
  const { code, err } = await keyleak(folder, { ...env, SLACK_BOT_TOKEN: wrong }, 'start').ended;
  expect(code, err).toBe(2);
  expect(err).toContain('KL_SLACK_TOKEN');
});

test('in Socket Mode with PORT it tells whether it is ready, by its two connections', async () => {
  const { folder, env } = await openPractice();
  const port = await freePort();
  const running = keyleak(folder, { ...env, PORT: String(port), HOST: '127.0.0.1' }, 'start');
  await running.says(CONNECTED);
  const ready = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/readyz`)).json();
  await expect.poll(ready).toEqual({ ready: true, database: true, connections: 2 });
  running.signal('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
});

test('a command that is in hand when SIGTERM comes is answered over its connection and is in the log', async () => {
  const asked = latch();
  const over = latch();
  const { folder, env, slack } = await openPractice({
    // Who declares is asked of Slack, which does not answer: that takes as long as it may.
    async before(request) {
      if (!(await request.clone().text()).includes(PRACTICE.sam)) return;
      asked.open();
      await over.opened;
    },
  });
  const running = keyleak(folder, env, 'start');
  await running.says(CONNECTED);
  const typed = slack.as('sam').slash('engineering', 'R2D...igAA in a gist');
  await asked.opened;
  running.signal('SIGTERM');
  expect((await typed).answer?.text).toContain('KL-1 is open');
  over.open();
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
  expect((await keyleak(folder, env, 'list').ended).out).toMatch(/^KL-1 {5}open/);
});

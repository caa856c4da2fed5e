// keyleak start as an operator meets it: how it ends, and how it refuses to begin.

import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emptyFolder, keyleak, openPractice } from './processes.ts';

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

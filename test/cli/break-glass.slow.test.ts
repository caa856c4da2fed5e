// The break-glass commands as real processes: beside a bot, without one, over the socket of a bot that was killed.

import { existsSync, lstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import { controlPath } from '../../src/control/socket-path.ts';
import type { Entry } from '../../src/domain/entry.ts';
import { openReader } from '../../src/store/reader.ts';
import { HINT, PROD } from '../flows/scene.ts';
import { read } from '../house/files.ts';
import { bot, type Ended, keyleak, openPractice, type Practice } from '../process/processes.ts';

const CONNECTED = 'keyleak is connected to Slack';
const WHY = ['--operator', 'dana', '--reason', 'Slack is down'];

/** What a shell beside the bot has: no Slack token. */
function shell({ env }: Practice): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SLACK_')));
}

function run(practice: Practice, ...words: readonly string[]): Promise<Ended> {
  return keyleak(practice.folder, shell(practice), ...words).ended;
}

async function log({ database }: Practice): Promise<readonly Entry[]> {
  const reader = openReader(database);
  try {
    return ((await reader.load('KL-1')) ?? []).map(({ entry }) => entry);
  } finally {
    await reader.close();
  }
}

/** The card in the incident's channel; undefined as long as there is none. */
function card({ slack }: Practice) {
  return slack
    .channels()
    .filter(({ name }) => name.startsWith('kl-1-'))
    .flatMap(({ messages }) => messages)
    .find(({ metadata }) => String(metadata?.event_payload.run).includes(':post-card:'));
}

async function stopped(running: ReturnType<typeof keyleak>): Promise<Ended> {
  running.signal('SIGTERM');
  return running.ended;
}

test('beside a running bot the commands go through its socket, which is its owner’s alone', async () => {
  const practice = await openPractice();
  const running = keyleak(practice.folder, practice.env, 'start');
  await running.says(CONNECTED);
  const socket = controlPath(practice.database);
  expect(lstatSync(socket).isSocket()).toBe(true);
  expect(lstatSync(socket).mode & 0o777).toBe(0o600);

  const declared = await run(practice, 'declare', HINT, ...WHY);
  expect(declared, declared.err).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^KL-1 declared by operator:dana\nk1 is prod-api-gateway/),
  });
  const dead = await run(practice, 'deactivate', 'KL-1', '--yes', ...WHY);
  expect(dead, dead.err).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^KL-1 k1 inactive \(read back at /),
  });
  expect(dead.err).not.toContain('No bot runs');
  expect(practice.anthropic.key(PROD)?.status).toBe('inactive');
  await practice.slack.until(() => card(practice)?.text.startsWith('DEAD'));

  expect(await stopped(running)).toMatchObject({ code: 0 });
  expect(existsSync(socket)).toBe(false);
  expect((await run(practice, 'verify')).code).toBe(0);
});

test('without a bot the command does the work, and the bot builds the channel when it starts', async () => {
  const practice = await openPractice();
  expect(await run(practice, 'declare', HINT, ...WHY)).toMatchObject({
    code: 2,
    err: expect.stringContaining('KL_STORE_MISSING'),
  });
  const first = keyleak(practice.folder, practice.env, 'start');
  await first.says(CONNECTED);
  await stopped(first);

  expect(await run(practice, 'declare', HINT, ...WHY)).toMatchObject({ code: 0 });
  const dead = await run(practice, 'deactivate', 'KL-1', '--yes', ...WHY);
  expect(dead, dead.err).toMatchObject({ code: 0, err: expect.stringContaining('No bot runs') });
  expect(practice.anthropic.key(PROD)?.status).toBe('inactive');
  expect(card(practice)).toBeUndefined();

  const second = keyleak(practice.folder, practice.env, 'start');
  await second.says(CONNECTED);
  await practice.slack.until(() => card(practice)?.text.startsWith('DEAD'));
  await practice.slack.until(() => card(practice)?.text.includes('KL-1'));
  expect(await stopped(second)).toMatchObject({ code: 0 });
  expect((await log(practice)).filter(({ kind }) => kind === 'key.deactivated')).toMatchObject([
    { actor: 'operator:dana', data: { id: PROD, already: false } },
  ]);
  expect(practice.faults).toEqual([]);
  expect((await run(practice, 'verify')).code).toBe(0);
});

test('a bot that is killed over the deactivation is taken over by the command that asked for it', async () => {
  const practice = await openPractice();
  const running = bot(practice.folder, { ...practice.env, DIE_AT: 'run:acted:deactivate-key' });
  await running.says('connected to Slack');
  expect(await run(practice, 'declare', HINT, ...WHY)).toMatchObject({ code: 0 });
  const dead = await run(practice, 'deactivate', 'KL-1', '--yes', ...WHY);
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(dead, dead.err).toMatchObject({ code: 0, out: expect.stringMatching(/^KL-1 k1 inactive /) });
  expect(dead.err).toContain('The bot went away.');
  const asked = practice.anthropic.requests().filter(({ method }) => method === 'POST');
  expect(asked).toHaveLength(1);
  // The socket of the dead bot still lies there; nothing listens, and the next bot takes its place.
  expect(lstatSync(controlPath(practice.database)).isSocket()).toBe(true);
  expect(await run(practice, 'note', 'KL-1', 'the', 'bot', 'is', 'dead')).toMatchObject({ code: 0 });
  const next = keyleak(practice.folder, practice.env, 'start');
  await next.says(CONNECTED);
  const beside = await run(practice, 'note', 'KL-1', 'and back');
  expect(beside).toMatchObject({ code: 0, err: '' });
  expect((await log(practice)).filter(({ kind }) => kind === 'key.deactivated')).toHaveLength(1);
});

test('a whole key that is mistyped into the wrong place is not repeated', async () => {
  const practice = await openPractice();
  const secret = ['sk', 'ant', 'api03', `${'aB3dE6gH9'.repeat(10)}AA`].join('-');
  for (const words of [[secret], ['declare', `--${secret}`], ['show', secret]]) {
    const { code, out, err } = await run(practice, ...words);
    expect(code).toBe(2);
    expect(out + err).not.toContain('aB3dE6gH9aB3');
  }
});

test('the page for 03:00 works as it stands', async () => {
  const page = read('docs/break-glass.md');
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.startsWith('keyleak '));
  expect(commands.map((command) => command.split(' ')[1])).toEqual(['declare', 'deactivate', 'note', 'show']);
  const practice = await openPractice();
  const running = keyleak(practice.folder, practice.env, 'start');
  await running.says(CONNECTED);
  for (const command of commands) {
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    // Nobody sits at this terminal.
    const yes = words[1] === 'deactivate' ? ['--yes'] : [];
    const said = await run(practice, ...words.slice(1), ...yes);
    expect(said, `${command}\n${said.err}`).toMatchObject({ code: 0 });
  }
  expect(practice.anthropic.key(PROD)?.status).toBe('inactive');
});

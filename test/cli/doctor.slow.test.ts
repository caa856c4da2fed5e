// keyleak doctor as an operator runs it: real processes of the built files, practice services over loopback.

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Asked, askOne, ok } from '../../src/cli/doctor/checkup.ts';
import { nodeCheck } from '../../src/cli/doctor/machine.ts';
import { clockCheck, neededScopes } from '../../src/cli/doctor/services.ts';
import { type Environment, emptyFolder, keyleak, openPractice } from '../process/processes.ts';

interface Told {
  readonly code: number | null;
  readonly checks: Readonly<Record<string, Asked>>;
}

async function doctor(folder: string, env: Environment): Promise<Told> {
  const { code, out, err } = await keyleak(folder, env, 'doctor', '--json').ended;
  expect(err).toBe('');
  const { checks } = JSON.parse(out) as { checks: readonly Asked[] };
  return { code, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

describe('a checkup', () => {
  test('of a set-up that works has a line for each thing, no secret, and leaves nothing behind', async () => {
    const { folder, env, slack } = await openPractice();
    const { code, out, err } = await keyleak(folder, env, 'doctor').ended;
    expect([code, err], out).toEqual([0, 'keyleak can start.\n']);
    for (const words of [
      '✓ node',
      '✓ sqlite',
      '✓ database',
      'Slack says hello',
      'keys are listed',
      '✓ clock',
    ])
      expect(out).toContain(words);
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'ANTHROPIC_ADMIN_API_KEY'])
      expect(out).not.toContain(env[name]);
    expect(readdirSync(folder)).toEqual(['keyleak.yml']);
    expect(slack.channels().flatMap(({ messages }) => messages)).toEqual([]);
  });

  test('of a running bot leaves its connection alone and finds its database sound', async () => {
    const { folder, env } = await openPractice();
    const running = keyleak(folder, env, 'start');
    await running.says('keyleak is connected to Slack');
    const { code, checks } = await doctor(folder, env);
    expect(code).toBe(0);
    expect(checks['slack socket']).toMatchObject({
      state: 'skipped',
      found: expect.stringContaining('running'),
    });
    expect(checks.database).toMatchObject({ state: 'ok', found: expect.stringContaining('0 incidents') });
    expect(checks['signing key']).toMatchObject({ state: 'ok' });
  });

  test('without a configuration tells every mistake, and skips what depends on it', async () => {
    const { code, checks } = await doctor(emptyFolder(), {});
    expect(code).toBe(1);
    expect(checks.configuration).toMatchObject({ state: 'failed' });
    expect(checks.configuration?.found).toMatch(/SLACK_BOT_TOKEN[\s\S]*SLACK_APP_TOKEN[\s\S]*keyleak\.yml/);
    expect(checks['slack token']).toMatchObject({ state: 'skipped' });
    expect(checks.node).toMatchObject({ state: 'ok' });
  });

  test('names each thing that is wrong, and one that fails stops no other', async () => {
    const { folder, env } = await openPractice();
    writeFileSync(
      join(folder, 'keyleak.yml'),
      'slack:\n  responders: [U0NOBODY9, "@no-such-group"]\n  fallback: C0NOSUCHCH\n',
    );
    const wrong = {
      ...env,
      SLACK_APP_TOKEN: ['xapp', '1', 'A0', 'wrong'].join('-'),
      ANTHROPIC_ADMIN_API_KEY: ['sk', 'ant', 'admin01', 'wrong'].join('-'),
    };
    const { code, checks } = await doctor(folder, wrong);
    expect(code).toBe(1);
    expect(checks.responders).toMatchObject({
      state: 'failed',
      found: 'Slack does not know: @no-such-group, U0NOBODY9.',
    });
    expect(checks.fallback).toMatchObject({ state: 'failed' });
    expect(checks['slack socket']).toMatchObject({
      state: 'failed',
      found: expect.stringContaining('invalid_auth'),
    });
    expect(checks.anthropic).toMatchObject({ state: 'failed', fix: expect.stringMatching(/\.$/) });
    expect(checks['slack token']).toMatchObject({ state: 'ok' });
    expect(checks.clock).toMatchObject({ state: 'ok' });
    for (const { fix, state } of Object.values(checks)) if (state === 'failed') expect(fix).not.toBeNull();
  });

  test('tells a bot token that Slack refuses, and services that cannot be reached', async () => {
    const { folder, env } = await openPractice();
    const token = { ...env, SLACK_BOT_TOKEN: ['xoxb', 'wrong'].join('-') };
    const refused = (await doctor(folder, token)).checks;
    expect(refused['slack token']).toMatchObject({ state: 'failed' });
    expect(refused['slack scopes']).toMatchObject({ state: 'skipped' });
    const away = 'http://127.0.0.1:9';
    const { code, checks } = await doctor(folder, {
      ...env,
      SLACK_API_URL: `${away}/api/`,
      ANTHROPIC_BASE_URL: away,
    });
    expect(code).toBe(1);
    for (const name of ['slack token', 'slack socket', 'anthropic'])
      expect(checks[name], name).toMatchObject({ state: 'failed', fix: expect.stringContaining('network') });
    expect(checks.clock).toMatchObject({ state: 'skipped' });
  });

  test('tells scopes that were not granted', async () => {
    const scopes = neededScopes().filter((scope) => scope !== 'pins:write');
    const { folder, env } = await openPractice({ scopes });
    const { checks } = await doctor(folder, env);
    expect(checks['slack scopes']).toMatchObject({
      state: 'failed',
      found: 'Missing: pins:write.',
      fix: expect.stringContaining('OAuth & Permissions'),
    });
  });

  test('tells a database that lost its signing key, and one that is none', async () => {
    const { folder, env, database } = await openPractice();
    const running = keyleak(folder, env, 'start');
    await running.says('keyleak is connected to Slack');
    running.signal('SIGTERM');
    await running.ended;
    rmSync(`${database}.key`);
    expect((await doctor(folder, env)).checks['signing key']).toMatchObject({ state: 'failed' });
    writeFileSync(join(folder, 'other.db'), 'no database at all, but a long enough text to be looked at');
    const { checks } = await doctor(folder, { ...env, KEYLEAK_DB: join(folder, 'other.db') });
    expect(checks.database).toMatchObject({ state: 'failed' });
    expect(readdirSync(folder)).not.toContain('keyleak.db.key');
  });
});

test.each([
  ['20.18.3', 'failed'],
  ['18.20.0', 'failed'],
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
])('node %s is %s', async (version, state) => {
  expect(await askOne(nodeCheck(version))).toMatchObject({ state });
});

test.each([
  [1_000, 'ok'],
  [-45_000, 'warning'],
  [300_000, 'failed'],
])('a clock that is %i ms off is %s', async (ms, state) => {
  const skews = new Map([
    ['Anthropic', 10],
    ['Slack', ms],
  ]);
  expect(await askOne(clockCheck(skews))).toMatchObject({ state });
});

test('a question that fails in an unforeseen way is a finding, not an end', async () => {
  const broken = { name: 'broken', ask: () => Promise.reject(new TypeError('x is not a function')) };
  expect(await askOne(broken)).toMatchObject({ state: 'failed', fix: expect.stringContaining('Report') });
  expect(await askOne({ name: 'fine', ask: async () => ok('Fine.') })).toMatchObject({ state: 'ok' });
});

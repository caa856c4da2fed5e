// The practice workspace of the demo: the practice services on loopback ports, and the real bot started against them as in
// production, with a database, a configuration and a signing key of its own.

import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Keyleak } from '../app.ts';
import { loadConfig } from '../config.ts';
import type { Alarm, Clock } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';
import { mask } from '../domain/redaction.ts';
import { createLog } from '../log.ts';
import { createPracticeAnthropic, type PracticeAnthropic } from '../sandbox/anthropic/practice-anthropic.ts';
import { servePractice } from '../sandbox/serve.ts';
import { PRACTICE } from '../sandbox/slack/people.ts';
import { createPracticeSlack, type PracticeSlack } from '../sandbox/slack/practice-slack.ts';
import { createSocketReceiver } from '../slack/receivers.ts';
import { boot } from './boot.ts';
import { realWorld } from './world.ts';

export interface DemoWorld {
  readonly folder: string;
  readonly database: string;
  readonly slack: PracticeSlack;
  readonly anthropic: PracticeAnthropic;
  readonly bot: Keyleak;
  readonly time: DemoTime;
  close(): Promise<void>;
}

/** The time of the services and the bot alike: the machine's, until it is put forward. */
export interface DemoTime {
  readonly clock: Clock;
  forward(ms: number): void;
}

function demoTime(machine: Clock): DemoTime {
  let ahead = 0;
  return {
    clock: { now: () => machine.now() + ahead },
    forward(ms) {
      ahead += ms;
    },
  };
}

const YAML = `# The practice workspace. A real one has your own ids here.
slack:
  responders: ["@security-oncall"]
  managers: [${PRACTICE.mei}]
  fallback: ${PRACTICE.security}
systems:
  - name: api-gateway
    owner: ${PRACTICE.dana}
    how: kubectl rollout restart deploy/api-gateway
    keys: ["prod-api-gateway-*"]
  - name: search
    owner: ${PRACTICE.dana}
    how: kubectl rollout restart deploy/search
    keys: ["prod-search-*"]
`;

/** Makes a folder that was not there: the wanted one, or the same with a number. Throws KL_DEMO_FOLDER. */
async function freshFolder(cwd: string, wanted: string): Promise<string> {
  const first = resolve(cwd, wanted);
  let folder = first;
  for (let count = 2; existsSync(folder); count += 1) folder = `${first}-${count}`;
  try {
    if (existsSync(first) && !statSync(first).isDirectory()) throw new Error('it is a file');
    await makeFolder(folder);
  } catch (cause) {
    throw new KeyleakError(
      'KL_DEMO_FOLDER',
      `The demo cannot leave its files in ${mask(first).text}.`,
      'Name a folder that can be made: keyleak demo --directory PATH.',
      { cause },
    );
  }
  return folder;
}

/** Each missing folder by itself: where none can be made, the recursive way of Node does not come back. */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  if (!existsSync(parent)) await makeFolder(parent);
  await mkdir(folder);
}

/** Starts services and bot. What it leaves behind lies in one new folder. */
export async function openDemoWorld(cwd: string, wanted: string, machine: Clock): Promise<DemoWorld> {
  const time = demoTime(machine);
  const { clock } = time;
  const folder = await freshFolder(cwd, wanted);
  const secret = (): string => randomBytes(12).toString('hex');
  const tokens = {
    bot: ['xoxb', 'practice', secret()].join('-'),
    app: ['xapp', '1', 'A0PRACTICE', '1', secret()].join('-'),
    admin: ['sk', 'ant', 'admin01', secret()].join('-'),
  };
  const log = createLog({ level: 'warn', destination: process.stderr });
  const alarm: Alarm = realWorld({ log, receiver: neverReceives }).alarm;
  const slack = createPracticeSlack({
    clock,
    randomness: { bytes: (count) => randomBytes(count) },
    alarm,
    botToken: tokens.bot,
    appToken: tokens.app,
  });
  const anthropic = createPracticeAnthropic({ clock, adminKey: tokens.admin });
  const served = await servePractice({
    slack,
    handlers: { anthropic },
    alarm,
    onFault: (error) => log.error(error),
    ticket: secret,
  });

  const file = join(folder, 'keyleak.yml');
  await writeFile(file, YAML);
  const database = join(folder, 'keyleak.db');
  const config = loadConfig({
    env: {
      SLACK_BOT_TOKEN: tokens.bot,
      SLACK_APP_TOKEN: tokens.app,
      SLACK_API_URL: served.slackApiUrl,
      ANTHROPIC_ADMIN_API_KEY: tokens.admin,
      ANTHROPIC_BASE_URL: served.urls.anthropic,
      KEYLEAK_DB: database,
      KEYLEAK_CONFIG: file,
    },
    cwd: folder,
    need: 'bot',
  });
  const world = {
    ...realWorld({
      log,
      receiver: (parts) =>
        createSocketReceiver({ ...parts, appToken: tokens.app, apiUrl: served.slackApiUrl }),
    }),
    clock,
  };
  const bot = await boot(config, world, 'keyleak demo');
  await bot.start();
  await bot.connected();
  await bot.idle();
  return {
    folder,
    database,
    slack,
    anthropic,
    bot,
    time,
    async close() {
      await bot.stop();
      await served.close();
    },
  };
}

function neverReceives(): never {
  throw new Error('this world has no receiver');
}

// Real processes of keyleak out of the built files, and the practice services that they reach over loopback.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Alarm } from '../../src/domain/clock.ts';
import {
  createPracticeAnthropic,
  type PracticeAnthropic,
} from '../../src/sandbox/anthropic/practice-anthropic.ts';
import { createPracticeReceiver, type PracticeReceiver } from '../../src/sandbox/paging/practice-receiver.ts';
import { servePractice } from '../../src/sandbox/serve.ts';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { createPracticeSlack, type PracticeSlack } from '../../src/sandbox/slack/practice-slack.ts';
import type { Policy } from '../../src/sandbox/slack/world.ts';
import { seeded } from '../support/virtual-time.ts';
import { TOKENS } from '../support/workspace.ts';

export interface Process {
  readonly pid: number;
  /** Resolves when stderr holds `text`; rejects with all that was said when the process ends before. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export type Environment = Readonly<Record<string, string>>;

const KEYLEAK = new URL('../../dist/cli/keyleak.js', import.meta.url);

/** Runs `keyleak` with these words, in this folder, with nothing in its environment but `env`. */
export function keyleak(cwd: string, env: Environment, ...words: readonly string[]): Process {
  return start(fileURLToPath(KEYLEAK), cwd, env, words);
}

/** Runs the bot of bot.child.mjs. */
export function bot(cwd: string, env: Environment): Process {
  return start(fileURLToPath(new URL('bot.child.mjs', import.meta.url)), cwd, env, []);
}

/** The process is killed when the test ends. */
function start(file: string, cwd: string, env: Environment, words: readonly string[]): Process {
  if (!existsSync(KEYLEAK)) {
    throw new Error('There is no dist/cli/keyleak.js. These tests run the built files: npm run build');
  }
  const child: ChildProcess = spawn(process.execPath, [file, ...words], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error(`${file} did not start`);
  let out = '';
  let err = '';
  const hearers = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const hear of hearers) hear();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid,
    says(text) {
      return new Promise((resolve, reject) => {
        const hear = (): void => {
          if (!err.includes(text)) return;
          hearers.delete(hear);
          resolve();
        };
        hearers.add(hear);
        hear();
        void ended.then((end) => reject(new Error(`ended before it said “${text}”: ${JSON.stringify(end)}`)));
      });
    },
    signal: (name) => void child.kill(name),
    ended,
  };
}

/** An empty folder, gone when the test ends. */
export function emptyFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'keyleak-process-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Practice {
  readonly slack: PracticeSlack;
  readonly anthropic: PracticeAnthropic;
  readonly paging: PracticeReceiver;
  /** Has a keyleak.yml; a bot's working directory. */
  readonly folder: string;
  readonly database: string;
  /** What a bot needs to know to work here. */
  readonly env: Environment;
  readonly faults: readonly unknown[];
}

const YAML = `slack:
  responders: ["@security-oncall"]
  managers: [${PRACTICE.mei}]
  fallback: ${PRACTICE.security}
`;

/** The practice services in this process, on loopback ports. They close when the test ends. */
export async function openPractice(
  parts: {
    scopes?: readonly string[];
    before?: (request: Request) => Promise<void>;
    /** How far the services' clock is ahead of the machine's, in milliseconds. */
    ahead?: () => number;
    policy?: Policy;
  } = {},
): Promise<Practice> {
  const { ahead = () => 0 } = parts;
  const clock = { now: () => Date.now() + ahead() };
  const alarm: Alarm = (ms, wake) => {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  };
  const chance = seeded(5);
  const folder = emptyFolder();
  const slack = createPracticeSlack({
    clock,
    alarm,
    randomness: chance,
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    ...(parts.scopes === undefined ? {} : { scopes: parts.scopes }),
    ...(parts.policy === undefined ? {} : { policy: parts.policy }),
  });
  const anthropic = createPracticeAnthropic({ clock, adminKey: TOKENS.admin });
  const paging = createPracticeReceiver({ clock, secret: TOKENS.paging });
  const faults: unknown[] = [];
  const services = await servePractice({
    slack: {
      ...slack,
      async fetch(input, init) {
        const request = new Request(input, init);
        await parts.before?.(request);
        return slack.fetch(request);
      },
    },
    handlers: { anthropic, paging },
    alarm,
    onFault: (error) => faults.push(error),
    ticket: () => Buffer.from(chance.bytes(8)).toString('hex'),
  });
  onTestFinished(() => services.close());
  writeFileSync(join(folder, 'keyleak.yml'), `${YAML}paging:\n  webhook: ${services.urls.paging}/page\n`);
  const database = join(folder, 'keyleak.db');
  const env = {
    SLACK_BOT_TOKEN: TOKENS.bot,
    SLACK_APP_TOKEN: TOKENS.app,
    SLACK_API_URL: services.slackApiUrl,
    ANTHROPIC_ADMIN_API_KEY: TOKENS.admin,
    ANTHROPIC_BASE_URL: services.urls.anthropic ?? '',
    PAGING_WEBHOOK_SECRET: TOKENS.paging,
    KEYLEAK_DB: database,
  };
  return { slack, anthropic, paging, folder, database, env, faults };
}

// The whole bot as in production (real Bolt, real SQLite, the vendors' SDKs) between the practice services, in one process
// and on a clock that moves only when told. What a test wants to break it wraps: `fetch` by service, boundaries by name.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Receiver } from '@slack/bolt';
import { createKeyleak, type Keyleak } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { Boundary } from '../../src/domain/clock.ts';
import type { Store } from '../../src/domain/ports.ts';
import type { Run } from '../../src/domain/run.ts';
import { runbooks } from '../../src/engine/runbooks.ts';
import { createLog } from '../../src/log.ts';
import {
  createPracticeAnthropic,
  type PracticeAnthropic,
} from '../../src/sandbox/anthropic/practice-anthropic.ts';
import { createPracticeReceiver, type PracticeReceiver } from '../../src/sandbox/paging/practice-receiver.ts';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import {
  createPracticeSlack,
  type PracticeSlack,
  type PracticeSlackParts,
} from '../../src/sandbox/slack/practice-slack.ts';
import { openSigningKey } from '../../src/store/signing-key.ts';
import { openStore } from '../../src/store/store.ts';
import { shippedRunbook, shippedRunbooks, T0 } from './cases.ts';
import { httpLine } from './http-line.ts';
import { inProcessReceiver } from './in-process-receiver.ts';
import { type Chance, seeded, type VirtualTime, virtualTime } from './virtual-time.ts';

export const TOKENS = {
  bot: ['xoxb', 'practice', 'bot'].join('-'),
  app: ['xapp', '1', 'A0', 'practice'].join('-'),
  admin: ['sk', 'ant', 'admin01', 'practice'].join('-'),
  paging: ['whsec', Buffer.from('a secret for practice alone').toString('base64')].join('_'),
};

export type Service = 'slack' | 'anthropic' | 'paging';
export type Wrap = (service: Service, fetch: typeof globalThis.fetch) => typeof globalThis.fetch;

export interface WorkspaceParts {
  readonly seed?: number;
  readonly start?: number;
  readonly adminKey?: boolean;
  /** The database lies in memory, where the machine has such a place: nothing waits for a disk. */
  readonly inMemory?: boolean;
  readonly slack?: Partial<PracticeSlackParts>;
  readonly yaml?: string;
  /** Faults, or none. */
  readonly wrap?: Wrap;
  readonly boundary?: Boundary;
  /** What Slack's deliveries pass through on their way to the bot. */
  readonly link?: (slack: PracticeSlack) => Pick<PracticeSlack, 'connect'>;
  /** Slack's deliveries come as signed requests over HTTP, some of them twice. */
  readonly http?: { readonly replayed: () => boolean };
}

export interface Workspace {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly slack: PracticeSlack;
  readonly anthropic: PracticeAnthropic;
  /** Who is paged; the configuration names it unless `yaml` says otherwise. */
  readonly paging: PracticeReceiver;
  readonly database: string;
  /** Lines that the bot logged. */
  readonly logged: string[];
  /** Bodies and addresses of everything that left. */
  readonly sent: { readonly service: Service; readonly what: string; readonly body: string }[];
  /** The bot that runs now. */
  bot(): Keyleak;
  /** Every intent of an incident, as it is stored. */
  runs(incident: string): Promise<readonly Run[]>;
  /** Waits until nothing moves any more at this moment. */
  settle(): Promise<void>;
  /** Lets time pass, ringing every alarm on the way and waiting for what it sets off. */
  pass(ms: number): Promise<void>;
  /** Starts a bot on the database; the one before must have ended. */
  start(): Promise<void>;
  /** From this moment on nothing that the bot does has any effect; `crash` buries it. */
  kill(): void;
  /** Ends the bot as a crash does. What is under way at a service goes on there. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** One bot from its start to its end. */
interface Life {
  alive: boolean;
  readonly bot: Keyleak;
  readonly store: Store;
  readonly receiver: Receiver;
}

const MEMORY = '/dev/shm';
const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

const YAML = `slack:
  responders: ["@security-oncall"]
  managers: [${PRACTICE.mei}]
  fallback: ${PRACTICE.security}
paging:
  webhook: https://pager.example.com/keyleak
`;

function serviceOf(host: string): Service {
  if (host.endsWith('slack.com')) return 'slack';
  return host === 'pager.example.com' ? 'paging' : 'anthropic';
}

export async function openWorkspace(parts: WorkspaceParts = {}): Promise<Workspace> {
  const time = virtualTime(parts.start ?? T0);
  const chance = seeded(parts.seed ?? 1);
  const ground = parts.inMemory === true && existsSync(MEMORY) ? MEMORY : tmpdir();
  const folder = mkdtempSync(join(ground, 'keyleak-'));
  const database = join(folder, 'keyleak.db');
  const slack = createPracticeSlack({
    clock: time.clock,
    randomness: chance,
    alarm: time.alarm,
    botToken: TOKENS.bot,
    appToken: TOKENS.app,
    ...parts.slack,
  });
  const anthropic = createPracticeAnthropic({ clock: time.clock, adminKey: TOKENS.admin });
  const paging = createPracticeReceiver({ clock: time.clock, secret: TOKENS.paging });
  const logged: string[] = [];
  const sent: { service: Service; what: string; body: string }[] = [];
  const configFile = join(folder, 'keyleak.yml');
  writeFileSync(configFile, parts.yaml ?? YAML);
  const config = loadConfig({
    env: {
      SLACK_BOT_TOKEN: TOKENS.bot,
      SLACK_APP_TOKEN: TOKENS.app,
      PAGING_WEBHOOK_SECRET: TOKENS.paging,
      ...(parts.adminKey === false ? {} : { ANTHROPIC_ADMIN_API_KEY: TOKENS.admin }),
      KEYLEAK_DB: database,
      KEYLEAK_CONFIG: configFile,
    },
    cwd: folder,
    need: 'bot',
  });
  const signer = await openSigningKey(config.signingKey);
  const runbook = shippedRunbook();
  const all = await shippedRunbooks();

  let active = 0;
  const lives: { alive: boolean }[] = [];
  let life: Life | null = null;

  const services: Record<Service, typeof fetch> = {
    slack: (input, init) => slack.fetch(input, init),
    anthropic: (input, init) => anthropic.fetch(input, init),
    paging: (input, init) => paging.fetch(input, init),
  };
  const wrap: Wrap = parts.wrap ?? ((_, inner) => inner);
  const wrapped = {
    slack: wrap('slack', services.slack),
    anthropic: wrap('anthropic', services.anthropic),
    paging: wrap('paging', services.paging),
  };

  function network(own: { alive: boolean }): typeof fetch {
    return async (input, init) => {
      if (!own.alive) throw new TypeError('fetch failed');
      const request = new Request(input, init);
      const url = new URL(request.url);
      const service = serviceOf(url.hostname);
      const body = request.body === null ? '' : await request.clone().text();
      sent.push({ service, what: `${request.method} ${url.pathname}${url.search}`, body });
      active += 1;
      try {
        const response = await wrapped[service](request);
        if (!own.alive) throw new TypeError('fetch failed');
        return response;
      } finally {
        active -= 1;
      }
    };
  }

  async function start(): Promise<void> {
    const own = { alive: true };
    lives.push(own);
    const boundary: Boundary = (name) => {
      if (!own.alive) throw new Error('this bot is dead');
      parts.boundary?.(name);
    };
    const store = await openStore({
      path: database,
      migrations: MIGRATIONS,
      signer,
      clock: time.clock,
      randomness: chance,
      boundary,
      holder: null,
    });
    const line = parts.link?.(slack) ?? slack;
    const receiver =
      parts.http === undefined
        ? inProcessReceiver(line)
        : httpLine({
            slack: line,
            clock: time.clock,
            alarm: time.alarm,
            say: (said) => logged.push(said),
            ...parts.http,
          });
    const bot = createKeyleak({
      config,
      store,
      signer,
      runbooks: runbooks(all, runbook),
      world: {
        clock: time.clock,
        alarm: (ms, wake) => time.alarm(ms, () => (own.alive ? wake() : undefined)),
        randomness: chance,
        fetch: network(own),
        boundary,
        log: createLog({ level: 'debug', destination: { write: (line: string) => logged.push(line) } }),
        receiver: () => receiver,
      },
    });
    life = { ...own, bot, store, receiver };
    await bot.start();
    await settle();
  }

  function bot(): Keyleak {
    if (life === null) throw new Error('no bot runs');
    return life.bot;
  }

  async function settle(): Promise<void> {
    let quiet = 0;
    let seen = -1;
    while (quiet < 3) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = sent.length * 1_000 + active;
      quiet = now === seen ? quiet + 1 : 0;
      seen = now;
    }
  }

  async function pass(ms: number): Promise<void> {
    const end = time.clock.now() + ms;
    for (;;) {
      await settle();
      if (!time.ringWithin(end - time.clock.now())) break;
    }
    time.step(Math.max(0, end - time.clock.now()));
    await settle();
  }

  function kill(): void {
    for (const own of lives) own.alive = false;
  }

  async function crash(): Promise<void> {
    kill();
    const dead = life;
    life = null;
    await dead?.receiver.stop();
    await dead?.store.close();
  }

  await start();
  return {
    time,
    chance,
    slack,
    anthropic,
    paging,
    database,
    logged,
    sent,
    bot,
    runs: async (incident) => (await life?.store.runs(incident)) ?? [],
    settle,
    pass,
    start,
    kill,
    crash,
    async close() {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

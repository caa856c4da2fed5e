// How fast a key dies: from the press to the first request at the provider while Slack takes two seconds for everything,
// many keys against the round trips that they need, and the same against a provider that lets ten a second through.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, Receiver } from '@slack/bolt';
import { createKeyleak } from '../src/app.ts';
import { realWorld } from '../src/cli/world.ts';
import { loadConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { createPracticeAnthropic } from '../src/sandbox/anthropic/practice-anthropic.ts';
import { key } from '../src/sandbox/anthropic/world.ts';
import { ACTION, encodeTarget } from '../src/slack/ids.ts';
import { openShipped } from './book.ts';
import { type Gate, quantile, summary } from './paired.ts';

const RTT_MS = 150;
const SLACK_MS = 2_000;
const KEYS = 50;
/** Keys that one incident holds at most. */
const PER_INCIDENT = 20;
const PRESSES = 40;
/** Requests for one death: look, deactivate, look again. */
const REQUESTS = 3;
/** Runs that are in hand at once. */
const AT_ONCE = 16;
const LIMIT_PER_SECOND = 10;

const RIO = { actor: 'U0RIOA', role: 'responder', grounds: { by: 'configured', listAgeMs: null } } as const;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Contained {
  readonly app: () => App;
  readonly bot: ReturnType<typeof createKeyleak>;
  readonly anthropic: ReturnType<typeof createPracticeAnthropic>;
  /** When each request reached the provider, milliseconds of `performance.now`, from the last reset on. */
  readonly arrivals: number[];
  /** Slack was called so often since the start. */
  slackCalls(): number;
  close(): Promise<void>;
}

async function open(parts: { count: number; perSecond: number | null }): Promise<Contained> {
  const folder = mkdtempSync(join(tmpdir(), 'keyleak-bench-'));
  const file = join(folder, 'keyleak.yml');
  writeFileSync(file, 'slack:\n  responders: [U0RIOA]\n  managers: [U0MEIT]\n');
  const admin = ['sk', 'ant', 'admin01', 'bench'].join('-');
  const config = loadConfig({
    env: {
      SLACK_BOT_TOKEN: ['xoxb', 'bench'].join('-'),
      SLACK_SIGNING_SECRET: 'a-signing-secret-for-measurements',
      ANTHROPIC_ADMIN_API_KEY: admin,
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      KEYLEAK_DB: join(folder, 'keyleak.db'),
      KEYLEAK_CONFIG: file,
    },
    cwd: folder,
    need: 'bot',
  });
  const clock = { now: () => Date.now() };
  const keys = Array.from({ length: parts.count }, (_, n) => {
    const mark = String(n).padStart(3, '0');
    return key(`apikey_01Bench${mark}`, `prod-bench-${mark}`, `sk-ant-api03-B${mark.slice(0, 2)}...b${mark}`);
  });
  const anthropic = createPracticeAnthropic({ clock, adminKey: admin, keys });
  const arrivals: number[] = [];
  let slack = 0;
  let tokens = parts.perSecond ?? 0;
  let filled = performance.now();
  const provider = async (request: Request): Promise<Response> => {
    arrivals.push(performance.now());
    await wait(RTT_MS / 2);
    if (parts.perSecond !== null) {
      const now = performance.now();
      tokens = Math.min(parts.perSecond, tokens + ((now - filled) / 1_000) * parts.perSecond);
      filled = now;
      if (tokens < 1) {
        const body = { type: 'error', error: { type: 'rate_limit_error', message: 'slow' } };
        return Response.json(body, { status: 429, headers: { 'retry-after': '1' } });
      }
      tokens -= 1;
    }
    const response = await anthropic.fetch(request);
    await wait(RTT_MS / 2);
    return response;
  };
  let app: App | null = null;
  const receiver: Receiver = {
    init(to) {
      app = to;
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
  const world = {
    ...realWorld({
      log: createLog({ level: 'silent', destination: process.stderr }),
      receiver: () => receiver,
    }),
    async fetch(input: string | URL | Request, init?: RequestInit) {
      const request = new Request(input, init);
      if (request.url.includes('127.0.0.1:1/')) return provider(request);
      slack += 1;
      await wait(SLACK_MS);
      return Response.json({ ok: false, error: 'internal_error' });
    },
  };
  const bot = createKeyleak({ config, world, ...(await openShipped(config.database)) });
  await bot.start();
  return {
    app() {
      if (app === null) throw new Error('no app');
      return app;
    },
    bot,
    anthropic,
    arrivals,
    slackCalls: () => slack,
    async close() {
      await bot.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Declares `count` keys by their ids and waits until each is identified. */
async function declared({ bot }: Contained, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let from = 0; from < count; from += PER_INCIDENT) {
    const reports = Array.from({ length: Math.min(PER_INCIDENT, count - from) }, (_, n) => {
      const id = `apikey_01Bench${String(from + n).padStart(3, '0')}`;
      return { query: { shape: 'id' as const, id }, words: id };
    });
    const { case: subject } = await bot.engine.declare({
      by: RIO,
      source: 'slash',
      team: 'T0ACME',
      enterprise: null,
      reports,
      where: '',
      declaredIn: null,
      delivery: null,
    });
    if (subject !== null) ids.push(subject.incident.id);
  }
  for (const id of ids)
    while ((await bot.engine.view(id))?.incident.keys.some(({ facts }) => facts === null)) await wait(20);
  return ids;
}

function press(incident: string, subject: string, candidate: string, n: number): Record<string, unknown> {
  return {
    type: 'block_actions',
    team: { id: 'T0ACME', domain: 'acme' },
    user: { id: 'U0RIOA', username: 'rio', name: 'rio', team_id: 'T0ACME' },
    api_app_id: 'A0KEYLEAK',
    token: 'x',
    trigger_id: `1.2.press${n}`,
    container: { type: 'message', message_ts: '1.1', channel_id: 'C0ROOM', is_ephemeral: false },
    channel: { id: 'C0ROOM', name: 'room' },
    actions: [
      {
        type: 'button',
        action_id: ACTION.deactivate,
        block_id: 'b',
        action_ts: `${n}.1`,
        value: encodeTarget({ incident, step: 'deactivate-key', key: subject, candidate }),
      },
    ],
  };
}

/** Milliseconds from a press to the first request that follows it, with Slack at two seconds a call. */
async function firstRequests(): Promise<readonly number[]> {
  const contained = await open({ count: PRESSES, perSecond: null });
  const ids = await declared(contained, PRESSES);
  const took: number[] = [];
  let n = 0;
  for (const id of ids) {
    const keys = (await contained.bot.engine.view(id))?.incident.keys ?? [];
    for (const { subject, facts } of keys) {
      n += 1;
      // What else is under way, such as usage figures, is let through first.
      await wait(2 * RTT_MS);
      contained.arrivals.length = 0;
      const start = performance.now();
      void contained.app().processEvent({
        body: press(id, subject, facts?.id ?? '', n),
        ack: async () => undefined,
      });
      while (contained.arrivals.length === 0) await new Promise((resolve) => setImmediate(resolve));
      took.push((contained.arrivals[0] ?? Number.NaN) - start);
    }
  }
  await contained.close();
  return took;
}

/** Milliseconds until the provider has every one of `KEYS` keys inactive, all asked for at once. */
async function allDead(perSecond: number | null): Promise<number> {
  const contained = await open({ count: KEYS, perSecond });
  const ids = await declared(contained, KEYS);
  await wait(2_000);
  const start = performance.now();
  for (const id of ids)
    for (const { subject } of (await contained.bot.engine.view(id))?.incident.keys ?? [])
      await contained.bot.engine.request(
        id,
        RIO,
        { type: 'perform', step: 'deactivate-key', key: subject, candidate: null },
        null,
      );
  const dead = (): boolean => contained.anthropic.keys().every(({ status }) => status === 'inactive');
  while (!dead()) await wait(5);
  const took = performance.now() - start;
  await contained.close();
  return took;
}

const NONE = { median: 1, low: 1, high: 1 };

export async function benchContain(): Promise<readonly Gate[]> {
  const presses = (await firstRequests()).toSorted((a, b) => a - b);
  const p50 = quantile(presses, 0.5);
  const p99 = quantile(presses, 0.99);
  console.log(
    `contain: press to first request, Slack at ${SLACK_MS} ms a call: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
  const trips = Math.ceil(KEYS / AT_ONCE) * REQUESTS * RTT_MS;
  const runs: number[] = [];
  for (let run = 0; run < 5; run += 1) runs.push((await allDead(null)) / trips);
  const limited: number[] = [];
  // Every key needs its three requests; the first ten of all are there at once.
  const atLimit = ((KEYS * REQUESTS - LIMIT_PER_SECOND) / LIMIT_PER_SECOND) * 1_000;
  for (let run = 0; run < 2; run += 1) limited.push((await allDead(LIMIT_PER_SECOND)) / atLimit);
  return [
    {
      name: 'contain: press to first request over 10 ms',
      ratio: summary(presses.map((ms) => ms / 10)),
      control: NONE,
      goal: 1,
      limit: 3,
    },
    {
      name: `contain: ${KEYS} keys over their round trips`,
      ratio: summary(runs),
      control: NONE,
      goal: 1.2,
      limit: 1.4,
    },
    {
      name: `contain: ${KEYS} keys at ${LIMIT_PER_SECOND} requests a second`,
      ratio: summary(limited),
      control: NONE,
      goal: 1.15,
      limit: 1.3,
    },
  ];
}

// The real Bolt app over the real engine and a real store in memory. Slack is a fetch that records what it is sent and
// answers as it is told; deliveries go straight into the app.

import { fileURLToPath } from 'node:url';
import type { App, Logger, Receiver } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import type { LoggedEntry } from '../../src/domain/entry.ts';
import { PLAIN_HOUSE } from '../../src/domain/house-rules.ts';
import type { KeyFacts } from '../../src/domain/key.ts';
import type { RemoteError } from '../../src/domain/remote-error.ts';
import { createEngine, type EngineCore } from '../../src/engine/engine.ts';
import { createKeyCache } from '../../src/engine/key-cache.ts';
import { runbooks } from '../../src/engine/runbooks.ts';
import { createSlackApp, type SlackApp } from '../../src/slack/app.ts';
import { createPeople, type People } from '../../src/slack/people.ts';
import { openStore } from '../../src/store/store.ts';
import { shippedRunbook, T0 } from './cases.ts';
import { signerNamed } from './signers.ts';
import { seeded, type VirtualTime, virtualTime } from './virtual-time.ts';

export const API = 'https://slack.com/api/';
const BOT_TOKEN = ['xoxb', 'rig'].join('-');

/** What reached Slack: a Web API method with its arguments, or `response_url` with the message. */
export interface Call {
  readonly what: string;
  readonly url: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export type Script = (call: Call) => Promise<object> | object;

export interface Delivered {
  /** What was acknowledged with, in order; `undefined` for a bare one. */
  readonly acks: readonly unknown[];
}

export interface Rig {
  readonly app: SlackApp;
  readonly engine: EngineCore;
  readonly people: People;
  readonly time: VirtualTime;
  readonly calls: readonly Call[];
  /** Calls and acknowledgements in the order in which they happened. */
  readonly order: readonly string[];
  readonly faults: readonly unknown[];
  readonly logged: readonly string[];
  /** How Slack answers a method from now on; `ok` is added. Throwing stands for a lost connection. */
  script(method: string, answer: Script): void;
  /** Resolves when the app is done with it. */
  deliver(body: object): Promise<Delivered>;
  /** A complete listing, as the background reads it. */
  offer(keys: readonly KeyFacts[]): void;
  /** The background cannot read the list. */
  refuseKeys(why: RemoteError): Promise<void>;
  entries(id: string): Promise<readonly LoggedEntry['entry'][]>;
  /** The text of everything that this person could read, blocks included. */
  seen(): string;
}

export interface RigParts {
  readonly responders?: readonly string[];
  readonly managers?: readonly string[];
  readonly automated?: (action: string) => boolean;
  /** Wraps the engine that the app is given. */
  readonly engine?: (engine: EngineCore) => EngineCore;
}

export const RESPONDER = 'U0RESPONDER';
export const MANAGER = 'U0MANAGER';
export const SOMEBODY = 'U0SOMEBODY';

export async function openRig(parts: RigParts = {}): Promise<Rig> {
  const time = virtualTime(T0);
  const chance = seeded(1);
  const store = await openStore({
    path: ':memory:',
    migrations: fileURLToPath(new URL('../../migrations', import.meta.url)),
    signer: signerNamed('slack'),
    clock: time.clock,
    randomness: chance,
    boundary: () => undefined,
    holder: null,
  });
  const keys = createKeyCache();
  const engine = createEngine({
    store,
    runbooks: runbooks(new Map(), shippedRunbook()),
    rules: PLAIN_HOUSE,
    clock: time.clock,
    randomness: chance,
    automated: parts.automated ?? (() => true),
    keys,
    boundary: () => undefined,
  });

  const calls: Call[] = [];
  const order: string[] = [];
  const logged: string[] = [];
  const scripts = new Map<string, Script>();
  const recording: typeof fetch = async (input, init) => {
    const call = await readCall(new Request(input, init));
    calls.push(call);
    order.push(call.what);
    const answer = await scripts.get(call.what)?.(call);
    if (answer instanceof Response) return answer;
    return Response.json({ ok: true, ...usual(call), ...answer });
  };
  const client = new WebClient(BOT_TOKEN, {
    slackApiUrl: API,
    fetch: recording,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent(logged),
  });
  const people = createPeople({
    client,
    responders: parts.responders ?? [RESPONDER],
    managers: parts.managers ?? [MANAGER],
    group: (name) => store.group(name),
    saveGroup: (name, members, readAt) => store.saveGroup(name, members, readAt),
    clock: time.clock,
    alarm: time.alarm,
  });
  const faults: unknown[] = [];
  const receiver = directReceiver();
  const app = createSlackApp({
    engine: parts.engine?.(engine) ?? engine,
    people,
    client,
    botToken: BOT_TOKEN,
    apiUrl: API,
    fetch: recording,
    receiver,
    alarm: time.alarm,
    clock: time.clock,
    logger: silent(logged),
    onFault: (error) => faults.push(error),
  });
  onTestFinished(() => store.close());

  const said: unknown[] = [];
  return {
    app,
    engine,
    people,
    time,
    calls,
    order,
    faults,
    logged,
    script: (method, answer) => scripts.set(method, answer),
    async deliver(body) {
      const acks: unknown[] = [];
      await receiver.app().processEvent({
        body: structuredClone(body) as Record<string, unknown>,
        ack: async (answer: unknown) => {
          acks.push(answer);
          said.push(answer);
          order.push('ack');
        },
      });
      return { acks };
    },
    offer: (listed) => keys.offer({ keys: listed, complete: true, readAt: time.clock.now() }),
    async refuseKeys(why) {
      const provider = { list: () => Promise.reject(why) };
      await keys.refresh(provider, new AbortController().signal).catch(() => undefined);
    },
    async entries(id) {
      return ((await store.load(id)) ?? []).map(({ entry }) => entry);
    },
    seen: () => JSON.stringify([said, calls.map(({ args }) => args)]),
  };
}

interface DirectReceiver extends Receiver {
  app(): App;
}

function directReceiver(): DirectReceiver {
  let app: App | null = null;
  return {
    init(to) {
      app = to;
    },
    start: async () => undefined,
    stop: async () => undefined,
    app() {
      if (app === null) throw new Error('no app');
      return app;
    },
  };
}

async function readCall(request: Request): Promise<Call> {
  const { href, pathname, host } = new URL(request.url);
  const text = await request.text();
  if (host === 'hooks.slack.com') return { what: 'response_url', url: href, args: JSON.parse(text) };
  const args = Object.fromEntries(
    [...new URLSearchParams(text)].map(([name, value]) => [
      name,
      name === 'blocks' || name === 'view' ? JSON.parse(value) : value,
    ]),
  );
  return { what: pathname.replace('/api/', ''), url: href, args };
}

/** What Slack answers when nobody says otherwise: everybody is a member of the workspace. */
function usual({ what, args }: Call): object {
  if (what === 'users.info') return { user: { id: args.user, team_id: 'T0ACME' } };
  if (what === 'auth.test') return { team_id: 'T0ACME', user_id: 'U0KEYLEAK' };
  if (what === 'conversations.open') return { channel: { id: 'D0DIRECT' } };
  if (what === 'usergroups.list') return { usergroups: [] };
  return {};
}

function silent(lines: string[]): Logger {
  const log = (...words: unknown[]): void => {
    lines.push(words.map(String).join(' '));
  };
  return {
    debug: () => undefined,
    info: log,
    warn: log,
    error: log,
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}

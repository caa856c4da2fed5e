// The composition root: joins the rooms into one bot. Nothing else knows more than its own room and the domain.

import type { Logger, Receiver } from '@slack/bolt';
import { ACTIONS, automatedWith, PATIENT_ACTIONS } from './actions/registry.ts';
import type { BotConfig } from './config.ts';
import type { Alarm, Boundary, Clock, Randomness } from './domain/clock.ts';
import type { Case } from './domain/incident.ts';
import type { Pager } from './domain/pager.ts';
import type { KeyProvider, Signer, Store } from './domain/ports.ts';
import { createEngine, type EngineCore } from './engine/engine.ts';
import { createKeyCache } from './engine/key-cache.ts';
import { createPeriodic } from './engine/periodic.ts';
import type { Runbooks } from './engine/runbooks.ts';
import { createRunner, type Runner } from './engine/runner.ts';
import { createTimekeeper, type Timekeeper } from './engine/timekeeper.ts';
import { boltLogger, type Log } from './log.ts';
import { createOutbound, slackOrigins } from './outbound.ts';
import { createWebhookPager } from './paging/webhook.ts';
import { createAnthropicProvider } from './providers/anthropic.ts';
import { sharedListing } from './providers/shared-listing.ts';
import { createSlackApp, type SlackApp } from './slack/app.ts';
import { type Board, createBoard } from './slack/board.ts';
import { createChat } from './slack/chat.ts';
import { createSlackClient } from './slack/client.ts';
import { createPeople } from './slack/people.ts';

/** What the bot takes from the machine it runs on; tests and simulations give their own. */
export interface World {
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly randomness: Randomness;
  readonly fetch: typeof fetch;
  readonly boundary: Boundary;
  readonly log: Log;
  /** How Slack reaches the bot. `fetch` is the gate out, pinned to Slack. */
  readonly receiver: (parts: { fetch: typeof fetch; alarm: Alarm; logger: Logger }) => Receiver;
}

export interface Keyleak {
  readonly engine: EngineCore;
  readonly runner: Runner;
  readonly timekeeper: Timekeeper;
  readonly board: Board;
  readonly slack: SlackApp;
  /** Takes up what a dead process left, then works. Resolves before Slack is reached: `connected` tells of that. */
  start(): Promise<void>;
  /** Resolves when the receiver is connected; rejects when Slack refuses the tokens. */
  connected(): Promise<void>;
  /** Finishes what is in hand, waits for no service that hangs, and closes the store. */
  stop(): Promise<void>;
  /** Resolves when nothing is being worked on at this moment. */
  idle(): Promise<void>;
}

const KEYS_EVERY_MS = 60_000;
/** Owners and last use change slowly, and help only to tell keys apart. */
const LORE_EVERY_MS = 15 * 60_000;
const PEOPLE_EVERY_MS = 5 * 60_000;
const BACKGROUND_WITHIN_MS = 30_000;
/** Longer than a listener takes that waits for Slack to answer. */
const DRAIN_MS = 4_000;

/** The provider that is configured; null without an admin key. Every request leaves by `outbound`. */
export function keyProviderOf(
  { adminKey, baseUrl }: BotConfig['anthropic'],
  { outbound, clock, alarm }: { outbound: ReturnType<typeof createOutbound>; clock: Clock; alarm: Alarm },
): KeyProvider | null {
  if (adminKey === null) return null;
  const fetch = outbound({ name: 'anthropic', origins: [new URL(baseUrl).origin] });
  return sharedListing(createAnthropicProvider({ adminKey, baseUrl, fetch, clock, alarm }), clock);
}

/** Resolves when `work` does, or after that time. */
async function within(alarm: Alarm, ms: number, work: Promise<unknown>): Promise<void> {
  let cancel = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    cancel = alarm(ms, resolve);
  });
  await Promise.race([work, late]);
  cancel();
}

/** Builds the bot over an open store. */
export function createKeyleak(parts: {
  config: BotConfig;
  store: Store;
  signer: Signer;
  runbooks: Runbooks;
  world: World;
}): Keyleak {
  const { config, store, signer, world } = parts;
  const { clock, alarm, boundary, log } = world;
  const onFault = (error: unknown): void => log.error(error);
  const logger = boltLogger(log);

  const outbound = createOutbound({
    fetch: world.fetch,
    clock,
    onAlarm: (found) => log.alarm(found),
    onCall: (call) => log.call(call),
  });
  const slackFetch = outbound({ name: 'slack', origins: slackOrigins(config.slack.apiUrl) });
  const provider = keyProviderOf(config.anthropic, { outbound, clock, alarm });
  const pager: Pager | null =
    config.paging === null
      ? null
      : createWebhookPager({
          url: config.paging.webhook,
          secret: config.paging.secret,
          fetch: outbound({ name: 'paging', origins: [new URL(config.paging.webhook).origin] }),
          clock,
        });
  const automated = automatedWith({
    provider: provider !== null,
    chat: true,
    pager: pager !== null,
  });

  const client = createSlackClient({
    token: config.slack.botToken(),
    apiUrl: config.slack.apiUrl,
    fetch: slackFetch,
  });
  const people = createPeople({
    client,
    responders: config.slack.responders,
    managers: config.slack.managers,
    group: (id) => store.group(id),
    saveGroup: (id, members, readAt) => store.saveGroup(id, members, readAt),
    clock,
    alarm,
  });
  const keys = createKeyCache();
  const chat = createChat({
    client,
    fallback: config.slack.fallback,
    responders: () => people.holders('responder'),
    managers: () => people.holders('manager'),
    automated,
    lore: keys.lore,
    clock,
  });

  const engine = createEngine({
    store,
    runbooks: parts.runbooks,
    rules: config.policy.rules,
    clock,
    randomness: world.randomness,
    automated,
    keys,
    boundary,
  });
  const runner = createRunner({
    store,
    engine,
    actions: ACTIONS,
    providerFor: (_subject: Case) => provider,
    chat,
    pager,
    keys,
    clock,
    alarm,
    fingerprint: signer.fingerprint,
    boundary,
    onFault,
  });
  const timekeeper = createTimekeeper({ store, engine, runner, clock, alarm, boundary, onFault });
  const board = createBoard({
    engine,
    chat,
    rendered: (surface) => store.rendered(surface),
    saveRendered: (surface, hash) => store.saveRendered(surface, hash),
    clock,
    alarm,
    automated,
    onFault,
  });
  engine.onChange(() => runner.kick());

  const slack = createSlackApp({
    engine,
    people,
    client,
    botToken: config.slack.botToken(),
    apiUrl: config.slack.apiUrl,
    fetch: slackFetch,
    receiver: world.receiver({ fetch: slackFetch, alarm, logger }),
    alarm,
    clock,
    logger,
    onFault,
  });

  const background = [
    createPeriodic({
      alarm,
      everyMs: PEOPLE_EVERY_MS,
      withinMs: BACKGROUND_WITHIN_MS,
      work: (signal) => people.refresh(signal),
      onFault,
    }),
    ...(provider === null
      ? []
      : [
          createPeriodic({
            alarm,
            everyMs: KEYS_EVERY_MS,
            withinMs: BACKGROUND_WITHIN_MS,
            work: (signal) => keys.refresh(provider, signal),
            onFault,
          }),
          createPeriodic({
            alarm,
            everyMs: LORE_EVERY_MS,
            withinMs: BACKGROUND_WITHIN_MS,
            work: (signal) => keys.lore.refresh(provider, keys.listing()?.keys ?? [], clock.now(), signal),
            onFault,
          }),
        ]),
  ];

  let connection: Promise<unknown> = Promise.resolve();

  return {
    engine,
    runner,
    timekeeper,
    board,
    slack,
    async start() {
      await store.reclaim(clock.now(), PATIENT_ACTIONS);
      timekeeper.start();
      runner.kick();
      for (const work of background) work.start();
      await board.start();
      connection = slack.start();
      // Whoever awaits `connected` hears of a failure; without a listener it would end the process.
      connection.catch(() => undefined);
    },
    async connected() {
      await connection;
      await people.greet();
    },
    async stop() {
      timekeeper.stop();
      // Who has typed something is answered over the connection that is there, so it goes last; but not for ever.
      await within(alarm, DRAIN_MS, slack.idle());
      await slack.stop();
      await slack.idle();
      await Promise.all(background.map((work) => work.stop()));
      await runner.stop();
      await board.stop();
      await store.close();
    },
    async idle() {
      await slack.idle();
      await runner.idle();
      await board.idle();
      await Promise.all(background.map((work) => work.idle()));
    },
  };
}

// keyleak doctor: everything that keyleak needs, checked one by one, with the exact fix for what is wrong. It asks and
// looks, and neither writes, posts nor makes anything.

import { connect } from 'node:net';
import { keyProviderOf } from '../../app.ts';
import { type BotConfig, loadConfig } from '../../config.ts';
import { controlPath } from '../../control/socket-path.ts';
import { createLog } from '../../log.ts';
import { createOutbound, slackOrigins } from '../../outbound.ts';
import { createSlackClient } from '../../slack/client.ts';
import { EXIT, type Io } from '../io.ts';
import { realWorld } from '../world.ts';
import { type Asked, askOne, type Check, ok, type State, skipped, warning } from './checkup.ts';
import { databaseCheck, nodeCheck, runbookCheck, signingKeyCheck, sqliteCheck } from './machine.ts';
import { anthropicChecks, clockCheck, slackChecks } from './services.ts';
import { transportCheck } from './transport.ts';

const MARKS: Readonly<Record<State, string>> = { ok: '✓', warning: '!', failed: '✗', skipped: '-' };

/** Exit 0 where nothing failed, else 1. Warnings and what was skipped fail nothing. */
export async function doctor(io: Io, options: { json?: boolean }): Promise<number> {
  const asked: Asked[] = [];
  for (const check of checksOf(io)) {
    const one = await askOne(check);
    asked.push(one);
    if (options.json !== true) await io.out(line(one));
  }
  const wrong = asked.filter(({ state }) => state === 'failed').length;
  if (options.json === true) await io.out(`${JSON.stringify({ ok: wrong === 0, checks: asked }, null, 2)}\n`);
  else await io.err(wrong === 0 ? 'keyleak can start.\n' : `${wrong} of ${asked.length} checks failed.\n`);
  return wrong === 0 ? EXIT.ok : EXIT.failed;
}

function line({ name, state, found, fix }: Asked): string {
  const indented = found.split('\n').join(`\n${' '.repeat(18)}`);
  return `${MARKS[state]} ${name.padEnd(15)} ${indented}\n${fix === null ? '' : `${' '.repeat(18)}→ ${fix}\n`}`;
}

function checksOf(io: Io): readonly Check[] {
  const config = read(() => loadConfig({ env: io.env, cwd: io.cwd, need: 'bot' }));
  const paths = read(() => loadConfig({ env: io.env, cwd: io.cwd, need: 'store' }));
  return [
    nodeCheck(process.versions.node),
    sqliteCheck,
    configurationCheck(config),
    runbookCheck,
    ...('error' in paths
      ? [waiting('database'), waiting('signing key')]
      : [databaseCheck(paths.value.database), signingKeyCheck(paths.value.signingKey, paths.value.database)]),
    ...('error' in config
      ? ['slack token', 'slack socket', 'anthropic', 'clock'].map(waiting)
      : servicesOf(io, config.value)),
  ];
}

type Read<T> = { readonly value: T } | { readonly error: unknown };

function read<T>(load: () => T): Read<T> {
  try {
    return { value: load() };
  } catch (error) {
    return { error };
  }
}

function configurationCheck(config: Read<BotConfig>): Check {
  return {
    name: 'configuration',
    async ask() {
      if ('error' in config) throw config.error;
      const { warnings } = config.value;
      return warnings.length === 0
        ? ok('Complete.')
        : warning(warnings.join('\n'), 'It works like this; read what each line says.');
    },
  };
}

function waiting(name: string): Check {
  return { name, ask: async () => skipped('The configuration has to be right first.') };
}

function servicesOf(io: Io, config: BotConfig): readonly Check[] {
  const log = createLog({ level: 'silent', destination: process.stderr });
  const world = realWorld({ log, receiver: neverReceives });
  const skews = new Map<string, number>();
  const { slack, anthropic, database } = config;
  const outbound = createOutbound({
    fetch: comparing(world.fetch, skews, io, new URL(slack.apiUrl).origin),
    clock: world.clock,
    onAlarm: () => undefined,
  });
  const slackFetch = outbound({ name: 'slack', origins: slackOrigins(slack.apiUrl) });
  const client = (token: string) => createSlackClient({ token, apiUrl: slack.apiUrl, fetch: slackFetch });
  const { transport } = slack;
  const provider = keyProviderOf(anthropic, { outbound, clock: world.clock, alarm: world.alarm });
  return [
    ...slackChecks(client(slack.botToken()), slack),
    transportCheck(transport, transport.kind === 'socket' ? client(transport.appToken()) : null, () =>
      answers(controlPath(database)),
    ),
    ...anthropicChecks(provider, io.now),
    githubCheck(config),
    pagingCheck(config),
    clockCheck(skews),
  ];
}

/** `fetch` that compares the time of every answer with this machine's. */
function comparing(
  inner: typeof fetch,
  skews: Map<string, number>,
  io: Io,
  slackOrigin: string,
): typeof fetch {
  return async (input, init) => {
    const sent = io.now();
    const response = await inner(input, init);
    const theirs = Date.parse(response.headers.get('date') ?? '');
    const service =
      new URL(input instanceof Request ? input.url : input).origin === slackOrigin ? 'Slack' : 'Anthropic';
    // The header has whole seconds, so half a second is the best guess.
    if (!Number.isNaN(theirs)) skews.set(service, (sent + io.now()) / 2 - (theirs + 500));
    return response;
  };
}

/** Whether somebody listens at the socket of a running bot. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function githubCheck({ github }: BotConfig): Check {
  return {
    name: 'github',
    ask: async () =>
      github === null
        ? ok('Not configured: its steps are guided.')
        : warning('It is configured, but this version does not use it.', 'Follow the guides of its steps.'),
  };
}

function pagingCheck({ paging }: BotConfig): Check {
  return {
    name: 'paging',
    ask: async () =>
      paging === null
        ? ok('Not configured: managers are told in Slack.')
        : ok(`${new URL(paging.webhook).host} is not called by this check.`),
  };
}

function neverReceives(): never {
  throw new Error('a check receives nothing');
}

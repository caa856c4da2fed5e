// A process of its own that answers /keyleak over HTTP: ours, which writes a note durably before it answers, or the floor,
// a bare Bolt app with the same settings that answers at once. Its parent asks for its processor time.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, HTTPReceiver, type Logger, LogLevel } from '@slack/bolt';
import { createKeyleak } from '../src/app.ts';
import { realWorld } from '../src/cli/world.ts';
import { loadConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import { createHttpReceiver } from '../src/slack/http-receiver.ts';
import { INCIDENTS, SECRET } from './ack-load.ts';
import { openShipped } from './book.ts';

const [kind = 'floor', port = '0'] = process.argv.slice(2);
const none = (): void => undefined;
const quiet: Logger = {
  debug: none,
  info: none,
  warn: none,
  error: none,
  setLevel: none,
  getLevel: () => LogLevel.ERROR,
  setName: none,
};

async function floor(): Promise<void> {
  const receiver = new HTTPReceiver({ signingSecret: SECRET, endpoints: ['/slack/events'], logger: quiet });
  const app = new App({
    authorize: async () => ({ botToken: 'x' }),
    receiver,
    convoStore: false,
    ignoreSelf: false,
    logger: quiet,
  });
  app.command('/keyleak', async ({ ack }) => ack('Noted.'));
  await receiver.start({ host: '127.0.0.1', port: Number(port) });
}

async function ours(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyleak-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'keyleak.yml');
  writeFileSync(file, 'slack:\n  responders: [U0RIOA]\n  managers: [U0MEIT]\n');
  const env = {
    SLACK_BOT_TOKEN: ['xoxb', 'bench'].join('-'),
    SLACK_SIGNING_SECRET: SECRET,
    KEYLEAK_DB: join(folder, 'keyleak.db'),
    KEYLEAK_CONFIG: file,
  };
  const config = loadConfig({ env, cwd: folder, need: 'bot' });
  const log = createLog({ level: 'silent', destination: process.stderr });
  const world = {
    ...realWorld({
      log,
      receiver: (parts) =>
        createHttpReceiver({
          ...parts,
          signingSecret: SECRET,
          host: '127.0.0.1',
          port: Number(port),
          clock: { now: () => Date.now() },
          ready: async () => ({ database: true, connections: null }),
        }),
    }),
    // Slack refuses every room, so that nothing but the commands is at work.
    fetch: async () => Response.json({ ok: false, error: 'missing_scope' }),
  };
  const bot = createKeyleak({ config, world, ...(await openShipped(config.database)) });
  await bot.start();
  for (let made = 0; made < INCIDENTS; made += 1) {
    await bot.engine.declare({
      by: { actor: 'U0RIOA', role: 'responder', grounds: { by: 'configured', listAgeMs: null } },
      source: 'slash',
      team: 'T0ACME',
      enterprise: null,
      reports: [{ query: { shape: 'none' }, words: '' }],
      where: `place ${made}`,
      declaredIn: null,
      delivery: null,
    });
  }
}

process.on('message', (asked) => {
  if (asked === 'cpu') process.send?.(process.cpuUsage());
  if (asked === 'rss') process.send?.(process.memoryUsage().rss);
  if (asked === 'end') process.exit(0);
});
await (kind === 'ours' ? ours() : floor());
process.send?.('ready');

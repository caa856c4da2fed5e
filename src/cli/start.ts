// keyleak start: runs the bot until it is told to stop. SIGTERM and SIGINT finish what is in hand and exit 0.

import type { Keyleak } from '../app.ts';
import { loadConfig } from '../config.ts';
import { createLog, type Log } from '../log.ts';
import { placeWords } from '../slack/listen.ts';
import { boot } from './boot.ts';
import { type HealthServer, healthPages, serveHealth } from './health.ts';
import { EXIT, type Io } from './io.ts';
import { openTransport } from './transport.ts';
import { realWorld } from './world.ts';

/** Work in hand is finished within this time, or the process ends without it; the next start takes it up. */
const STOP_WITHIN_MS = 10_000;

export async function start(io: Io): Promise<number> {
  const config = loadConfig({ env: io.env, cwd: io.cwd, need: 'bot' });
  for (const warning of config.warnings) await io.err(`Warning: ${warning}\n`);
  const log = createLog({ level: 'info', destination: process.stderr });
  const clock = { now: () => io.now() };
  let bot: Keyleak | null = null;
  let stopping = false;
  const pages = healthPages({
    clock,
    readDatabase: async () => {
      if (bot === null) throw new Error('no database is open');
      return bot.engine.list({ status: 'open', limit: 1 });
    },
    reach: () => transport.reach(),
    stopping: () => stopping,
  });
  const transport = openTransport({ slack: config.slack, clock, pages });
  bot = await boot(config, realWorld({ log, receiver: transport.receiver }), 'keyleak start');
  const running = bot;
  let health: HealthServer | null = null;
  const stop = async (): Promise<void> => {
    stopping = true;
    await running.stop();
    await health?.close();
  };
  const stopped = whenTold(stop, log);
  try {
    if (transport.healthAt !== null) {
      health = await serveHealth(transport.healthAt, pages, (error) => log.error(error));
      await io.err(`Health: http://${placeWords(health.place)}/healthz and /readyz.\n`);
    }
    await running.start();
    await running.connected();
  } catch (error) {
    await stop();
    throw error;
  }
  await io.err(transport.ready());
  return stopped;
}

/** Resolves when a signal came and all is finished. A second signal ends the process at once. */
function whenTold(stop: () => Promise<void>, log: Log): Promise<number> {
  return new Promise((resolve) => {
    let told = false;
    const onSignal = (): void => {
      if (told) process.exit(EXIT.interrupted);
      told = true;
      const late = setTimeout(() => {
        log.note('Work in hand took too long; the next start takes it up.');
        process.exit(EXIT.ok);
      }, STOP_WITHIN_MS);
      stop().then(
        () => {
          clearTimeout(late);
          resolve(EXIT.ok);
        },
        (error: unknown) => {
          log.error(error);
          process.exit(EXIT.failed);
        },
      );
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

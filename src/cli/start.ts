// keyleak start: runs the bot until it is told to stop. SIGTERM and SIGINT finish what is in hand and exit 0.

import { loadConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { type AskReadiness, serveHealth } from '../slack/health-pages.ts';
import { createHttpReceiver, EVENTS_PATH } from '../slack/http-receiver.ts';
import { createSocketReceiver, type SocketReceiver } from '../slack/receivers.ts';
import { boot } from './boot.ts';
import { EXIT, type Io } from './io.ts';
import { realWorld } from './world.ts';

/** Work in hand is finished within this time, or the process ends without it; the next start takes it up. */
const STOP_WITHIN_MS = 10_000;

export async function start(io: Io): Promise<number> {
  const config = loadConfig({ env: io.env, cwd: io.cwd, need: 'bot' });
  for (const warning of config.warnings) await io.err(`Warning: ${warning}\n`);
  const { transport, apiUrl } = config.slack;
  const log = createLog({ level: 'info', destination: process.stderr });
  let socket: SocketReceiver | null = null;
  let canRead = (): Promise<boolean> => Promise.resolve(false);
  const ready: AskReadiness = async () => ({
    database: await canRead(),
    connections: transport.kind === 'http' ? null : (socket?.connected() ?? 0),
  });
  const world = realWorld({
    log,
    receiver(parts) {
      if (transport.kind === 'http')
        return createHttpReceiver({
          ...parts,
          ...transport,
          signingSecret: transport.signingSecret(),
          clock: world.clock,
          ready,
        });
      socket = createSocketReceiver({ ...parts, appToken: transport.appToken(), apiUrl });
      return socket;
    },
  });
  const bot = await boot(config, world, 'keyleak start');
  canRead = () =>
    bot.engine.list({ status: 'open', limit: 1 }).then(
      () => true,
      () => false,
    );
  const health =
    transport.kind === 'socket' && transport.health !== null
      ? await serveHealth({ ...transport.health, ask: ready })
      : null;
  const stopped = new Promise<number>((resolve) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) process.exit(EXIT.interrupted);
      stopping = true;
      const late = setTimeout(() => {
        log.note('Work in hand took too long; the next start takes it up.');
        process.exit(EXIT.ok);
      }, STOP_WITHIN_MS);
      Promise.all([bot.stop(), health?.close()]).then(
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
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
  await bot.start();
  try {
    await bot.connected();
  } catch (error) {
    await Promise.all([bot.stop(), health?.close()]);
    throw error;
  }
  await io.err(
    transport.kind === 'socket'
      ? 'keyleak is connected to Slack. Type /keyleak there.\n'
      : `keyleak listens for Slack on ${transport.host}:${transport.port}${EVENTS_PATH}. Type /keyleak there.\n`,
  );
  return stopped;
}

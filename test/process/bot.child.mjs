// The real bot out of the built files, against the services that its environment names, on a clock that is AHEAD of the
// machine's by so many milliseconds. It kills itself with SIGKILL the first time it reaches one of the boundaries that
// DIE_AT names, or when it has passed DIE_AFTER of any name, and says where.

import { writeSync } from 'node:fs';
import { boot } from '../../dist/cli/boot.js';
import { realWorld } from '../../dist/cli/world.js';
import { environment, loadConfig } from '../../dist/config.js';
import { createLog } from '../../dist/log.js';
import { createSocketReceiver } from '../../dist/slack/receivers.js';

const config = loadConfig({ env: environment(), cwd: process.cwd(), need: 'bot' });
const { transport, apiUrl } = config.slack;
const ahead = Number(process.env.AHEAD ?? 0);
const dying = new Set((process.env.DIE_AT ?? '').split(','));
let left = Number(process.env.DIE_AFTER ?? Number.POSITIVE_INFINITY);
const world = {
  ...realWorld({
    log: createLog({ level: 'error', destination: process.stderr }),
    receiver: (parts) => createSocketReceiver({ ...parts, appToken: transport.appToken(), apiUrl }),
  }),
  clock: { now: () => Date.now() + ahead },
  boundary(name) {
    left -= 1;
    if (!dying.has(name) && left > 0) return;
    writeSync(2, `dies at ${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  },
};
const bot = await boot(config, world, 'keyleak start');
process.once('SIGTERM', () => void bot.stop());
await bot.start();
await bot.connected();
process.stderr.write('connected to Slack\n');

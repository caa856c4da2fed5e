// The real bot out of the built files, against the services that its environment names. It kills itself with SIGKILL the
// first time it reaches the boundary named in DIE_AT.

import { boot } from '../../dist/cli/boot.js';
import { realWorld } from '../../dist/cli/world.js';
import { environment, loadConfig } from '../../dist/config.js';
import { createLog } from '../../dist/log.js';
import { createSocketReceiver } from '../../dist/slack/receivers.js';

const config = loadConfig({ env: environment(), cwd: process.cwd(), need: 'bot' });
const { transport, apiUrl } = config.slack;
const world = {
  ...realWorld({
    log: createLog({ level: 'error', destination: process.stderr }),
    receiver: (parts) => createSocketReceiver({ ...parts, appToken: transport.appToken(), apiUrl }),
  }),
  boundary(name) {
    if (name === process.env.DIE_AT) process.kill(process.pid, 'SIGKILL');
  },
};
const bot = await boot(config, world, 'keyleak start');
process.once('SIGTERM', () => void bot.stop());
await bot.start();
await bot.connected();
process.stderr.write('connected to Slack\n');

// Tells stories on every core for so many minutes, from seeds that the gate does not try, and prints what came of them:
// npm run soak -- --minutes 60

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  process.stderr.write('Say for how many minutes: npm run soak -- --minutes 60\n');
  process.exit(2);
}

function told(core) {
  return new Promise((resolve) => {
    const first = 1_000_000 * (core + 1) + (Math.floor(Date.now() / 1_000) % 900_000);
    const child = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--mode', 'soak', '--project', 'soak', '--testTimeout', '0'],
      {
        stdio: 'inherit',
        env: { ...process.env, SOAK_MINUTES: String(minutes), SOAK_FIRST: String(first) },
      },
    );
    child.once('close', resolve);
  });
}

const codes = await Promise.all(Array.from({ length: availableParallelism() }, (_, core) => told(core)));
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;

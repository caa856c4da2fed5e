// Real processes for the store's slow tests: they run what `npm run build` made.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly pid: number;
  /** The next line that the child printed; null once it has ended. */
  line(): Promise<string | null>;
  /** Kills it with SIGKILL and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a script of this folder with arguments. It is killed when the test ends. */
export function start(script: string, ...args: readonly string[]): Child {
  if (!existsSync(new URL('../../dist/store/store.js', import.meta.url))) {
    throw new Error('There is no dist/store/store.js. These tests run the built files: npm run build');
  }
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  if (child.stdout === null || child.pid === undefined) throw new Error(`${script} did not start`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  return {
    pid: child.pid,
    async line() {
      const { value, done } = await lines.next();
      return done === true ? null : value;
    },
    kill,
  };
}

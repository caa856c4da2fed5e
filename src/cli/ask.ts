// A yes or no from the person at the terminal; whoever cannot be asked is never taken to have said yes.

import { createInterface } from 'node:readline';

/** Resolves with the answer; `interrupted` is Ctrl-C. */
export type Ask = (question: string) => Promise<'yes' | 'no' | 'interrupted'>;

/** Null when there is no terminal to ask at. */
export function terminalAsk(): Ask | null {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  return (question) =>
    new Promise((resolve) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const end = (answer: 'yes' | 'no' | 'interrupted'): void => {
        resolve(answer);
        lines.close();
      };
      lines.on('SIGINT', () => end('interrupted'));
      lines.on('close', () => resolve('no'));
      lines.question(`${question} [y/N] `, (text) => end(/^y(es)?$/i.test(text.trim()) ? 'yes' : 'no'));
    });
}

// The real command into a pipe: whole when the reader is slow, quiet when the reader leaves.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { exportIncident } from '../../src/cli/export.ts';
import { openStore } from '../../src/store/store.ts';
import { batch, folder, note, parts, quiet } from '../store/batches.ts';
import { T0 } from '../support/cases.ts';

const KEYLEAK = fileURLToPath(new URL('../../dist/cli/keyleak.js', import.meta.url));
const NOTES = 2_000;

let cwd: string;

/** One incident of far more bytes than a pipe holds (64 KiB). */
beforeEach(async () => {
  cwd = folder();
  mkdirSync(join(cwd, 'data'));
  const store = await openStore(parts({ path: join(cwd, 'data', 'keyleak.db') }));
  const { id, seq } = await quiet(store);
  const entries = Array.from({ length: NOTES }, (_, n) => note(`note ${n} ${'words '.repeat(40)}`));
  await store.commit(id, seq, batch({ entries }));
  await store.close();
});

function keyleak(...words: readonly string[]): { child: ChildProcess; out: Readable; err: Readable } {
  const child = spawn(process.execPath, [KEYLEAK, ...words], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.stdout === null || child.stderr === null) throw new Error('there is no pipe');
  return { child, out: child.stdout.setEncoding('utf8'), err: child.stderr.setEncoding('utf8') };
}

/** Everything, with a turn of the event loop's idle phase between two reads of at most 4 KiB. */
async function slowly(out: Readable): Promise<string> {
  let text = '';
  for (;;) {
    const chunk: string | null = out.read(4_096) ?? out.read();
    if (chunk !== null) text += chunk;
    else if (out.readableEnded) return text;
    else await Promise.race([once(out, 'readable'), once(out, 'end')]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test.each(['ndjson', 'json', 'md'])('an export as %s arrives whole at a slow reader', async (format) => {
  let whole = '';
  const io = {
    out: async (text: string) => {
      whole += text;
    },
    err: async () => undefined,
    cwd,
    env: {},
    now: () => T0,
  };
  await exportIncident(io, 'KL-1', { format });
  const { child, out } = keyleak('export', 'kl-1', '--format', format);
  const ended = once(child, 'close');
  const text = await slowly(out);
  expect((await ended)[0]).toBe(0);
  const undated = (export_: string): string =>
    export_.replace(/"exported_at": ?"[^"]*"/, '').replace(/^Exported .*$/m, '');
  expect(text.length).toBeGreaterThan(500_000);
  expect(undated(text) === undated(whole)).toBe(true);
});

test('a timeline arrives whole at a slow reader', async () => {
  const { child, out } = keyleak('timeline', 'KL-1', '--json');
  const ended = once(child, 'close');
  const rows = (await slowly(out)).trimEnd().split('\n');
  expect((await ended)[0]).toBe(0);
  expect(rows.filter((row) => JSON.parse(row).kind === 'note.added')).toHaveLength(NOTES);
});

test('a reader that leaves ends the command quietly', async () => {
  const { child, out, err } = keyleak('timeline', 'KL-1');
  let complaints = '';
  err.on('data', (text: string) => {
    complaints += text;
  });
  const ended = once(child, 'close');
  await once(out, 'data');
  out.destroy();
  expect((await ended)[0]).toBe(0);
  expect(complaints).toBe('');
});

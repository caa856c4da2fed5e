// A real process that may write no more: what it had acknowledged is there, and with room it goes on.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { verifyDatabase } from '../support/verified.ts';
import { batch, folder, note, parts, quiet } from './batches.ts';

/** Blocks of 1,024 bytes that any file may have. */
const LIMIT = 900;

function limitedWriter(path: string): Promise<{ acknowledged: readonly string[]; err: string }> {
  const file = fileURLToPath(new URL('writer.child.mjs', import.meta.url));
  const child = spawn('bash', [
    '-c',
    `ulimit -f ${LIMIT}; exec "$0" "$1" "$2"`,
    process.execPath,
    file,
    path,
  ]);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve) => {
    child.once('close', () => resolve({ acknowledged: out.match(/^D\d+$/gm) ?? [], err }));
  });
}

test('a file that may not grow ends in a KL_ error, loses nothing acknowledged, and can be written again', async () => {
  const path = join(folder(), 'keyleak.db');
  const first = await openStore(parts({ path }));
  const { id } = await quiet(first);
  await first.close();
  const { acknowledged, err } = await limitedWriter(path);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(err).toMatch(/KL_STORE_(FULL|WRITE)/);
  const store = await openStore(parts({ path, holder: 'test' }));
  for (const delivery of acknowledged) expect(await store.delivered(delivery), delivery).toBe(id);
  const seq = (await store.load(id))?.length ?? 0;
  expect(await store.commit(id, seq, batch({ entries: [note('room again')] }))).toMatchObject({
    outcome: 'committed',
  });
  await store.close();
  expect((await verifyDatabase(path)).findings).toEqual([]);
});

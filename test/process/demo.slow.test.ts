// The demo as a stranger runs it: one command, no account, and at its end a log that can be checked.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, keyleak } from './processes.ts';

test('the demo plays from an ambiguous hint to proved containment, and leaves a log that verifies', async () => {
  const folder = emptyFolder();
  const played = await keyleak(folder, {}, 'demo', '--script').ended;
  expect(played, played.err).toMatchObject({ code: 0, err: '' });
  for (const words of [
    '/keyleak R2D...igAA, ...9kAA',
    'Which key is k2?',
    'Deactivate this key?',
    'Anthropic says of prod-api-gateway-2026-04-25: inactive',
    'Anthropic says of prod-search-index: inactive',
    'Replaced by prod-search-index-',
    'No request since',
    'First 5 minutes: 10 of 10',
    'KL-1 is closed.',
  ])
    expect(played.out).toContain(words);

  const left = join(folder, 'keyleak-demo');
  expect(readdirSync(left)).toEqual(expect.arrayContaining(['KL-1.md', 'keyleak.db', 'keyleak.yml']));
  expect(readFileSync(join(left, 'KL-1.md'), 'utf8')).toContain('verify-containment (k1) completed');
  const env = { KEYLEAK_DB: join(left, 'keyleak.db') };
  const witness = /KL-1 --witness (\d+:[0-9a-f]{32})/.exec(played.out.replace(/\n\s*│ /g, ' '))?.[1] ?? '';
  expect((await keyleak(folder, env, 'verify', 'KL-1', '--witness', witness).ended).code).toBe(0);
  expect(JSON.parse((await keyleak(folder, env, 'show', 'KL-1', '--json').ended).out)).toMatchObject({
    status: 'closed',
  });
});

test.each(['notes.txt', 'notes.txt/below', '/proc/nowhere'])(
  'a folder that cannot be made ends the demo with a sentence: %s',
  async (directory) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const { code, out, err } = await keyleak(folder, {}, 'demo', '--script', '--directory', directory).ended;
    expect([code, out], err).toEqual([2, '']);
    expect(err).toMatch(/^KL_DEMO_FOLDER: The demo cannot leave its files in .*\.\nName a folder/);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  },
);

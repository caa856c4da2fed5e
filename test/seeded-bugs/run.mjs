// Plants one fault after the other in a copy of the tree, runs the tests that have to notice, and prints who did. Exits 1
// when one of them stayed unnoticed.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FAULTS } from './faults.mjs';

const COPIED = [
  'src',
  'test',
  'migrations',
  'runbooks',
  'schemas',
  'docs',
  'bench',
  'scripts',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'manifest.yml',
  'README.md',
  'keyleak.example.yml',
];

const tree = mkdtempSync(join(tmpdir(), 'keyleak-seeded-'));
for (const name of COPIED) cpSync(name, join(tree, name), { recursive: true });
symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));

const [wanted] = process.argv.slice(2);
let unnoticed = 0;
for (const fault of FAULTS.filter(({ name }) => wanted === undefined || name.includes(wanted))) {
  const path = join(tree, fault.file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    sound.replace(fault.from, () => fault.to),
  );
  const began = performance.now();
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'fast',
      '--bail',
      '1',
      '--reporter',
      'json',
      ...fault.tests,
    ],
    { cwd: tree, encoding: 'utf8', env: { ...process.env, CI: '1' } },
  );
  writeFileSync(path, sound);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1).padStart(5);
  const by = status === 0 ? null : whoNoticed(stdout);
  if (by === null) unnoticed += 1;
  process.stdout.write(
    `${by === null ? 'MISSED' : 'caught'} ${seconds} s  ${fault.name.padEnd(48)} ${by ?? ''}\n`,
  );
}
rmSync(tree, { recursive: true, force: true });
process.stdout.write(`${FAULTS.length} faults, ${unnoticed} unnoticed\n`);
process.exitCode = unnoticed === 0 ? 0 : 1;

/** The first test that failed; null where the tests could not even be run, which is no notice. */
function whoNoticed(json) {
  try {
    const { testResults } = JSON.parse(json.slice(json.indexOf('{')));
    for (const { assertionResults } of testResults)
      for (const { status, title } of assertionResults) if (status === 'failed') return title;
    return null;
  } catch {
    return null;
  }
}

import { expect, test } from 'vitest';
import { read } from './files.ts';
import { npmCommands, unknownCommands } from './readme.ts';

const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

test('the README shows the two commands, and every npm command in it exists', () => {
  const readme = read('README.md');
  expect(npmCommands(readme)).toEqual(
    expect.arrayContaining(['npm ci', 'npm test', 'npm run demo', 'npm run build', 'npm start']),
  );
  expect(unknownCommands(readme, scripts)).toEqual([]);
});

test('npm start builds nothing and starts what npm run build made', () => {
  expect(scripts.start).toBe('node dist/cli/keyleak.js start');
});

test('the gate runs the test command of the README', () => {
  expect(read('.ci/run')).toMatch(/^npm ci\nnpm test\b/m);
});

test('the law bites', () => {
  expect(unknownCommands('```sh\nnpm ci && npm run nothing\n```', scripts)).toEqual(['npm run nothing']);
});

test('the lockfile names no download address', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

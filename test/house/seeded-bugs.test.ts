// The faults that `npm run seeded-bugs` plants can still be planted: a place that is gone would be noticed by nobody.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULTS } from '../seeded-bugs/faults.mjs';

test('there are twenty and more', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
});

test.each(FAULTS)('$name', ({ file, from, to, tests }) => {
  expect(readFileSync(file, 'utf8').split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
  for (const path of tests) expect(existsSync(path), path).toBe(true);
});

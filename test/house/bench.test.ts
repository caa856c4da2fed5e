// The table of measurements is what was measured last.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Results {
  readonly gates: readonly { readonly name: string; readonly ratio: { readonly median: number } }[];
}

test('every figure of bench/results.json is in bench/README.md, and no other', () => {
  const { gates } = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Results;
  const rows = readFileSync('bench/README.md', 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length > 5 && /^\d/.test(cells[3] ?? ''));
  expect(rows.map(([, name, , ratio]) => `${name} ${ratio?.split(' ')[0]}`)).toEqual(
    gates.map(({ name, ratio }) => `${name} ${ratio.median.toFixed(2)}`),
  );
});

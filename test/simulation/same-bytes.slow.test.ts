// A story that is told again from its seed writes the same log, byte for byte: only so can a failure be looked into.

import { expect, test } from 'vitest';
import { openReader } from '../../src/store/reader.ts';
import { tell } from './story.ts';

async function logOf(seed: number): Promise<string> {
  const { workspace, trace } = await tell({ seed });
  const reader = openReader(workspace.database);
  try {
    const logs = [];
    for (const id of await reader.incidentIds()) logs.push(await reader.stored(id));
    return JSON.stringify({ trace, logs });
  } finally {
    await reader.close();
    await workspace.close();
  }
}

test.each([1, 2, 3, 4, 6, 28, 82, 250])('seed %i', async (seed) => {
  const first = await logOf(seed);
  expect(first.length).toBeGreaterThan(10_000);
  expect(await logOf(seed)).toBe(first);
});

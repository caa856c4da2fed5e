import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runbookJsonSchema } from '../../src/runbook/json-schema.ts';

const file = fileURLToPath(new URL('../../schemas/runbook.schema.json', import.meta.url));

describe('schemas/runbook.schema.json', () => {
  // After a change of the format: npx vitest run test/runbook/json-schema.test.ts --update
  test('is what the zod schema says', async () => {
    expect(existsSync(file)).toBe(true);
    await expect(runbookJsonSchema()).toMatchFileSnapshot(file);
  });
});

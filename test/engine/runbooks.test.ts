// Which runbook a new incident gets.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDeclaration } from '../../src/domain/key-words.ts';
import type { Runbook } from '../../src/domain/runbook.ts';
import { runbooks } from '../../src/engine/runbooks.ts';
import { parseRunbook } from '../../src/runbook/load.ts';
import { shippedRunbook } from '../support/cases.ts';

const folder = new URL('../../runbooks/', import.meta.url);
const all = new Map(
  readdirSync(folder).map((name): [string, Runbook] => {
    const parsed = parseRunbook(readFileSync(new URL(name, folder), 'utf8'), name);
    if (!('runbook' in parsed)) throw new Error(name);
    return [parsed.runbook.id, parsed.runbook];
  }),
);
const book = runbooks(all, shippedRunbook());

test.each([
  ['R2D...igAA in a log', 'anthropic-api-key'],
  ['checkout key, seen in a wiki', 'anthropic-api-key'],
  ['sk-ant-admin01-Q2x...zzAA', 'anthropic-admin-key'],
  [`${'sk'}-proj-${'aB3dE5gH7jK9'.repeat(8)}`, 'openai-api-key'],
])('%s', (words, id) => {
  expect(book.chosenFor({ ...parseDeclaration(words), runbook: null }).id).toBe(id);
});

test('a choice by hand counts more than the words, and one that is unknown counts for nothing', () => {
  const spoken = parseDeclaration('sk-ant-admin01-Q2x...zzAA');
  expect(book.chosenFor({ ...spoken, runbook: 'generic-secret' }).id).toBe('generic-secret');
  expect(book.chosenFor({ ...spoken, runbook: 'no-such' }).id).toBe('anthropic-api-key');
});

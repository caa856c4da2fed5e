import { expect, test } from 'vitest';
import { filesBelow } from './files.ts';
import { lawbreakers } from './imports.ts';

test('every import keeps the law of the house', () => {
  const files = filesBelow('src', '.ts');
  expect(files.length).toBeGreaterThan(50);
  expect(lawbreakers(files)).toEqual([]);
});

test.each([
  ['src/domain/x.ts', "import { readFileSync } from 'node:fs';"],
  ['src/domain/x.ts', "import type { Engine } from '../engine/api.ts';"],
  ['src/slack/x.ts', "import { createEngine } from '../engine/engine.ts';"],
  ['src/slack/x.ts', "import { openStore } from '../store/open.ts';"],
  ['src/control/x.ts', "import { createEngine } from '../engine/engine.ts';"],
  ['src/engine/x.ts', "import type { Board } from '../slack/board.ts';"],
  ['src/actions/x.ts', "const provider = await import('../providers/anthropic.ts');"],
  ['src/export/x.ts', "export { openStore } from '../store/open.ts';"],
  ['src/outbound.ts', "import { openStore } from './store/open.ts';"],
  ['src/paging/x.ts', "import { remoteErrorOf } from '../providers/anthropic-errors.ts';"],
  ['src/providers/x.ts', "import Database from 'better-sqlite3';"],
  ['src/engine/x.ts', 'const token = process.env.SLACK_BOT_TOKEN;'],
  ['src/cli/x.ts', "db.prepare('SELECT text FROM entries');"],
  ['src/helpers/x.ts', ''],
])('a violation planted in %s is caught: %s', (path, text) => {
  expect(lawbreakers([{ path, text }])).toHaveLength(1);
});

test.each([
  ['src/slack/x.ts', "import type { Engine } from '../engine/api.ts';"],
  ['src/control/x.ts', "import type { Engine } from '../engine/api.ts';"],
  ['src/engine/x.ts', "import { foldIncident } from '../domain/evolve.ts';"],
  ['src/cli/x.ts', "import { openReader } from '../store/reader.ts';"],
  ['src/paging/x.ts', "import type { Pager } from '../domain/pager.ts';"],
  ['src/domain/x.ts', "import { createHash } from 'node:crypto';"],
])('%s may say: %s', (path, text) => {
  expect(lawbreakers([{ path, text }])).toEqual([]);
});

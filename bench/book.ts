// A database in a folder of its own, with one incident to append to, as the bot would have it.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUNBOOK_ID } from '../src/cli/world.ts';
import { decideDeclare } from '../src/domain/decide-declare.ts';
import type { NewEntry } from '../src/domain/entry.ts';
import { BLANK } from '../src/domain/evolve.ts';
import { PLAIN_HOUSE } from '../src/domain/house-rules.ts';
import type { Batch, Signer, Store } from '../src/domain/ports.ts';
import { type Runbooks, runbooks } from '../src/engine/runbooks.ts';
import { loadRunbooks } from '../src/runbook/load.ts';
import { openSigningKey } from '../src/store/signing-key.ts';
import { openStore } from '../src/store/store.ts';

export interface Book {
  readonly folder: string;
  readonly path: string;
  readonly store: Store;
  /** Appends these entries to KL-1 in one commit. */
  append(entries: readonly NewEntry[]): Promise<void>;
  close(): Promise<void>;
}

const EMPTY: Omit<Batch, 'now' | 'entries'> = {
  runs: [],
  runResult: null,
  deadlines: [],
  settled: [],
  delivery: null,
};

/** A note of about 100 bytes. */
export function note(count: number): NewEntry {
  const text = `Note ${count}: the replacement is stored in the secrets manager; the old deployment is gone.`;
  return { kind: 'note.added', actor: 'U0RIOA', occurredAt: Date.now(), data: {}, texts: { text } };
}

/** A store at `path` with what ships beside it. Run from the top of the project. */
export async function openShipped(
  path: string,
): Promise<{ store: Store; signer: Signer; runbooks: Runbooks }> {
  const all = await loadRunbooks('runbooks');
  const runbook = all.get(RUNBOOK_ID);
  if (runbook === undefined) throw new Error(`there is no runbook ${RUNBOOK_ID}`);
  const signer = await openSigningKey(`${path}.key`);
  const store = await openStore({
    path,
    migrations: 'migrations',
    signer,
    clock: { now: () => Date.now() },
    randomness: { bytes: (count) => randomBytes(count) },
    boundary: () => undefined,
    holder: 'bench',
  });
  return { store, signer, runbooks: runbooks(all, runbook) };
}

export async function openBook(): Promise<Book> {
  const folder = mkdtempSync(join(tmpdir(), 'keyleak-bench-'));
  const path = join(folder, 'keyleak.db');
  const { store, runbooks: shipped } = await openShipped(path);
  const runbook = shipped.chosenFor({ reports: [], where: '' });
  const command = {
    uid: randomBytes(16).toString('hex'),
    by: 'U0RIOA',
    source: 'slash',
    team: null,
    enterprise: null,
    reports: [],
    where: '',
    declaredIn: null,
    authority: { role: 'participant', by: 'none', list_age_ms: null },
  } as const;
  const now = Date.now();
  const decision = decideDeclare(runbook, BLANK, command, {
    now,
    automated: () => false,
    rules: PLAIN_HOUSE,
    elsewhere: () => null,
  });
  await store.declare({ team: null, enterprise: null }, runbook, { ...EMPTY, ...decision, now });
  let seq = (await store.load('KL-1'))?.length ?? 0;
  return {
    folder,
    path,
    store,
    async append(entries) {
      const { outcome } = await store.commit('KL-1', seq, { ...EMPTY, now: Date.now(), entries });
      if (outcome !== 'committed') throw new Error(outcome);
      seq += entries.length;
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

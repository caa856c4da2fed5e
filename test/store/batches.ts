// What the store's tests write: batches as decisions make them, and the parts that a store is made of.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { fingerprintOf } from '../../src/domain/checkpoint.ts';
import { decideDeclare, type Report } from '../../src/domain/decide-declare.ts';
import type { NewEntry } from '../../src/domain/entry.ts';
import { BLANK } from '../../src/domain/evolve.ts';
import type { Batch, Signer, Store } from '../../src/domain/ports.ts';
import type { NewRun } from '../../src/domain/run.ts';
import type { StoreParts } from '../../src/store/store.ts';
import { at, hintReport, keyFacts, shippedRunbook, T0 } from '../support/cases.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

export const RUNBOOK = shippedRunbook();

export const ACME = { team: 'T0ACME', enterprise: null };

/** A signer with a fresh key. */
export function signer(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  return {
    publicKey: raw,
    fingerprint: fingerprintOf(raw),
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64'),
  };
}

export function parts(change: Partial<StoreParts> = {}): StoreParts {
  return {
    path: ':memory:',
    migrations: MIGRATIONS,
    signer: signer(),
    clock: { now: () => T0 },
    randomness: { bytes: (count) => randomBytes(count) },
    boundary: () => {},
    holder: null,
    ...change,
  };
}

/** A folder of its own for one test, gone afterwards. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'keyleak-store-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function batch(change: Partial<Batch> = {}): Batch {
  return {
    now: T0,
    entries: [],
    runs: [],
    runResult: null,
    deadlines: [],
    settled: [],
    delivery: null,
    ...change,
  };
}

export function declaration(reports: readonly Report[] = [hintReport()], change: Partial<Batch> = {}): Batch {
  const decision = decideDeclare(
    RUNBOOK,
    BLANK,
    {
      uid: randomBytes(16).toString('hex'),
      by: 'U0DECLARER',
      source: 'slash',
      team: ACME.team,
      enterprise: ACME.enterprise,
      reports,
      where: 'in a public repository',
      declaredIn: null,
      authority: { role: 'participant', by: 'none', list_age_ms: null },
    },
    at(change.now ?? T0),
  );
  return batch({ ...decision, ...change });
}

/** Declares an incident and answers its id and the number of its entries. */
export async function declared(
  store: Store,
  reports?: readonly Report[],
  change?: Partial<Batch>,
): Promise<{ id: string; seq: number }> {
  const outcome = await store.declare(ACME, RUNBOOK, declaration(reports, change));
  if (outcome.outcome !== 'committed') throw new Error(`declared: ${outcome.outcome}`);
  return { id: outcome.incident, seq: outcome.entries.length };
}

/** Declares an incident that has no runs and no deadlines. */
export function quiet(store: Store, reports?: readonly Report[]): Promise<{ id: string; seq: number }> {
  return declared(store, reports, { runs: [], deadlines: [] });
}

export function note(text: string, occurredAt = T0): NewEntry {
  return { kind: 'note.added', actor: 'U0RESPOND', occurredAt, data: {}, texts: { text } };
}

export function identified(key: string, id: string): NewEntry {
  return {
    kind: 'key.identified',
    actor: 'keyleak',
    occurredAt: T0,
    data: { ...keyFacts({ id }), key, how: 'exact', severity: 1 },
  };
}

export function closed(): NewEntry {
  return {
    kind: 'incident.closed',
    actor: 'U0RESPOND',
    occurredAt: T0,
    data: { verdict: 'resolved' },
    texts: { reason: '' },
  };
}

export function opened(
  place: 'channel' | 'thread' | 'direct',
  channel: string,
  thread: string | null = null,
): NewEntry {
  return {
    kind: 'channel.opened',
    actor: 'keyleak',
    occurredAt: T0,
    data: { place, channel, thread, name: null },
  };
}

export function purged(seq: number, field: string): NewEntry {
  return { kind: 'text.purged', actor: 'U0MANAGER', occurredAt: T0, data: { seq, field } };
}

export function newRun(step: string, change: Partial<NewRun> = {}): NewRun {
  return {
    step,
    subject: '-',
    generation: 1,
    action: `test/${step}@1`,
    input: {},
    actor: 'keyleak',
    notBefore: T0,
    ...change,
  };
}

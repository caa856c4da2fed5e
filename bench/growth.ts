// Whether a database that has grown is slower: an append, a page of a timeline, the list of what is open and the look for
// what is due, at many incidents over a thousand. GROWTH=100000 measures the hundred thousand of the requirement by hand.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decideDeclare } from '../src/domain/decide-declare.ts';
import { BLANK } from '../src/domain/evolve.ts';
import { PLAIN_HOUSE } from '../src/domain/house-rules.ts';
import type { Batch, Store } from '../src/domain/ports.ts';
import { note, openShipped } from './book.ts';
import { compare, type Gate, type Work } from './paired.ts';

const FEW = 1_000;
const MANY = Number(process.env.GROWTH ?? 10_000);
/** One incident of so many stays open. */
const OPEN_EVERY = 500;
const AT_ONCE = 200;

const EMPTY: Omit<Batch, 'now' | 'entries'> = {
  runs: [],
  runResult: null,
  deadlines: [],
  settled: [],
  delivery: null,
};

async function grown(incidents: number): Promise<{ store: Store; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'keyleak-bench-'));
  const { store, runbooks } = await openShipped(join(folder, 'keyleak.db'));
  const runbook = runbooks.chosenFor({ reports: [], where: '' });
  for (let made = 0; made < incidents; made += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, incidents - made) }, (_, n) => fill(made + n)));

  async function fill(number: number): Promise<void> {
    const now = Date.now();
    const { entries, deadlines } = decideDeclare(
      runbook,
      BLANK,
      {
        uid: randomBytes(16).toString('hex'),
        by: 'U0RIOA',
        source: 'slash',
        team: null,
        enterprise: null,
        reports: [],
        where: `place ${number}`,
        declaredIn: null,
        authority: { role: 'participant', by: 'none', list_age_ms: null },
      },
      { now, automated: () => false, rules: PLAIN_HOUSE, elsewhere: () => null },
    );
    const declared = await store.declare({ team: null, enterprise: null }, runbook, {
      ...EMPTY,
      now,
      entries,
      deadlines,
    });
    if (declared.outcome !== 'committed') throw new Error(declared.outcome);
    const notes = Array.from({ length: 20 }, (_, n) => note(n));
    const isOpen = number % OPEN_EVERY === 0;
    const end = {
      kind: 'incident.closed',
      actor: 'U0MEIT',
      occurredAt: now,
      data: { verdict: 'resolved' },
      texts: { reason: 'done' },
    } as const;
    await store.commit(declared.incident, entries.length, {
      ...EMPTY,
      now,
      entries: isOpen ? notes : [...notes, end],
      settled: isOpen ? [] : deadlines.map(({ phase }) => ({ phase, as: 'cancelled' })),
    });
  }

  return {
    store,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Appends to one incident after the other, as many commands would. */
function appends(store: Store, ids: readonly string[]): Work {
  const seqs = new Map<string, number>();
  let at = 0;
  return async (rounds) => {
    for (let round = 0; round < rounds; round += 1) {
      at += 1;
      const id = ids[at % ids.length] ?? 'KL-1';
      const seq = seqs.get(id) ?? (await store.load(id))?.length ?? 0;
      await store.commit(id, seq, { ...EMPTY, now: Date.now(), entries: [note(at)] });
      seqs.set(id, seq + 1);
    }
  };
}

const repeated =
  (work: () => Promise<unknown>): Work =>
  async (rounds) => {
    for (let round = 0; round < rounds; round += 1) await work();
  };

export async function benchGrowth(): Promise<readonly Gate[]> {
  const few = await grown(FEW);
  const many = await grown(MANY);
  const ids = (count: number): readonly string[] =>
    Array.from({ length: 50 }, (_, n) => `KL-${Math.floor(((n + 0.5) * count) / 50)}`);
  const label = `${MANY} incidents over ${FEW}`;
  const bounds = { goal: 1.2, limit: 1.5, sliceMs: 120 };
  const page = (store: Store, all: readonly string[]): Work => {
    let at = 0;
    return repeated(() => {
      at += 1;
      return store.page(all[at % all.length] ?? 'KL-1', { to: null, limit: 20 });
    });
  };
  const due = ({ store }: { store: Store }): Work => repeated(() => store.due(Date.now()));
  const list = ({ store }: { store: Store }): Work =>
    repeated(() => store.list({ status: 'any', limit: 20 }));
  const gates = [
    await compare(
      `growth: append, ${label}`,
      appends(many.store, ids(MANY)),
      appends(few.store, ids(FEW)),
      bounds,
    ),
    await compare(
      `growth: timeline page, ${label}`,
      page(many.store, ids(MANY)),
      page(few.store, ids(FEW)),
      bounds,
    ),
    await compare(`growth: list, ${label}`, list(many), list(few), bounds),
    await compare(`growth: due rows, ${label}`, due(many), due(few), bounds),
  ];
  await few.close();
  await many.close();
  return gates;
}

// What any store must do. A second implementation passes this suite and is done.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { checkpointHash, fingerprintOf, signatureHolds } from '../../src/domain/checkpoint.ts';
import type { NewEntry } from '../../src/domain/entry.ts';
import type { Checkpoint, Store } from '../../src/domain/ports.ts';
import { GRACE_MS, LEASE_MS, type NewRun, type Run, type RunResult } from '../../src/domain/run.ts';
import { runbookHash } from '../../src/domain/runbook.ts';
import { entryHash, GENESIS, textHash } from '../../src/domain/seal.ts';
import { hintReport, T0 } from '../support/cases.ts';
import {
  ACME,
  batch,
  closed,
  declaration,
  declared,
  identified,
  newRun,
  note,
  opened,
  purged,
  quiet,
  RUNBOOK,
} from './batches.ts';

/** `make` opens a fresh, empty store. */
export function storeContract(name: string, make: () => Promise<Store>): void {
  describe(`${name} keeps the store's contract:`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await make();
    });
    afterEach(() => store.close());

    async function append(id: string, seq: number, ...entries: readonly NewEntry[]): Promise<number> {
      const outcome = await store.commit(id, seq, batch({ entries }));
      expect(outcome.outcome).toBe('committed');
      return seq + entries.length;
    }

    async function withRuns(...runs: readonly NewRun[]): Promise<string> {
      const { id } = await declared(store, undefined, { runs, deadlines: [] });
      return id;
    }

    async function claimOne(now: number): Promise<Run> {
      const [run, ...others] = await store.claim({ now, limit: 10 });
      if (run === undefined || others.length > 0) throw new Error('not exactly one run was claimed');
      return run;
    }

    function result(run: Run, change: Partial<RunResult> = {}): RunResult {
      const { step, subject, generation, epoch } = run;
      return { step, subject, generation, epoch, state: 'done', notBefore: T0, ...change };
    }

    async function seqOf(id: string): Promise<number> {
      return (await store.load(id))?.length ?? 0;
    }

    describe('the log', () => {
      test('gives ids in order and answers with what it wrote', async () => {
        const first = await store.declare(ACME, RUNBOOK, declaration());
        const second = await store.declare(ACME, RUNBOOK, declaration());
        expect([first, second]).toMatchObject([
          { outcome: 'committed', incident: 'KL-1' },
          { outcome: 'committed', incident: 'KL-2' },
        ]);
        if (first.outcome !== 'committed') throw new Error(first.outcome);
        expect(await store.load('KL-1')).toEqual(first.entries);
        expect(await store.load('KL-3')).toBeNull();
      });

      test('chains and seals entries so that every hash can be recomputed', async () => {
        const { id, seq } = await quiet(store);
        await append(id, seq, note('first'), note('second'));
        const entries = (await store.load(id)) ?? [];
        expect(entries).toHaveLength(seq + 2);
        let prev = GENESIS;
        entries.forEach(({ entry: { hash, ...hashed }, texts }, index) => {
          expect(hashed).toMatchObject({ seq: index + 1, incident: id, prev });
          expect(hash).toBe(entryHash(canonicalJson(hashed)));
          for (const [field, text] of Object.entries(texts)) {
            expect(hashed.data).toMatchObject({ [field]: { text_sha256: textHash(text) } });
          }
          prev = hash;
        });
        expect(entries.at(-1)?.texts.text?.text).toBe('second');
        expect(entries.at(-1)?.texts.text?.salt).not.toBe(entries.at(-2)?.texts.text?.salt);
      });

      test('lets recorded_at never run backwards, though the clock does', async () => {
        const { id, seq } = await quiet(store);
        await store.commit(id, seq, batch({ now: T0 - 60_000, entries: [note('a')] }));
        await store.commit(id, seq + 1, batch({ now: T0 + 1_000, entries: [note('b')] }));
        const times = (await store.load(id))?.map(({ entry }) => Date.parse(entry.recorded_at));
        expect(times?.slice(-2)).toEqual([T0, T0 + 1_000]);
      });

      test('refuses what was decided on an older state, and writes nothing of it', async () => {
        const { id, seq } = await quiet(store);
        await append(id, seq, note('first'));
        const late = batch({
          entries: [note('late')],
          runs: [newRun('open-room')],
          deadlines: [{ phase: 'contain', dueAt: T0 }],
          delivery: 'D1',
        });
        expect(await store.commit(id, seq, late)).toEqual({ outcome: 'conflict' });
        expect(await store.commit('KL-99', 0, late)).toEqual({ outcome: 'conflict' });
        expect(await seqOf(id)).toBe(seq + 1);
        expect(await store.runs(id)).toEqual([]);
        expect(await store.due(T0)).toEqual([]);
        expect(await store.delivered('D1')).toBeNull();
      });

      test('of two commands on the same state that arrive together, exactly one is written', async () => {
        const { id, seq } = await quiet(store);
        const outcomes = await Promise.all([
          store.commit(id, seq, batch({ entries: [note('a')] })),
          store.commit(id, seq, batch({ entries: [note('b')] })),
        ]);
        expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'conflict']);
        expect(await seqOf(id)).toBe(seq + 1);
      });

      test('a command that cannot be written leaves nothing, and its neighbours are untouched', async () => {
        const { id, seq } = await quiet(store);
        const bad = declaration(undefined, { entries: [{ ...note('x'), data: { odd: 0.5 } } as never] });
        const [before, failed, after] = await Promise.allSettled([
          store.commit(id, seq, batch({ entries: [note('before')] })),
          store.declare(ACME, RUNBOOK, bad),
          store.commit(id, seq + 1, batch({ entries: [note('after')] })),
        ]);
        expect(before).toMatchObject({ value: { outcome: 'committed' } });
        expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'KL_LOG_NOT_CANONICAL' } });
        expect(after).toMatchObject({ value: { outcome: 'committed' } });
        expect(await quiet(store)).toMatchObject({ id: 'KL-2' });
      });

      test('a commit without entries leaves log and checkpoints as they are', async () => {
        const { id, seq } = await quiet(store);
        await store.commit(id, seq, batch({ settled: [{ phase: 'contain', as: 'met' }] }));
        expect(await seqOf(id)).toBe(seq);
        expect(await store.checkpoints(null)).toHaveLength(1);
      });

      test('keeps the runbook that an incident was declared with', async () => {
        await quiet(store);
        await quiet(store);
        expect(await store.runbook(runbookHash(RUNBOOK))).toEqual(RUNBOOK);
        expect(await store.runbook('0'.repeat(64))).toBeNull();
      });
    });

    describe('checkpoints', () => {
      test('every transaction with entries is witnessed once, in one signed chain over all incidents', async () => {
        const first = await quiet(store);
        const second = await quiet(store);
        await append(first.id, first.seq, note('a'), note('b'));
        const all = await store.checkpoints(null);
        expect(all.map(({ n, incident, count }) => [n, incident, count])).toEqual([
          [1, first.id, first.seq],
          [2, second.id, second.seq],
          [3, first.id, first.seq + 2],
        ]);
        let prev = GENESIS;
        for (const checkpoint of all) {
          const facts = JSON.parse(checkpoint.text);
          expect(facts).toMatchObject({ prev, n: checkpoint.n, head: checkpoint.head });
          expect(signatureHolds(checkpoint.text, checkpoint.signature, facts.public_key)).toBe(true);
          expect(fingerprintOf(facts.public_key)).toHaveLength(64);
          prev = checkpointHash(checkpoint.text);
        }
        const head = (await store.load(first.id))?.at(-1)?.entry.hash;
        expect(all.at(-1)?.head).toBe(head);
      });

      test('those of one incident come in order', async () => {
        const first = await quiet(store);
        await quiet(store);
        await append(first.id, first.seq, note('a'));
        const numbers = (found: readonly Checkpoint[]): number[] => found.map(({ n }) => n);
        expect(numbers(await store.checkpoints(first.id))).toEqual([1, 3]);
        expect(await store.checkpoints('KL-99')).toEqual([]);
      });
    });

    describe('deliveries', () => {
      test('one that comes again changes nothing and names its incident', async () => {
        const { id, seq } = await declared(store, undefined, { delivery: 'D1' });
        expect(await store.declare(ACME, RUNBOOK, declaration(undefined, { delivery: 'D1' }))).toEqual({
          outcome: 'duplicate',
          incident: id,
        });
        await store.commit(id, seq, batch({ entries: [note('a')], delivery: 'D2' }));
        // It is known as a duplicate though the state has moved on.
        expect(await store.commit(id, seq, batch({ entries: [note('a')], delivery: 'D2' }))).toEqual({
          outcome: 'duplicate',
          incident: id,
        });
        expect(await seqOf(id)).toBe(seq + 1);
        expect(await store.list({ status: 'any', limit: 10 })).toHaveLength(1);
        expect(await store.delivered('D2')).toBe(id);
        expect(await store.delivered('D3')).toBeNull();
      });

      test('two that arrive together have one effect', async () => {
        const outcomes = await Promise.all([
          store.declare(ACME, RUNBOOK, declaration(undefined, { delivery: 'D1' })),
          store.declare(ACME, RUNBOOK, declaration(undefined, { delivery: 'D1' })),
        ]);
        expect(outcomes).toMatchObject([
          { outcome: 'committed' },
          { outcome: 'duplicate', incident: 'KL-1' },
        ]);
      });
    });

    describe('lists', () => {
      test('are newest first, by status, up to the limit', async () => {
        const first = await quiet(store);
        await quiet(store);
        await quiet(store);
        await append(first.id, first.seq, opened('channel', 'C1'), closed());
        const ids = async (status: 'open' | 'closed' | 'any', limit = 10): Promise<string[]> =>
          (await store.list({ status, limit })).map(({ id }) => id);
        expect(await ids('any')).toEqual(['KL-3', 'KL-2', 'KL-1']);
        expect(await ids('open')).toEqual(['KL-3', 'KL-2']);
        expect(await ids('closed')).toEqual(['KL-1']);
        expect(await ids('any', 1)).toEqual(['KL-3']);
        expect((await store.list({ status: 'closed', limit: 1 }))[0]).toEqual({
          id: 'KL-1',
          status: 'closed',
          severity: 1,
          team: 'T0ACME',
          declaredAt: T0,
          declaredBy: 'U0DECLARER',
          seq: first.seq + 2,
          room: 'C1',
          closedAt: T0,
        });
      });
    });

    describe('lists beside a row', () => {
      test('go on to older ones or back to the nearest newer ones, newest first', async () => {
        for (let made = 0; made < 6; made += 1) {
          const { id, seq } = await quiet(store);
          if (made % 3 === 2) await append(id, seq, closed());
        }
        const ids = async (filter: Parameters<Store['list']>[0]): Promise<string[]> =>
          (await store.list(filter)).map(({ id }) => id);
        expect(await ids({ status: 'open', limit: 2, before: 5 })).toEqual(['KL-4', 'KL-2']);
        expect(await ids({ status: 'open', limit: 2, after: 1 })).toEqual(['KL-4', 'KL-2']);
        expect(await ids({ status: 'any', limit: 2, after: 1 })).toEqual(['KL-3', 'KL-2']);
        expect(await ids({ status: 'closed', limit: 9, after: 3 })).toEqual(['KL-6']);
        expect(await ids({ status: 'closed', limit: 9, before: 3 })).toEqual([]);
      });
    });

    describe('pages of a log', () => {
      test('hold the entries of their span with their texts, in order, and how many there are', async () => {
        const { id, seq } = await quiet(store);
        await quiet(store);
        await append(id, seq, ...Array.from({ length: 30 }, (_, index) => note(`note ${index}`)));
        const all = (await store.load(id)) ?? [];
        const count = all.length;
        expect(await store.page(id, { to: null, limit: 20 })).toEqual({ count, entries: all.slice(-20) });
        expect(await store.page(id, { to: 10, limit: 4 })).toEqual({ count, entries: all.slice(6, 10) });
        expect(await store.page(id, { to: 3, limit: 20 })).toEqual({ count, entries: all.slice(0, 3) });
        expect(await store.page(id, { from: 5, limit: 3 })).toEqual({ count, entries: all.slice(4, 7) });
        expect(await store.page(id, { from: count, limit: 20 })).toEqual({ count, entries: all.slice(-1) });
        expect(await store.page(id, { to: 999, limit: 2 })).toEqual({ count, entries: all.slice(-2) });
        expect(await store.page('KL-9', { to: null, limit: 20 })).toBeNull();
      });
    });

    describe('a key that is reported again', () => {
      const hint = { start: 'R2D', end: 'igAA' };

      test('is found by the hint or the id it was reported under, and by the id it was identified as', async () => {
        const { id, seq } = await quiet(store, [
          hintReport(),
          { query: { shape: 'id', id: 'apikey_02' }, words: 'apikey_02' },
          { query: { shape: 'name', name: 'batch' }, words: 'batch' },
        ]);
        await append(id, seq, identified('k1', 'apikey_01'));
        expect(await store.openIncidentWith({ id: null, hint })).toBe(id);
        expect(await store.openIncidentWith({ id: 'apikey_01', hint: null })).toBe(id);
        expect(await store.openIncidentWith({ id: 'apikey_02', hint: null })).toBe(id);
        expect(await store.openIncidentWith({ id: 'apikey_09', hint })).toBe(id);
      });

      test('is not taken for a key that looks like it', async () => {
        await quiet(store);
        expect(await store.openIncidentWith({ id: null, hint: { start: 'R2D', end: 'igAB' } })).toBeNull();
        expect(await store.openIncidentWith({ id: null, hint: { start: 'R2', end: 'igAA' } })).toBeNull();
        expect(await store.openIncidentWith({ id: 'apikey_01', hint: null })).toBeNull();
        expect(await store.openIncidentWith({ id: null, hint: null })).toBeNull();
      });

      test('is not found under the id that it turned out not to be', async () => {
        const { id, seq } = await quiet(store, [
          { query: { shape: 'id', id: 'apikey_02' }, words: 'apikey_02' },
        ]);
        await append(id, seq, identified('k1', 'apikey_01'));
        expect(await store.openIncidentWith({ id: 'apikey_02', hint: null })).toBeNull();
        await append(id, seq + 1, identified('k1', 'apikey_03'));
        expect(await store.openIncidentWith({ id: 'apikey_01', hint: null })).toBeNull();
        expect(await store.openIncidentWith({ id: 'apikey_03', hint: null })).toBe(id);
      });

      test('joins its open incident though it is dead, the newest if there are several, and never a closed one', async () => {
        const first = await quiet(store);
        const second = await quiet(store);
        await append(first.id, first.seq, {
          kind: 'key.deactivated',
          actor: 'U0RESPOND',
          occurredAt: T0,
          data: {
            key: 'k1',
            id: 'apikey_01',
            name: 'prod',
            hint: null,
            workspace: null,
            status: 'inactive',
            already: false,
            observed_at: new Date(T0).toISOString(),
            request_id: null,
            run: 'deactivate-key:k1:1',
          },
        });
        expect(await store.openIncidentWith({ id: null, hint })).toBe(second.id);
        await append(second.id, second.seq, closed());
        expect(await store.openIncidentWith({ id: null, hint })).toBe(first.id);
        await append(first.id, first.seq + 1, closed());
        expect(await store.openIncidentWith({ id: null, hint })).toBeNull();
      });
    });

    describe('a room', () => {
      test('that is a channel is found from anywhere in it', async () => {
        const { id, seq } = await quiet(store);
        expect(await store.incidentsIn('C1', null)).toEqual([]);
        await append(id, seq, opened('channel', 'C1'));
        expect(await store.incidentsIn('C1', null)).toEqual([id]);
        expect(await store.incidentsIn('C1', '17.5')).toEqual([id]);
        expect(await store.incidentsIn('C2', null)).toEqual([]);
      });

      test('that is a thread is found only in that thread, from its first message on', async () => {
        const first = await quiet(store);
        const second = await quiet(store);
        await append(first.id, first.seq, opened('thread', 'C9'));
        expect(await store.incidentsIn('C9', '17.1')).toEqual([]);
        await append(first.id, first.seq + 1, {
          kind: 'card.posted',
          actor: 'keyleak',
          occurredAt: T0,
          data: { channel: 'C9', ts: '17.1' },
        });
        await append(second.id, second.seq, opened('thread', 'C9', '17.2'));
        expect(await store.incidentsIn('C9', '17.1')).toEqual([first.id]);
        expect(await store.incidentsIn('C9', '17.2')).toEqual([second.id]);
        expect(await store.incidentsIn('C9', null)).toEqual([]);
        expect(await store.incidentsIn('C9', '17.3')).toEqual([]);
      });

      test('that is a direct conversation leads to its open incidents, newest first, else to its newest', async () => {
        const rooms = [await quiet(store), await quiet(store), await quiet(store)];
        for (const { id, seq } of rooms) await append(id, seq, opened('direct', 'D1'));
        const [first, second, third] = rooms;
        if (first === undefined || second === undefined || third === undefined) throw new Error('no rooms');
        expect(await store.incidentsIn('D1', null)).toEqual([third.id, second.id, first.id]);
        await append(third.id, third.seq + 1, closed());
        expect(await store.incidentsIn('D1', null)).toEqual([second.id, first.id]);
        await append(second.id, second.seq + 1, closed());
        await append(first.id, first.seq + 1, closed());
        expect(await store.incidentsIn('D1', null)).toEqual([third.id]);
      });
    });

    describe('runs', () => {
      test('are claimed once, with attempt, epoch and everything they were asked with', async () => {
        const id = await withRuns(newRun('open-room', { input: { a: 1, b: 'x', c: null, d: true } }));
        expect(await store.runs(id)).toMatchObject([{ state: 'pending', attempt: 0, epoch: 0 }]);
        expect(await claimOne(T0)).toEqual({
          incident: id,
          step: 'open-room',
          subject: '-',
          generation: 1,
          action: 'test/open-room@1',
          input: { a: 1, b: 'x', c: null, d: true },
          actor: 'keyleak',
          notBefore: T0,
          state: 'claimed',
          attempt: 1,
          epoch: 1,
          doubtful: false,
          createdAt: T0,
        });
        expect(await store.claim({ now: T0, limit: 10 })).toEqual([]);
      });

      test('are claimed by one of two that ask at the same moment', async () => {
        await withRuns(newRun('open-room'), newRun('find-owner'));
        const [a, b] = await Promise.all([
          store.claim({ now: T0, limit: 10 }),
          store.claim({ now: T0, limit: 10 }),
        ]);
        expect([a.length, b.length]).toEqual([2, 0]);
      });

      test('wait for their time, and a key dies before chores that have waited longer', async () => {
        await withRuns(
          newRun('open-room', { notBefore: T0 - 9_000 }),
          newRun('find-owner', { notBefore: T0 - 10_000 }),
          newRun('identify-key', { subject: 'k2', notBefore: T0 - 1_000 }),
          newRun('deactivate-key', { subject: 'k1' }),
          newRun('post-card', { notBefore: T0 + 1 }),
        );
        const steps = (found: readonly Run[]): string[] => found.map(({ step }) => step);
        expect(steps(await store.claim({ now: T0, limit: 3 }))).toEqual([
          'deactivate-key',
          'identify-key',
          'find-owner',
        ]);
        expect(steps(await store.claim({ now: T0, limit: 3 }))).toEqual(['open-room']);
        expect(steps(await store.claim({ now: T0 + 1, limit: 3 }))).toEqual(['post-card']);
        expect(await store.claim({ now: T0 + 1, limit: 0 })).toEqual([]);
      });

      test('of actions that are left out stay as they are, for whoever takes them', async () => {
        const id = await withRuns(newRun('open-room'), newRun('find-owner'));
        const except = ['test/open-room@1', 'test/post-card@1'];
        expect(await store.claim({ now: T0, limit: 10, except })).toMatchObject([{ step: 'find-owner' }]);
        expect(await store.claim({ now: T0, limit: 10, except })).toEqual([]);
        expect((await store.runs(id))[0]).toMatchObject({ state: 'pending', attempt: 0, epoch: 0 });
        expect(await store.claim({ now: T0, limit: 10 })).toMatchObject([{ step: 'open-room' }]);
      });

      test('that exist already make their batch fail as a whole', async () => {
        const id = await withRuns(newRun('open-room'));
        const seq = await seqOf(id);
        await expect(
          store.commit(id, seq, batch({ entries: [note('a')], runs: [newRun('open-room')] })),
        ).rejects.toMatchObject({ code: 'KL_STORE_RULE' });
        expect(await seqOf(id)).toBe(seq);
        await store.commit(id, seq, batch({ runs: [newRun('open-room', { generation: 2 })] }));
        expect((await store.runs(id)).map(({ generation }) => generation)).toEqual([1, 2]);
      });

      test('end with their result, in the same transaction as its entries', async () => {
        const id = await withRuns(newRun('open-room'));
        const run = await claimOne(T0);
        const seq = await seqOf(id);
        await store.commit(id, seq, batch({ entries: [note('done')], runResult: result(run) }));
        expect(await store.runs(id)).toMatchObject([{ state: 'done', doubtful: false }]);
        expect(await store.claim({ now: T0 + 10 * LEASE_MS, limit: 10 })).toEqual([]);
      });

      test.each([
        ['pending', false],
        ['unknown', true],
      ] as const)(
        'that are %s again are claimed after their pause, doubtful: %s',
        async (state, doubtful) => {
          const id = await withRuns(newRun('open-room'));
          const run = await claimOne(T0);
          const runResult = result(run, { state, notBefore: T0 + 500 });
          await store.commit(id, await seqOf(id), batch({ runResult }));
          expect(await store.claim({ now: T0 + 499, limit: 1 })).toEqual([]);
          expect(await claimOne(T0 + 500)).toMatchObject({ attempt: 2, epoch: 2, doubtful });
        },
      );

      test('whose lease lapsed are claimed anew and doubtful; the late result is stale and nothing of it is written', async () => {
        const id = await withRuns(newRun('open-room'));
        const slow = await claimOne(T0);
        expect(await store.claim({ now: T0 + LEASE_MS - 1, limit: 1 })).toEqual([]);
        const fast = await claimOne(T0 + LEASE_MS + 1);
        expect(fast).toMatchObject({ attempt: 2, epoch: 2, doubtful: true });
        const seq = await seqOf(id);
        const late = batch({ entries: [note('late')], runResult: result(slow), delivery: 'D1' });
        expect(await store.commit(id, seq, late)).toEqual({ outcome: 'stale' });
        expect(await seqOf(id)).toBe(seq);
        expect(await store.delivered('D1')).toBeNull();
        expect(await store.commit(id, seq, batch({ runResult: result(fast) }))).toMatchObject({
          outcome: 'committed',
        });
        expect(await store.commit(id, seq, batch({ runResult: result(fast) }))).toEqual({ outcome: 'stale' });
      });

      test('of a dead process are doubtful at the next start: at once, or after the grace where the effect may still land', async () => {
        const id = await withRuns(newRun('deactivate-key', { subject: 'k1' }), newRun('open-room'));
        const held = await store.claim({ now: T0, limit: 10 });
        await store.commit(id, await seqOf(id), batch({ runs: [newRun('post-card')] }));
        expect(await store.reclaim(T0 + 1_000, ['test/open-room@1'])).toBe(2);
        expect(await store.reclaim(T0 + 1_000, ['test/open-room@1'])).toBe(0);
        const now = T0 + 1_000;
        expect(await store.claim({ now, limit: 10 })).toMatchObject([
          { step: 'deactivate-key', doubtful: true, epoch: 2 },
          { step: 'post-card', doubtful: false, epoch: 1 },
        ]);
        expect(await store.claim({ now: now + GRACE_MS - 1, limit: 10 })).toEqual([]);
        expect(await store.claim({ now: now + GRACE_MS, limit: 10 })).toMatchObject([
          { step: 'open-room', doubtful: true },
        ]);
        const [first] = held;
        if (first === undefined) throw new Error('nothing was held');
        expect(await store.commit(id, await seqOf(id), batch({ runResult: result(first) }))).toEqual({
          outcome: 'stale',
        });
      });

      test('are not held up by a clock that was put back: what was ready is claimed, what waited waits as long again', async () => {
        const id = await withRuns(newRun('deactivate-key', { subject: 'k1' }));
        await store.commit(
          id,
          await seqOf(id),
          batch({ runs: [newRun('open-room', { notBefore: T0 + 30_000 })] }),
        );
        const back = T0 - 3_600_000;
        expect(await store.claim({ now: back, limit: 10 })).toMatchObject([{ step: 'deactivate-key' }]);
        expect(await store.claim({ now: back + 29_999, limit: 10 })).toEqual([]);
        expect(await store.claim({ now: back + 30_000, limit: 10 })).toMatchObject([{ step: 'open-room' }]);
        // Both are in hand since; a second step back shortens their leases with it.
        const further = back - 3_600_000;
        expect(await store.claim({ now: further, limit: 10 })).toEqual([]);
        expect(await store.claim({ now: further + LEASE_MS + 1, limit: 10 })).toHaveLength(2);
      });
    });

    describe('deadlines', () => {
      test('are due from their time on, earliest first, until they are settled', async () => {
        const { id, seq } = await declared(store, undefined, {
          runs: [],
          deadlines: [
            { phase: 'hour', dueAt: T0 + 2 },
            { phase: 'contain', dueAt: T0 + 1 },
          ],
        });
        expect(await store.due(T0)).toEqual([]);
        expect(await store.due(T0 + 2)).toEqual([
          { incident: id, phase: 'contain', dueAt: T0 + 1 },
          { incident: id, phase: 'hour', dueAt: T0 + 2 },
        ]);
        const settled = [{ phase: 'contain', as: 'missed' }] as const;
        await store.commit(id, seq, batch({ settled }));
        await store.commit(id, seq, batch({ settled: [{ phase: 'contain', as: 'met' }] }));
        expect(await store.due(T0 + 1)).toEqual([]);
        expect(await store.due(T0 + 2)).toMatchObject([{ phase: 'hour' }]);
      });
    });

    describe('the next wake', () => {
      test('is the earliest of runs and open deadlines, and null when nothing waits', async () => {
        expect(await store.nextWake()).toBeNull();
        const { id, seq } = await declared(store, undefined, {
          runs: [newRun('open-room', { notBefore: T0 + 50 })],
          deadlines: [{ phase: 'contain', dueAt: T0 + 70 }],
        });
        expect(await store.nextWake()).toBe(T0 + 50);
        const run = await claimOne(T0 + 50);
        expect(await store.nextWake()).toBe(T0 + 70);
        await store.commit(id, seq, batch({ runResult: result(run) }));
        expect(await store.nextWake()).toBe(T0 + 70);
        await store.commit(id, seq, batch({ settled: [{ phase: 'contain', as: 'met' }] }));
        expect(await store.nextWake()).toBeNull();
      });

      test('looks after a run in hand once nothing else is earlier', async () => {
        await withRuns(newRun('open-room'));
        await claimOne(T0);
        expect(await store.nextWake()).toBe(T0 + LEASE_MS);
      });
    });

    describe('a purge', () => {
      test('removes text and salt, keeps the chain, and is itself in the log', async () => {
        const { id, seq } = await quiet(store);
        await append(id, seq, note('a secret slipped in'), note('harmless'));
        const before = await store.load(id);
        const change = batch({ entries: [purged(seq + 1, 'text')] });
        expect(await store.purgeText(id, seq, seq + 1, 'text', change)).toEqual({ outcome: 'conflict' });
        expect(await store.load(id)).toEqual(before);
        expect(await store.purgeText(id, seq + 2, seq + 1, 'text', change)).toMatchObject({
          outcome: 'committed',
        });
        const after = (await store.load(id)) ?? [];
        expect(after.map(({ entry }) => entry).slice(0, -1)).toEqual(before?.map(({ entry }) => entry));
        expect(after.at(-1)?.entry.kind).toBe('text.purged');
        expect(after[seq]?.texts).toEqual({});
        expect(after[seq + 1]?.texts.text?.text).toBe('harmless');
      });

      test('of a text that is not there, or without its entry, writes nothing', async () => {
        const { id, seq } = await quiet(store);
        const next = await append(id, seq, note('a'));
        const wrong = [
          [next, 'reason', purged(next, 'reason'), 'KL_TEXT_UNKNOWN'],
          [99, 'text', purged(99, 'text'), 'KL_TEXT_UNKNOWN'],
          [next, 'text', note('no purge'), 'KL_STORE_RULE'],
          [next, 'text', purged(1, 'text'), 'KL_STORE_RULE'],
        ] as const;
        for (const [at, field, entry, code] of wrong) {
          await expect(
            store.purgeText(id, next, at, field, batch({ entries: [entry] })),
          ).rejects.toMatchObject({ code });
        }
        expect(await seqOf(id)).toBe(next);
        expect((await store.load(id))?.at(-1)?.texts.text?.text).toBe('a');
        await store.purgeText(id, next, next, 'text', batch({ entries: [purged(next, 'text')] }));
        await expect(
          store.purgeText(id, next + 1, next, 'text', batch({ entries: [purged(next, 'text')] })),
        ).rejects.toMatchObject({ code: 'KL_TEXT_UNKNOWN' });
      });
    });

    describe('small things', () => {
      test('the last render of a surface', async () => {
        expect(await store.rendered('KL-1:card')).toBeNull();
        await store.saveRendered('KL-1:card', 'h1');
        await store.saveRendered('KL-1:card', 'h2');
        expect(await store.rendered('KL-1:card')).toBe('h2');
      });

      test('the last known members of a user group', async () => {
        expect(await store.group('S1')).toBeNull();
        await store.saveGroup('S1', ['U1', 'U2'], T0);
        await store.saveGroup('S1', ['U2'], T0 + 1);
        expect(await store.group('S1')).toEqual({ members: ['U2'], readAt: T0 + 1 });
      });

      test('closing writes what waits and refuses what comes later', async () => {
        const waiting = store.saveRendered('a', 'b');
        await Promise.all([store.close(), waiting]);
        await expect(store.saveRendered('a', 'c')).rejects.toMatchObject({ code: 'KL_STORE_CLOSED' });
        await store.close();
      });
    });
  });
}

// The durable log and its queues on SQLite: one file, one writer, and no answer before the disk has what it says.

import type Database from 'better-sqlite3';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Boundary, Clock, Randomness } from '../domain/clock.ts';
import type { LoggedEntry } from '../domain/entry.ts';
import type { Batch, CommitOutcome, Signer, Store } from '../domain/ports.ts';
import { type Runbook, runbookHash } from '../domain/runbook.ts';
import { CHAIN_START, type ChainEnd } from '../domain/seal.ts';
import { deadlineRows } from './deadlines.ts';
import { incidentRows } from './incidents.ts';
import { keepsakes } from './keepsakes.ts';
import { type Lock, takeLock } from './lock.ts';
import { logWriting } from './log.ts';
import { migrate } from './migrate.ts';
import { checkIntegrity, isMemory, openDatabase, truncateWal } from './open.ts';
import { BLANK_PROJECTION, type Projection, project } from './projections.ts';
import { createQueue, type Defer } from './queue.ts';
import { reading, readLog } from './reading.ts';
import { runQueue } from './runs.ts';

export interface StoreParts {
  /** File of the database, or `:memory:`. */
  readonly path: string;
  /** Folder of the numbered migrations. */
  readonly migrations: string;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly boundary: Boundary;
  /** What runs, such as `keyleak start`, told to whoever is refused; null takes no lock and checks no pages. */
  readonly holder: string | null;
  /** Gathers the commands of one moment; setImmediate unless a simulation brings its own. */
  readonly defer?: Defer;
}

/**
 * Opens the store. Throws KL_DATABASE_HELD, KL_LOCK_UNUSABLE, and what openDatabase, checkIntegrity and migrate throw;
 * then nothing stays open and no lock is held.
 */
export async function openStore(parts: StoreParts): Promise<Store> {
  const { path, holder } = parts;
  const lock = holder === null || isMemory(path) ? null : takeLock(path, holder, parts.clock.now());
  let db: Database.Database | null = null;
  try {
    db = openDatabase(path);
    if (holder !== null) checkIntegrity(db);
    await migrate(db, path, parts.migrations, parts.clock.now());
    return storeOn(db, lock, parts);
  } catch (error) {
    db?.close();
    lock?.release();
    throw error;
  }
}

/** The store on a database that is open and migrated; it closes both when it is closed. */
export function storeOn(
  db: Database.Database,
  lock: Lock | null,
  parts: Omit<StoreParts, 'path' | 'migrations' | 'holder'>,
): Store {
  const reads = readLog(db);
  const log = logWriting(db, parts.signer, parts.randomness);
  const incidents = incidentRows(db);
  const runs = runQueue(db);
  const deadlines = deadlineRows(db);
  const keep = keepsakes(db);
  let residue = true;
  const queue = createQueue(db, {
    defer: parts.defer ?? ((work) => void setImmediate(work)),
    boundary: parts.boundary,
    afterCommit: wipe,
  });
  wipe();

  /** After a purge, and once at start, nothing of an emptied text may stay in the WAL. A reader may delay it to the next commit. */
  function wipe(): void {
    if (residue) residue = !truncateWal(db);
  }

  function append(
    incident: string,
    end: ChainEnd,
    before: Projection,
    batch: Batch,
  ): { entries: readonly LoggedEntry[]; after: Projection } {
    if (batch.entries.length === 0) return { entries: [], after: before };
    const entries = log.append(incident, end, batch.entries, batch.now);
    return { entries, after: entries.reduce((state, { entry }) => project(state, entry), before) };
  }

  function enqueue(incident: string, batch: Batch): void {
    const { now } = batch;
    if (batch.runResult !== null) runs.record(incident, batch.runResult, now);
    for (const run of batch.runs) runs.insert(incident, run, now);
    for (const deadline of batch.deadlines) deadlines.insert(incident, deadline);
    for (const settled of batch.settled) deadlines.settle(incident, settled, now);
    if (batch.delivery !== null) keep.saveDelivery(batch.delivery, incident, now);
  }

  function duplicate(delivery: string | null): CommitOutcome | null {
    const incident = delivery === null ? null : keep.delivery(delivery);
    return incident === null ? null : { outcome: 'duplicate', incident };
  }

  function declare(
    team: { team: string | null; enterprise: string | null },
    runbook: Runbook,
    batch: Batch,
  ): CommitOutcome {
    const known = duplicate(batch.delivery);
    if (known !== null) return known;
    keep.saveRunbook(runbookHash(runbook), canonicalJson(runbook));
    const number = incidents.nextNumber();
    const incident = `KL-${number}`;
    const { entries, after } = append(incident, CHAIN_START, BLANK_PROJECTION, batch);
    incidents.insert(number, team, after);
    enqueue(incident, batch);
    return { outcome: 'committed', incident, entries };
  }

  function commit(incident: string, expectedSeq: number, batch: Batch): CommitOutcome {
    const known = duplicate(batch.delivery);
    if (known !== null) return known;
    if (batch.runResult !== null && !runs.holds(incident, batch.runResult)) return { outcome: 'stale' };
    const before = incidents.read(incident);
    const end = log.end(incident);
    if (before === null || end.seq !== expectedSeq) return { outcome: 'conflict' };
    if (batch.runbook !== undefined)
      keep.saveRunbook(runbookHash(batch.runbook), canonicalJson(batch.runbook));
    const { entries, after } = append(incident, end, before, batch);
    if (after !== before) incidents.update(incident, before, after);
    enqueue(incident, batch);
    return { outcome: 'committed', incident, entries };
  }

  return {
    declare: (team, runbook, batch) => queue.submit(() => declare(team, runbook, batch)),
    commit: (incident, expectedSeq, batch) => queue.submit(() => commit(incident, expectedSeq, batch)),
    purgeText(incident, expectedSeq, seq, field, batch) {
      return queue.submit(() => {
        const outcome = commit(incident, expectedSeq, batch);
        if (outcome.outcome !== 'committed') return outcome;
        log.purge(incident, seq, field);
        residue = true;
        return outcome;
      });
    },
    load: (incident) => reading(() => reads.load(incident)),
    page: (incident, span) => reading(() => reads.page(incident, span)),
    runbook: (sha256) => reading(() => reads.runbook(sha256)),
    list: (filter) => reading(() => reads.list(filter)),
    checkpoints: (incident) => reading(() => reads.checkpoints(incident)),
    openIncidentWith: ({ id, hint, except = '' }) =>
      reading(
        () =>
          (id === null ? null : incidents.openWithId(id, except)) ??
          (hint === null ? null : incidents.openWithHint(hint, except)),
      ),
    incidentsIn: (channel, thread) => reading(() => incidents.inRoom(channel, thread)),
    delivered: (delivery) => reading(() => keep.delivery(delivery)),
    async claim({ now, limit, except = [] }) {
      // A look that finds nothing costs no write.
      if (limit <= 0 || !(await reading(() => runs.anyDue(now, except)))) return [];
      return queue.submit(() => runs.claim(now, limit, except));
    },
    reclaim: (now, patient) => queue.submit(() => runs.reclaim(now, patient)),
    runs: (incident) => reading(() => runs.of(incident)),
    due: (now) => reading(() => deadlines.due(now)),
    nextWake: () =>
      reading(() => {
        const times = [runs.nextWake(), deadlines.nextWake()].filter((time) => time !== null);
        return times.length === 0 ? null : Math.min(...times);
      }),
    rendered: (surface) => reading(() => keep.rendered(surface)),
    saveRendered: (surface, hash) => queue.submit(() => keep.saveRendered(surface, hash)),
    group: (id) => reading(() => keep.group(id)),
    saveGroup: (id, members, readAt) => queue.submit(() => keep.saveGroup(id, members, readAt)),
    async close() {
      if (!db.open) return;
      queue.close();
      truncateWal(db);
      db.close();
      lock?.release();
    },
  };
}

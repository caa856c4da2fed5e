// The queue of effects: who may take which run when, and whose result still counts.

import type Database from 'better-sqlite3';
import { CHORES } from '../domain/chores.ts';
import { DEACTIVATE_STEP } from '../domain/progress.ts';
import { GRACE_MS, LEASE_MS, type NewRun, type Run, type RunInput, type RunResult } from '../domain/run.ts';

export interface RunQueue {
  /** Throws where a run of this step, subject and generation exists: that is a fault in a decision. */
  insert(incident: string, run: NewRun, now: number): void;
  /** True while the run is claimed under this epoch. */
  holds(incident: string, result: RunResult): boolean;
  record(incident: string, result: RunResult, now: number): void;
  /** True when `claim` would have something to do. Reads only. */
  anyDue(now: number, except: readonly string[]): boolean;
  claim(now: number, limit: number, except: readonly string[]): readonly Run[];
  reclaim(now: number, patient: readonly string[]): number;
  of(incident: string): readonly Run[];
  /** Milliseconds since the epoch; null when no run waits. */
  nextWake(): number | null;
}

type RunRow = Omit<Run, 'input' | 'doubtful'> & { readonly input: string; readonly doubtful: number };

const COLUMNS = `incident, step, subject, generation, action, input, actor, state, attempt, epoch, doubtful,
  not_before AS notBefore, created_at AS createdAt`;

const KEY = 'incident = @incident AND step = @step AND subject = @subject AND generation = @generation';

/** Statements over action_runs, prepared once. Those that write belong into a transaction. */
export function runQueue(db: Database.Database): RunQueue {
  const insert = db.prepare(
    `INSERT INTO action_runs
       (incident, step, subject, generation, action, input, actor, urgency, state, not_before, scheduled_at, created_at)
     VALUES
       (@incident, @step, @subject, @generation, @action, @input, @actor, @urgency, 'pending', @notBefore, @now, @now)`,
  );
  const holds = db.prepare(`SELECT 1 FROM action_runs WHERE ${KEY} AND state = 'claimed' AND epoch = @epoch`);
  const record = db.prepare(
    `UPDATE action_runs SET state = @state, doubtful = doubtful OR @state = 'unknown', not_before = @notBefore,
       lease_until = NULL, scheduled_at = @now
     WHERE ${KEY}`,
  );
  const due = db
    .prepare<[number, string], number>(
      'SELECT 1 FROM action_runs WHERE wake_at <= ? AND action NOT IN (SELECT value FROM json_each(?)) LIMIT 1',
    )
    .pluck();
  const ahead = db
    .prepare<[number], number>(
      'SELECT 1 FROM action_runs WHERE wake_at IS NOT NULL AND scheduled_at > ? LIMIT 1',
    )
    .pluck();
  const rebase = db.prepare<[{ now: number }]>(
    `UPDATE action_runs SET not_before = not_before - (scheduled_at - @now),
       lease_until = lease_until - (scheduled_at - @now), scheduled_at = @now
     WHERE wake_at IS NOT NULL AND scheduled_at > @now`,
  );
  const next = db
    .prepare<[number, string, number], number>(
      `SELECT id FROM action_runs WHERE wake_at <= ? AND action NOT IN (SELECT value FROM json_each(?))
       ORDER BY urgency, not_before, id LIMIT ?`,
    )
    .pluck();
  const claim = db.prepare<[{ id: number; now: number; lease: number }], RunRow>(
    `UPDATE action_runs SET doubtful = doubtful OR state IN ('unknown', 'claimed'), state = 'claimed',
       attempt = attempt + 1, epoch = epoch + 1, lease_until = @lease, scheduled_at = @now
     WHERE id = @id RETURNING ${COLUMNS}`,
  );
  const reclaim = db.prepare<[{ now: number; grace: number; patient: string }]>(
    `UPDATE action_runs SET state = 'unknown', doubtful = 1, lease_until = NULL, scheduled_at = @now,
       not_before = CASE WHEN action IN (SELECT value FROM json_each(@patient)) THEN @grace ELSE @now END
     WHERE wake_at IS NOT NULL AND state = 'claimed'`,
  );
  const ofIncident = db.prepare<[string], RunRow>(
    `SELECT ${COLUMNS} FROM action_runs WHERE incident = ? ORDER BY id`,
  );
  const wake = db
    .prepare<[], number | null>('SELECT MIN(wake_at) FROM action_runs WHERE wake_at IS NOT NULL')
    .pluck();

  return {
    insert(incident, run, now) {
      const { step, subject, generation, action, actor, notBefore } = run;
      const input = JSON.stringify(run.input);
      insert.run({
        incident,
        step,
        subject,
        generation,
        action,
        input,
        actor,
        urgency: urgency(step),
        notBefore,
        now,
      });
    },
    holds: (incident, result) => holds.get({ ...result, incident }) !== undefined,
    record: (incident, result, now) => void record.run({ ...result, incident, now }),
    anyDue: (now, except) =>
      due.get(now, JSON.stringify(except)) !== undefined || ahead.get(now) !== undefined,
    claim(now, limit, except) {
      // A clock that was put back would hold up what was ready by as much; so each wait begins again at the new time.
      rebase.run({ now });
      return next
        .all(now, JSON.stringify(except), limit)
        .flatMap((id) => claim.all({ id, now, lease: now + LEASE_MS }).map(toRun));
    },
    reclaim: (now, patient) =>
      reclaim.run({ now, grace: now + GRACE_MS, patient: JSON.stringify(patient) }).changes,
    of: (incident) => ofIncident.all(incident).map(toRun),
    nextWake: () => wake.get() ?? null,
  };
}

/** The key dies before anything else is done, and what people see comes after what stops the thief. */
function urgency(step: string): number {
  if (step === DEACTIVATE_STEP) return 0;
  return CHORES.has(step) ? 2 : 1;
}

function toRun(row: RunRow): Run {
  return { ...row, input: JSON.parse(row.input) as RunInput, doubtful: row.doubtful === 1 };
}

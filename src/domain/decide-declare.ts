// The first decision of an incident: who reported what, and what keyleak sets out to do about it.

import { consequences } from './consequences.ts';
import { type Decision, NOTHING, type Situation } from './decision.ts';
import { type Actor, BOT, type Grounds, type KeyQueryFacts, type NewEntry } from './entry.ts';
import type { Case, Incident } from './incident.ts';
import type { KeyQuery } from './key.ts';
import { findStep, IDENTIFY_STEP } from './progress.ts';
import { type NewRun, runName } from './run.ts';
import { durationMs, type Runbook, runbookHash } from './runbook.ts';

export interface Report {
  readonly query: KeyQuery;
  /** As typed, masked. */
  readonly words: string;
}

export interface DeclareCommand {
  /** 32 random hex digits. */
  readonly uid: string;
  readonly by: Actor;
  readonly source: 'slash' | 'modal' | 'shortcut' | 'cli';
  readonly team: string | null;
  readonly enterprise: string | null;
  readonly reports: readonly Report[];
  readonly where: string;
  readonly declaredIn: string | null;
  /** What the declarer may do, so that a policy can act in their name. */
  readonly authority: Grounds;
}

/** The query as it enters the log: a name is free text and stays in `words`. */
export function queryFacts(query: KeyQuery): KeyQueryFacts {
  return query.shape === 'name' ? { shape: 'name' } : query;
}

/** Entry and run that set out to find a reported key; nothing when the words name none or no provider can be asked. */
export function searchFor(
  subject: Pick<Case, 'runbook'>,
  key: string,
  query: KeyQuery,
  generation: number,
  situation: Situation,
): { entries: NewEntry[]; runs: NewRun[] } {
  const action = findStep(subject.runbook, IDENTIFY_STEP)?.uses;
  if (query.shape === 'none' || action === undefined || !situation.automated(action))
    return { entries: [], runs: [] };
  const run: NewRun = {
    step: IDENTIFY_STEP,
    subject: key,
    generation,
    action,
    input: {},
    actor: BOT,
    notBefore: situation.now,
  };
  const started: NewEntry = {
    kind: 'step.started',
    actor: BOT,
    occurredAt: situation.now,
    data: {
      step: IDENTIFY_STEP,
      key,
      run: runName(run),
      authority: { role: 'participant', by: 'none', list_age_ms: null },
    },
  };
  return { entries: [started], runs: [run] };
}

/** Opens an incident. The id is not known yet: the store gives it. */
export function decideDeclare(
  runbook: Runbook,
  blank: Incident,
  command: DeclareCommand,
  situation: Situation,
): Decision {
  const { now } = situation;
  const declared: NewEntry = {
    kind: 'incident.declared',
    actor: command.by,
    occurredAt: now,
    data: {
      uid: command.uid,
      runbook: { id: runbook.id, sha256: runbookHash(runbook) },
      severity: 1,
      team: command.team,
      enterprise: command.enterprise,
      source: command.source,
      declared_in: command.declaredIn,
      authority: command.authority,
    },
    texts: { where: command.where },
  };
  const entries: NewEntry[] = [declared];
  const runs: NewRun[] = [];
  command.reports.forEach((report, index) => {
    const key = `k${index + 1}`;
    entries.push({
      kind: 'key.reported',
      actor: command.by,
      occurredAt: now,
      data: { key, query: queryFacts(report.query) },
      texts: { words: report.words },
    });
    const search = searchFor({ runbook }, key, report.query, 1, situation);
    entries.push(...search.entries);
    runs.push(...search.runs);
  });
  const deadlines = runbook.phases.map((phase) => ({
    phase: phase.id,
    dueAt: now + durationMs(phase.within),
  }));
  return consequences({ incident: blank, runbook }, { ...NOTHING, entries, runs, deadlines }, situation);
}

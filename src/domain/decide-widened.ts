// An incident that turns out to be more, or something else, than was declared: further keys, another runbook.

import { queryFacts, type Report, searchFor } from './decide-declare.ts';
import type { RequestCommand } from './decide-request.ts';
import { type Decision, refused, type Situation, type Verdict } from './decision.ts';
import type { NewEntry } from './entry.ts';
import { type Asker, type Case, deadlineName, type Incident, stepState } from './incident.ts';
import { decided, isAtLeast, notAllowed } from './judging.ts';
import type { KeyQuery } from './key.ts';
import { MAX_KEYS } from './key-words.ts';
import { containmentPhase, IDENTIFY_STEP, isComplete, isSettled } from './progress.ts';
import { nudges } from './reminders.ts';
import { durationMs, type Phase, type Runbook, runbookHash } from './runbook.ts';
import { severityOf } from './severity.ts';

/** Keys that were found later. Each has its own clock for containment, and the phases that they concern are open again. */
export function addKeys(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'add-keys' }>,
  situation: Situation,
): Verdict {
  const { incident, runbook } = subject;
  const { now } = situation;
  const fresh = request.reports.filter((report) => !isKnown(incident, report));
  if (fresh.length === 0) return { verdict: 'joined' };
  if (incident.keys.length + fresh.length > MAX_KEYS) {
    return refused({
      code: 'KL_TOO_MANY_KEYS',
      message: `An incident holds at most ${MAX_KEYS} keys, so these were not added.`,
      next: 'Declare them as an incident of their own: type /keyleak in another channel.',
    });
  }
  const contain = containmentPhase(runbook);
  const entries: NewEntry[] = [];
  const runs: Decision['runs'][number][] = [];
  const deadlines: Decision['deadlines'][number][] = [];
  fresh.forEach((report, index) => {
    const key = `k${incident.keys.length + index + 1}`;
    entries.push({
      kind: 'key.reported',
      actor: by.actor,
      occurredAt: now,
      data: { key, query: queryFacts(report.query) },
      texts: { words: report.words },
    });
    const search = searchFor(subject, key, report.query, 1, situation);
    entries.push(...search.entries);
    runs.push(...search.runs);
    if (index === 0) entries.push(...reopened(incident, runbook, key, now));
    if (contain !== null) {
      deadlines.push({ phase: deadlineName(contain.id, key), dueAt: now + durationMs(contain.within) });
      runs.push(...nudges([contain], now, key, situation));
    }
  });
  return decided(subject, { entries, runs, deadlines }, situation);
}

function isKnown(incident: Incident, { query, words }: Report): boolean {
  return incident.keys.some(
    (key) =>
      namesSame(key.query, query) ||
      isFactsOf(key.facts, query) ||
      (query.shape !== 'none' && key.query.shape === query.shape && key.words === words),
  );
}

function namesSame(one: KeyQuery, other: KeyQuery): boolean {
  if (one.shape === 'hint' && other.shape === 'hint')
    return one.start === other.start && one.end === other.end;
  return one.shape === 'id' && other.shape === 'id' && one.id === other.id;
}

function isFactsOf(facts: { readonly id: string } | null, query: KeyQuery): boolean {
  return query.shape === 'id' && facts?.id === query.id;
}

function reopened(incident: Incident, runbook: Runbook, key: string, now: number): NewEntry[] {
  return runbook.phases
    .filter((phase) => phase.id in incident.phases && phase.steps.some((step) => step.each === 'key'))
    .map(({ id }) => reopening(id, key, now));
}

function reopening(phase: string, key: string | null, now: number): NewEntry {
  return { kind: 'phase.reopened', actor: 'keyleak', occurredAt: now, data: { phase, key } };
}

/** Another runbook from here on. What was done under a step id that both have stays done. */
export function changeRunbook(
  subject: Case,
  by: Asker,
  { runbook }: Extract<RequestCommand, { type: 'change-runbook' }>,
  situation: Situation,
): Verdict {
  const { incident } = subject;
  const { now } = situation;
  if (!isAtLeast(by, 'responder')) return notAllowed(by, 'responder', 'change the runbook', null, null, now);
  const sha256 = runbookHash(runbook);
  if (sha256 === incident.runbook.sha256) return { verdict: 'joined' };
  const after = { incident, runbook };
  const severity = Math.min(runbook.severity ?? 3, severityOf(incident.keys.map(({ facts }) => facts)));
  const entries: NewEntry[] = [
    {
      kind: 'runbook.changed',
      actor: by.actor,
      occurredAt: now,
      data: { id: runbook.id, sha256, severity },
    },
    ...runbook.phases
      .filter((phase) => phase.id in incident.phases && !isComplete(after, phase))
      .map(({ id }) => reopening(id, null, now)),
  ];
  const runs: Decision['runs'][number][] = [];
  for (const key of incident.keys) {
    const state = stepState(incident, IDENTIFY_STEP, key.subject);
    if (key.facts !== null || state.status === 'running' || isSettled(state)) continue;
    const search = searchFor(after, key.subject, key.query, state.generation + 1, situation);
    entries.push(...search.entries);
    runs.push(...search.runs);
  }
  const deadlines = newPhases(subject.runbook, runbook).map((phase) => ({
    phase: phase.id,
    dueAt: incident.declaredAt + durationMs(phase.within),
  }));
  return decided(subject, { entries, runs, deadlines, runbook }, situation);
}

/** Deadlines are kept by phase; only a phase that the old runbook did not have brings one of its own. */
function newPhases(before: Runbook, after: Runbook): readonly Phase[] {
  return after.phases.filter(({ id }) => !before.phases.some((phase) => phase.id === id));
}

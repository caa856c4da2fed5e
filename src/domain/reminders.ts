// What wakes people: reminders before each deadline, and a call outside Slack when nobody answers.

import { chore } from './chores.ts';
import type { Situation } from './decision.ts';
import { containmentPhase } from './progress.ts';
import type { NewRun } from './run.ts';
import { durationMs, type Phase, type Runbook } from './runbook.ts';

/** Runs for all reminders of these phases, counted from `start` (milliseconds since the epoch). */
export function nudges(
  phases: readonly Phase[],
  start: number,
  key: string | null,
  situation: Situation,
): NewRun[] {
  const times = phases.flatMap((phase) =>
    (phase.nudges ?? []).map((after) => ({ phase: phase.id, notBefore: start + durationMs(after) })),
  );
  return times.flatMap(({ phase, notBefore }, index) =>
    chore(
      'post-nudge',
      { subject: key, cause: index + 1, input: { phase, due: notBefore }, notBefore },
      situation,
    ),
  );
}

/** The call at the last reminder of containment, should nobody have answered by then. */
export function callIfUnanswered(runbook: Runbook, start: number, situation: Situation): NewRun[] {
  const phase = containmentPhase(runbook);
  const last = phase?.nudges?.at(-1);
  if (phase === null || last === undefined) return [];
  const notBefore = start + durationMs(last);
  const input = { reason: 'unanswered', phase: phase.id };
  return chore('page', { subject: null, cause: 1, input, notBefore }, situation);
}

/** When the reminder after one that was due at `dueAt` comes, or the deadline: from then on the earlier one is stale. */
export function staleAt(phase: Phase, start: number, dueAt: number): number {
  const times = [...(phase.nudges ?? []), phase.within].map((after) => start + durationMs(after));
  return times.find((time) => time > dueAt) ?? dueAt;
}

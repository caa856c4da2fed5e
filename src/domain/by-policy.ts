// Containment without a press: where the house wants it, a key that was matched exactly for a responder dies at once.

import type { Situation } from './decision.ts';
import type { NewEntry } from './entry.ts';
import type { Case } from './incident.ts';
import { stepState } from './incident.ts';
import type { KeyFacts } from './key.ts';
import { DEACTIVATE_STEP, findStep } from './progress.ts';
import { type NewRun, runName } from './run.ts';

/** The same record and the same run as a press by the declarer, marked as the policy's. Nothing where it does not apply. */
export function byPolicy(
  { incident, runbook }: Case,
  key: string,
  facts: KeyFacts,
  severity: number,
  { now, automated, rules }: Situation,
): { entries: NewEntry[]; runs: NewRun[] } {
  const action = findStep(runbook, DEACTIVATE_STEP)?.uses;
  const { status, generation } = stepState(incident, DEACTIVATE_STEP, key);
  if (
    rules.containment(facts, severity) !== 'automatic' ||
    incident.authority.role === 'participant' ||
    action === undefined ||
    !automated(action) ||
    status !== 'open'
  )
    return { entries: [], runs: [] };
  const run: NewRun = {
    step: DEACTIVATE_STEP,
    subject: key,
    generation: generation + 1,
    action,
    input: { mode: 'act' },
    actor: incident.declaredBy,
    notBefore: now,
  };
  const started: NewEntry = {
    kind: 'step.started',
    actor: incident.declaredBy,
    occurredAt: now,
    data: {
      step: DEACTIVATE_STEP,
      key,
      run: runName(run),
      authority: incident.authority,
      policy: 'automatic',
    },
  };
  return { entries: [started], runs: [run] };
}

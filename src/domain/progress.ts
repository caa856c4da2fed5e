// How far an incident is: which instances a step has, what is complete, whether a key still lives.

import { type Case, type Incident, type KeyState, keyState, type StepState, stepState } from './incident.ts';
import { durationMs, type Phase, type Runbook, type Step } from './runbook.ts';

/** The step that kills a key, by name; severity, LIVE/DEAD and the rules for skipping hang on it. */
export const DEACTIVATE_STEP = 'deactivate-key';
export const IDENTIFY_STEP = 'identify-key';
export const REPLACE_STEP = 'replace-key';
export const DEPLOY_STEP = 'deploy-replacement';
export const VERIFY_STEP = 'verify-containment';

/** One line of the checklist. */
export interface StepInstance {
  readonly step: Step;
  readonly subject: string | null;
  readonly state: StepState;
}

export function findStep(runbook: Runbook, id: string): Step | null {
  for (const phase of runbook.phases) {
    const step = phase.steps.find((candidate) => candidate.id === id);
    if (step !== undefined) return step;
  }
  return null;
}

/** Every instance of a phase in order: a step with `each: key` has one for each key of the incident. */
export function instances(subject: Case, phase: Phase): readonly StepInstance[] {
  const { incident } = subject;
  return phase.steps.flatMap((step) => {
    const subjects = step.each === 'key' ? incident.keys.map((key) => key.subject) : [null];
    return subjects.map((key) => ({ step, subject: key, state: stepState(incident, step.id, key) }));
  });
}

export function isSettled(state: StepState): boolean {
  return state.status === 'done' || state.status === 'skipped';
}

export function isComplete(subject: Case, phase: Phase): boolean {
  return instances(subject, phase).every(({ state }) => isSettled(state));
}

/** True when every step of this phase that one key has is settled. */
export function isCompleteFor(subject: Case, phase: Phase, key: string): boolean {
  return instances(subject, phase).every((one) => one.subject !== key || isSettled(one.state));
}

/** When the phase is due, in milliseconds since the epoch; for a key that was found later by its own clock. */
export function dueAt(incident: Incident, phase: Phase, key: string | null = null): number {
  return startOf(incident, key) + durationMs(phase.within);
}

/** When the clock of the incident, or that of a key which was found later, began. */
export function startOf(incident: Incident, key: string | null): number {
  const found = key === null ? null : keyState(incident, key);
  return found?.reportedAt ?? incident.declaredAt;
}

/** The phase in which keys die. Its clock begins anew for a key that is found later. */
export function containmentPhase(runbook: Runbook): Phase | null {
  return runbook.phases.find(({ steps }) => steps.some(({ id }) => id === DEACTIVATE_STEP)) ?? null;
}

/** Whose clock a step of this phase is under: that of its key where keys are contained, else the incident's (null). */
export function clockOf({ runbook }: Case, phase: Phase, key: string | null): string | null {
  return phase === containmentPhase(runbook) ? key : null;
}

/** True while a deadline still matters: the incident is open and what it is about is not done. */
export function isOpenUntil(subject: Case, phase: Phase, key: string | null): boolean {
  if (subject.incident.status === 'closed') return false;
  return key === null ? !(phase.id in subject.incident.phases) : !isCompleteFor(subject, phase, key);
}

/** True until the provider confirmed the key dead, somebody marked it done by hand, or it was skipped with authority. */
export function isLive(incident: Incident, key: KeyState): boolean {
  return key.dead === null && !isSettled(stepState(incident, DEACTIVATE_STEP, key.subject));
}

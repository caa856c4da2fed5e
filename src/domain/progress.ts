// How far an incident is: which instances a step has, what is complete, whether a key still lives.

import { type Case, type Incident, type KeyState, type StepState, stepState } from './incident.ts';
import { durationMs, type Phase, type Runbook, type Step } from './runbook.ts';

/** The step that kills a key, by name; severity, LIVE/DEAD and the rules for skipping hang on it. */
export const DEACTIVATE_STEP = 'deactivate-key';
export const IDENTIFY_STEP = 'identify-key';

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

/** When the phase is due, in milliseconds since the epoch. */
export function dueAt(incident: Incident, phase: Phase): number {
  return incident.declaredAt + durationMs(phase.within);
}

/** True until the provider confirmed the key dead, somebody marked it done by hand, or it was skipped with authority. */
export function isLive(incident: Incident, key: KeyState): boolean {
  return key.dead === null && !isSettled(stepState(incident, DEACTIVATE_STEP, key.subject));
}

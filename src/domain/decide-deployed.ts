// The rows of the deploy step: each affected system is marked when it has the replacement; the last one completes the step.

import type { RequestCommand } from './decide-request.ts';
import { refused, type Situation, type Verdict } from './decision.ts';
import type { NewEntry } from './entry.ts';
import { type Asker, type Case, keyState, stepState } from './incident.ts';
import { decided, find, isAtLeast, NO_SUCH_STEP, notAllowed, roleFor } from './judging.ts';
import { DEPLOY_STEP, isSettled } from './progress.ts';

export function deployed(
  subject: Case,
  by: Asker,
  { key, system: name }: Extract<RequestCommand, { type: 'deployed' }>,
  situation: Situation,
): Verdict {
  const { incident } = subject;
  const step = find(subject, DEPLOY_STEP, key);
  const systems = keyState(incident, key)?.systems ?? [];
  const system = systems.find((one) => one.name === name);
  if (step === null || system === undefined) return refused(NO_SUCH_STEP);
  const role = roleFor(step);
  // The owner of a system may always say that it is done.
  if (!isAtLeast(by, role) && by.actor !== system.owner)
    return notAllowed(by, role, `mark “${name}” done`, step.id, key, situation.now);
  if (system.deployed !== null || isSettled(stepState(incident, step.id, key))) return { verdict: 'joined' };
  const entries: NewEntry[] = [
    { kind: 'system.deployed', actor: by.actor, occurredAt: situation.now, data: { key, system: name } },
  ];
  if (systems.every((one) => one.deployed !== null || one.name === name)) {
    entries.push({
      kind: 'step.completed',
      actor: by.actor,
      occurredAt: situation.now,
      data: { step: step.id, key, how: 'by_hand' },
    });
  }
  return decided(subject, { entries }, situation);
}

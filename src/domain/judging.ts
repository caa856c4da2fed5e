// What every judgement of a request starts from: who may, which step is meant, how a refusal reads.

import { consequences } from './consequences.ts';
import { type Decision, NOTHING, refused, type Situation, type Verdict } from './decision.ts';
import type { Grounds, Role } from './entry.ts';
import { type Asker, type Case, keyState } from './incident.ts';
import { findStep } from './progress.ts';
import type { Step } from './runbook.ts';

const RANK: Readonly<Record<Role, number>> = { participant: 0, responder: 1, manager: 2 };

/** True when the asker's role is this one or more. */
export function isAtLeast(by: Asker, role: Role): boolean {
  return RANK[by.role] >= RANK[role];
}

export function groundsOf(by: Asker): Grounds {
  return { role: by.role, by: by.grounds.by, list_age_ms: by.grounds.listAgeMs };
}

/** The refusal, which goes into the log. `what` completes “You are not allowed to …”. */
export function notAllowed(
  by: Asker,
  role: Role,
  what: string,
  step: string | null,
  key: string | null,
  now: number,
): Verdict {
  return refused(
    {
      code: 'KL_NOT_ALLOWED',
      message: `You are not allowed to ${what}.`,
      next:
        role === 'manager'
          ? 'A manager may. Ask one of them.'
          : 'A responder or a manager may. Ask one of them.',
    },
    [
      {
        kind: 'access.refused',
        actor: by.actor,
        occurredAt: now,
        data: { what, step, key, authority: groundsOf(by) },
      },
    ],
  );
}

export function roleFor(step: Step): Role {
  return step.authority === 'anyone' ? 'participant' : step.authority;
}

export function decided(subject: Case, decision: Partial<Decision>, situation: Situation): Verdict {
  return { verdict: 'decided', decision: consequences(subject, { ...NOTHING, ...decision }, situation) };
}

export const NO_SUCH_STEP = {
  code: 'KL_STEP_UNKNOWN',
  message: 'This incident has no such step.',
  next: 'Use the buttons on the card; it shows the steps as they are now.',
} as const;

/** The step, where the incident has it for this key. */
export function find(subject: Case, id: string, key: string | null): Step | null {
  const step = findStep(subject.runbook, id);
  if (step === null || (step.each === 'key') !== (key !== null)) return null;
  return key === null || keyState(subject.incident, key) !== null ? step : null;
}

export function reasonMissing(what: string): Verdict {
  return refused({
    code: 'KL_REASON_MISSING',
    message: `A reason is needed to ${what}.`,
    next: 'Write one sentence that a reader in nine months will understand.',
  });
}

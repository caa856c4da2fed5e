// A refusal as the person reads it: what was not done, what next, and, where authority was missing, who has it.

import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import { findStep } from '../domain/progress.ts';
import type { People } from './people.ts';

/**
 * User ids that may do what this person may not; empty when something else was missing. Whoever is a responder already
 * needs a manager, and so does a step that only managers may do.
 */
export async function whoMay(
  people: Pick<People, 'holders'>,
  refusal: ErrorFacts,
  asker: Asker,
  step: { readonly case: Case; readonly id: string } | null,
): Promise<readonly string[]> {
  if (refusal.code !== 'KL_NOT_ALLOWED') return [];
  const authority = step === null ? undefined : findStep(step.case.runbook, step.id)?.authority;
  const needed = asker.role === 'responder' || authority === 'manager' ? 'manager' : 'responder';
  const holders = await people.holders(needed);
  return holders.filter((user) => user !== asker.actor);
}

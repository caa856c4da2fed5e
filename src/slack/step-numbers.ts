// The steps of an incident by number and by word, so that people can name one without a mouse.

import type { Case } from '../domain/incident.ts';
import { instances, isSettled, type StepInstance } from '../domain/progress.ts';

export interface NumberedStep extends StepInstance {
  /** Place among all steps of the incident, from 1. It moves when a key is added or the runbook is changed. */
  readonly number: number;
}

export function numberedSteps(subject: Case): readonly NumberedStep[] {
  return subject.runbook.phases
    .flatMap((phase) => instances(subject, phase))
    .map((one, index) => ({ ...one, number: index + 1 }));
}

/** `Replace the key (k2)`; without the key where the incident has one alone. */
export function stepName({ incident }: Case, { step, subject }: StepInstance): string {
  return subject === null || incident.keys.length === 1 ? step.title : `${step.title} (${subject})`;
}

/**
 * Every step that the words could mean: by number, by id (`replace-key`, `replace-key/k2`), or by the beginning of id or
 * title. Of several instances those that are open.
 */
export function stepsNamed(subject: Case, words: string): readonly NumberedStep[] {
  const all = numberedSteps(subject);
  const said = words.trim().toLowerCase();
  if (said === '') return [];
  if (/^#?[0-9]{1,4}\.?$/.test(said))
    return all.filter(({ number }) => number === Number(said.replace(/[#.]/g, '')));
  const names = (one: NumberedStep): readonly string[] => [
    one.step.id,
    ...(one.subject === null ? [] : [`${one.step.id}/${one.subject}`]),
    one.step.title.toLowerCase(),
    stepName(subject, one).toLowerCase(),
  ];
  const exact = all.filter((one) => names(one).includes(said));
  const found =
    exact.length > 0 ? exact : all.filter((one) => names(one).some((name) => name.startsWith(said)));
  const open = found.filter(({ state }) => !isSettled(state));
  return open.length > 0 ? open : found;
}

// Giving a step to somebody: by words where they say enough, else by a form. Who may do it is judged by the engine; whether
// the person can be given anything is asked of Slack, which is not waited for long.

import { type Asker, type Case, stepState } from '../domain/incident.ts';
import { isSettled } from '../domain/progress.ts';
import { mask } from '../domain/redaction.ts';
import type { Answering } from './answering.ts';
import { type AssignWords, assignWords } from './assign-words.ts';
import type { Desk } from './desk.ts';
import { openForm } from './forms.ts';
import type { Target } from './ids.ts';
import { spokenIncident } from './incident-name.ts';
import { whoMay } from './refusals.ts';
import { type NumberedStep, numberedSteps, stepName, stepsNamed } from './step-numbers.ts';
import { notice, refusalAnswer } from './views/answers.ts';
import { assignModal } from './views/assigning.ts';
import { inert } from './views/words.ts';

/** `/keyleak assign <step or number> @person [KL-n]`. */
export async function onAssign(desk: Desk, asker: Asker, rest: string, answering: Answering): Promise<void> {
  const words = assignWords(mask(rest).text);
  const { channel } = answering.origin;
  const said = { channel, rest: words.incident ?? '', others: true };
  const spoken = await spokenIncident(desk.engine, asker, said);
  if (!spoken.found) {
    const who = await whoMay(desk.people, spoken.refusal, asker, null);
    return answering.tell(refusalAnswer(spoken.refusal, who));
  }
  const steps = stepsNamed(spoken.case, words.step);
  const people = personIds(desk, words.person);
  const [step] = steps;
  const [person] = people;
  if (step !== undefined && steps.length === 1 && person !== undefined && people.length === 1)
    return assign(desk, asker, { case: spoken.case, step, person }, answering);
  return openAssignForm(desk, asker, spoken.case, targetOf(spoken.case, steps), answering, {
    assignee: people.length === 1 ? (person ?? null) : null,
    why: notUnderstood(words, steps.length, people.length),
  });
}

function personIds({ people }: Desk, person: AssignWords['person']): readonly string[] {
  if (person === null) return [];
  return 'id' in person ? [person.id] : people.named(person.name);
}

function targetOf({ incident }: Case, steps: readonly NumberedStep[]): Target {
  const [step] = steps;
  const one = steps.length === 1 && step !== undefined ? step : null;
  return {
    incident: incident.id,
    step: one?.step.id ?? null,
    key: one?.subject ?? null,
    candidate: null,
  };
}

function notUnderstood(words: AssignWords, steps: number, people: number): string | null {
  const parts: string[] = [];
  if (words.step !== '' && steps === 0) parts.push(`No step is called “${words.step}”.`);
  if (steps > 1) parts.push(`“${words.step}” could be ${steps} steps.`);
  if (words.person !== null && 'name' in words.person && people !== 1)
    parts.push(
      people === 0
        ? `keyleak knows nobody by the name @${words.person.name}.`
        : `@${words.person.name} could be ${people} people.`,
    );
  return parts.length === 0 ? null : `${parts.join(' ')} Nothing was assigned yet: choose below.`;
}

async function assign(
  desk: Desk,
  asker: Asker,
  of: { case: Case; step: NumberedStep; person: string },
  answering: Answering,
): Promise<void> {
  const { engine, people } = desk;
  const { step, person } = of;
  const { id } = of.case.incident;
  const name = `“${inert(stepName(of.case, step), 120)}” of ${id}`;
  const unfit = await people.mayBeAssigned(person);
  if (unfit !== null) return answering.tell(refusalAnswer(unfit, []));
  const request = { type: 'assign', step: step.step.id, key: step.subject, assignee: person } as const;
  const answer = await engine.request(id, asker, request, answering.delivery);
  if (answer.outcome === 'refused') {
    const who = await whoMay(people, answer.refusal, asker, null);
    return answering.tell(refusalAnswer(answer.refusal, who));
  }
  if (answer.outcome === 'duplicate')
    return answering.tell(notice(`${name} is with <@${person}> already. Nothing was added.`));
  const called = person === asker.actor ? '' : ' They are called by name where it is handled.';
  return answering.tell(notice(`${name} is with <@${person}> now.${called}`));
}

/** Opens the form with what is known already filled in. Whoever may give nothing to others is offered themselves. */
export async function openAssignForm(
  desk: Desk,
  asker: Asker,
  subject: Case,
  target: Target,
  answering: Answering,
  said: { readonly assignee: string | null; readonly why: string | null } = { assignee: null, why: null },
): Promise<void> {
  const { incident } = subject;
  const steps = incident.status === 'closed' ? [] : numberedSteps(subject).filter(isOpen);
  if (steps.length === 0)
    return answering.tell(
      notice(
        incident.status === 'closed'
          ? `${incident.id} is closed: there is nothing to assign.`
          : `Every step of ${incident.id} is settled: there is nothing to assign.`,
      ),
    );
  const chosen = steps.find((one) => one.step.id === target.step && one.subject === target.key) ?? null;
  const settled =
    target.step !== null && isSettled(stepState(incident, target.step, target.key))
      ? 'That step is settled already. Choose another.'
      : null;
  const self = asker.role === 'participant' && asker.actor !== '' ? asker.actor : null;
  const view = assignModal({ ...target, step: null, key: null }, subject, {
    steps,
    chosen,
    assignee: said.assignee ?? self,
    why: said.why ?? settled,
  });
  await openForm(desk, answering, view, `Or type \`/keyleak assign 3 @name ${incident.id}\`.`);
}

function isOpen({ state }: NumberedStep): boolean {
  return !isSettled(state);
}

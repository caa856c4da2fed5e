// Opens the forms that follow a press or a command: what a form is about stands in it, and who may send it is judged
// when it is sent.

import type { ModalView } from '@slack/types';
import type { Asker, Case } from '../domain/incident.ts';
import type { Request } from '../engine/api.ts';
import type { Answering } from './answering.ts';
import type { Desk } from './desk.ts';
import type { Target } from './ids.ts';
import { whoMay } from './refusals.ts';
import { notice, refusalAnswer } from './views/answers.ts';
import { closeModal, skipModal } from './views/modals.ts';
import { runbookModal } from './views/runbook-choice.ts';

/** Opens a form, or tells why it did not open and what to do instead. */
export async function openForm(
  { openModal }: Desk,
  answering: Answering,
  view: ModalView,
  instead: string,
): Promise<void> {
  // A press has nothing to carry in its acknowledgement, so it need not wait for Slack to open the form.
  if (answering.origin.kind === 'click') await answering.ack();
  const failure = await openModal(answering.origin.trigger, view);
  if (failure === null) await answering.ack();
  else await answering.tell(notice(`${failure.message} Try it again. ${instead}`));
}

export async function openCloseForm(
  desk: Desk,
  asker: Asker,
  subject: Case,
  answering: Answering,
): Promise<void> {
  const { id } = subject.incident;
  const empty: Request = { type: 'close', verdict: 'resolved', reason: '' };
  if (await refusedAtOnce(desk, asker, subject, empty, null, answering)) return;
  const target: Target = { incident: id, step: null, key: null, candidate: null };
  await openForm(
    desk,
    answering,
    closeModal(target, subject),
    'The incident stays open until then; nothing is lost.',
  );
}

export async function openRunbookForm(
  desk: Desk,
  asker: Asker,
  subject: Case,
  answering: Answering,
): Promise<void> {
  const target: Target = { incident: subject.incident.id, step: null, key: null, candidate: null };
  // The one in force asks for nothing: whoever may not change it is refused by this, and nothing else happens.
  const same: Request = { type: 'change-runbook', runbook: subject.runbook };
  if (await refusedAtOnce(desk, asker, subject, same, null, answering)) return;
  const view = runbookModal(target, subject, desk.engine.runbooks());
  await openForm(desk, answering, view, 'The incident keeps its runbook until then.');
}

export async function openSkipForm(
  desk: Desk,
  asker: Asker,
  subject: Case,
  target: Target & { readonly step: string },
  answering: Answering,
): Promise<void> {
  const empty: Request = {
    type: 'skip',
    step: target.step,
    key: target.key,
    reason: '',
    verdict: null,
  };
  if (await refusedAtOnce(desk, asker, subject, empty, target.step, answering)) return;
  await openForm(
    desk,
    answering,
    skipModal(target, subject),
    'The step stays open until then; nothing is lost.',
  );
}

/**
 * Nobody below a responder may skip, close or change the runbook, whatever they write, so they are not asked to write it. The refusal comes
 * from the engine, as it would for the form, and is logged. A request without a reason from such a person does nothing else.
 */
async function refusedAtOnce(
  { engine, people }: Desk,
  asker: Asker,
  subject: Case,
  request: Request,
  step: string | null,
  answering: Answering,
): Promise<boolean> {
  if (asker.role !== 'participant') return false;
  const answer = await engine.request(subject.incident.id, asker, request, answering.delivery);
  if (answer.outcome === 'refused') {
    const who = await whoMay(
      people,
      answer.refusal,
      asker,
      step === null ? null : { case: subject, id: step },
    );
    await answering.tell(refusalAnswer(answer.refusal, who));
  } else {
    await answering.ack();
  }
  return true;
}

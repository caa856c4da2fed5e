// Buttons. What changes the incident is committed before Slack is told that the press arrived; forms open at once.

import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import { keyState, stepState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import { DEACTIVATE_STEP, findStep, IDENTIFY_STEP } from '../domain/progress.ts';
import type { Request } from '../engine/api.ts';
import type { Answering } from './answering.ts';
import { candidateFacts } from './candidates.ts';
import type { Desk } from './desk.ts';
import { openCloseForm, openForm, openSkipForm } from './forms.ts';
import { ACTION, decodeTarget, type Target } from './ids.ts';
import { unknownIncident } from './incident-name.ts';
import { textAt } from './payload.ts';
import { whoMay } from './refusals.ts';
import { notice, refusalAnswer } from './views/answers.ts';
import { guideMrkdwn } from './views/guide.ts';
import { guideModal, nameKeyModal, noteModal } from './views/modals.ts';
import { inert } from './views/words.ts';

/** The element that was used, as Slack delivers it in `actions`. */
export async function onClick(desk: Desk, action: unknown, answering: Answering): Promise<void> {
  const name = actionName(textAt(action, 'action_id') ?? '');
  if (name === null) return unknownButton(answering);
  if (name === ACTION.link) {
    await answering.ack();
    return;
  }
  const value = textAt(action, 'value') ?? textAt(action, 'selected_option', 'value');
  const target = decodeTarget(value ?? undefined);
  if (target === null) return answering.tell(refusalAnswer(unreadable(), []));
  const subject = await desk.engine.view(target.incident);
  if (subject === null) return answering.tell(refusalAnswer(unknownIncident(target.incident), []));
  const asker = await desk.people.asker(answering.origin.user);
  await pressed(desk, name, { asker, subject, target }, answering);
}

type ActionName = (typeof ACTION)[keyof typeof ACTION];

/** Several buttons of one kind in one block carry a suffix, since their ids must differ. */
function actionName(id: string): ActionName | null {
  const base = /^[a-z_]+[a-z]/.exec(id)?.[0] ?? '';
  return Object.values(ACTION).find((name) => name === base) ?? null;
}

async function unknownButton(answering: Answering): Promise<void> {
  await answering.ack();
  // Something chosen in a form is read when the form is sent; only a press on a message waits for an answer.
  if (answering.origin.channel !== null) await answering.tell(refusalAnswer(unreadable(), []));
}

interface Press {
  readonly asker: Asker;
  readonly subject: Case;
  readonly target: Target;
}

async function pressed(desk: Desk, name: ActionName, press: Press, answering: Answering): Promise<void> {
  const { asker, subject, target } = press;
  const { step, key } = target;
  switch (name) {
    case ACTION.deactivate: {
      const candidate = named(desk, press);
      if (key === null || candidate === 'gone') return answering.tell(refusalAnswer(keyGone(), []));
      const perform: Request = { type: 'perform', step: step ?? DEACTIVATE_STEP, key, candidate };
      return ask(desk, press, perform, answering);
    }
    case ACTION.identify: {
      const candidate = named(desk, press);
      if (key === null || candidate === null || candidate === 'gone')
        return answering.tell(refusalAnswer(keyGone(), []));
      return ask(desk, press, { type: 'identify', key, candidate }, answering);
    }
    case ACTION.complete:
      if (step === null) return answering.tell(refusalAnswer(unreadable(), []));
      return ask(desk, press, { type: 'complete', step, key }, answering);
    case ACTION.skip:
      if (step === null) return answering.tell(refusalAnswer(unreadable(), []));
      return openSkipForm(desk, asker, subject, { ...target, step }, answering);
    case ACTION.close:
      return openCloseForm(desk, asker, subject, answering);
    case ACTION.nameKey:
      return openForm(desk, answering, nameKeyModal(target, subject), 'Or declare the key anew: `/keyleak`.');
    case ACTION.note:
      return openForm(desk, answering, noteModal(target), 'Or type `/keyleak note` and your text.');
    case ACTION.guide:
      return openForm(desk, answering, guideModal(target, subject), guided(subject, step));
    case ACTION.link:
      await answering.ack();
  }
}

/** Facts of the key that the button names; null when it names none, `gone` when nothing is known of it any more. */
function named({ engine }: Desk, { subject, target }: Press): KeyFacts | null | 'gone' {
  const { key, candidate } = target;
  if (candidate === null || key === null) return null;
  return candidateFacts(subject, key, candidate, engine.cachedKeys()) ?? 'gone';
}

async function ask(desk: Desk, press: Press, request: Request, answering: Answering): Promise<void> {
  const { engine, people } = desk;
  const { asker, target } = press;
  const answer = await engine.request(target.incident, asker, request, answering.delivery);
  if (answer.outcome === 'refused') {
    const step = target.step === null ? null : { case: press.subject, id: target.step };
    const who = await whoMay(people, answer.refusal, asker, step);
    return answering.tell(refusalAnswer(answer.refusal, who));
  }
  if (answer.outcome === 'duplicate') return answering.tell(notice(already(answer.case, request)));
  await answering.ack();
  // The card shows it to whoever is in the room; the answer to a command stays as it was drawn.
  if (answering.origin.ephemeral) await answering.tell(notice(begun(answer.case, request)));
}

function already({ incident, runbook }: Case, request: Request): string {
  if (request.type === 'identify') {
    const name = keyState(incident, request.key)?.facts?.name ?? request.candidate.name;
    return `This was done already: the key is ${inert(name, 150)}.`;
  }
  if (request.type !== 'perform' && request.type !== 'complete') return 'This was done already.';
  const title = findStep(runbook, request.step)?.title ?? request.step;
  const { status } = stepState(incident, request.step, request.key);
  if (status === 'running') return `“${title}” is under way already. The card shows what comes of it.`;
  return `“${title}” was ${status === 'skipped' ? 'skipped' : 'done'} already.`;
}

function begun({ incident, runbook }: Case, request: Request): string {
  const room = incident.room?.place === 'channel' ? ` in <#${incident.room.channel}>` : '';
  if (request.type === 'identify')
    return `Named: ${inert(request.candidate.name, 150)}. The card${room} has its button.`;
  const title = findStep(runbook, request.type === 'perform' ? request.step : IDENTIFY_STEP)?.title ?? '';
  return `“${title}” is under way. The card${room} shows what the provider says.`;
}

function guided(subject: Case, step: string | null): string {
  const guide = step === null ? undefined : findStep(subject.runbook, step)?.guide;
  return guide === undefined ? '' : `The guide says:\n${guideMrkdwn(guide)}`;
}

function unreadable(): ErrorFacts {
  return {
    code: 'KL_BUTTON_UNREADABLE',
    message: 'This version of keyleak cannot read that button. Nothing was done.',
    next: 'Use the buttons on the pinned card, or type /keyleak status in the incident’s channel.',
  };
}

function keyGone(): ErrorFacts {
  return {
    code: 'KL_CANDIDATE_GONE',
    message: 'The key that this button names is not among those that keyleak knows now. Nothing was done.',
    next: 'Use the buttons on the card, or Name the key.',
  };
}

// Buttons. What changes the incident is committed before Slack is told that the press arrived; forms open at once.

import type { Case } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import { DEACTIVATE_STEP, findStep } from '../domain/progress.ts';
import type { Request } from '../engine/api.ts';
import type { Answering } from './answering.ts';
import { openAssignForm } from './assigning.ts';
import { candidateFacts } from './candidates.ts';
import { ask, keyGone, type Press, unreadable } from './click-requests.ts';
import { onDeactivateAll } from './deactivate-all.ts';
import { openDeclareForm } from './declare-form.ts';
import type { Desk } from './desk.ts';
import { openCloseForm, openForm, openRunbookForm, openSkipForm } from './forms.ts';
import { ACTION, decodeSeveral, decodeTarget } from './ids.ts';
import { unknownIncident } from './incident-name.ts';
import { onListTurn } from './listing.ts';
import { decodeListTurn, decodeTimelineTurn } from './pages.ts';
import { textAt } from './payload.ts';
import { onTimelineTurn } from './timeline.ts';
import { refusalAnswer } from './views/answers.ts';
import { guideMrkdwn } from './views/guide.ts';
import { addKeyModal, guideModal, nameKeyModal, noteModal } from './views/modals.ts';

/** The element that was used, as Slack delivers it in `actions`. */
export async function onClick(desk: Desk, action: unknown, answering: Answering): Promise<void> {
  const name = actionName(textAt(action, 'action_id') ?? '');
  if (name === null) return unknownButton(answering);
  if (name === ACTION.link) {
    await answering.ack();
    return;
  }
  const value = textAt(action, 'value') ?? textAt(action, 'selected_option', 'value') ?? undefined;
  if (name === ACTION.deactivateAll) return onDeactivateAll(desk, decodeSeveral(value), answering);
  if (name === ACTION.timeline) return onTimelineTurn(desk, decodeTimelineTurn(value), answering);
  if (name === ACTION.list) return onListTurn(desk, decodeListTurn(value), answering);
  if (name === ACTION.declare) return openDeclareForm(desk, answering);
  const target = decodeTarget(value);
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
    case ACTION.perform:
      if (step === null) return answering.tell(refusalAnswer(unreadable(), []));
      return ask(
        desk,
        press,
        { type: 'perform', step, key, candidate: null, choice: target.candidate },
        answering,
      );
    case ACTION.deployed:
      if (key === null || target.system == null) return answering.tell(refusalAnswer(unreadable(), []));
      return ask(desk, press, { type: 'deployed', key, system: target.system }, answering);
    case ACTION.complete:
      if (step === null) return answering.tell(refusalAnswer(unreadable(), []));
      return ask(desk, press, { type: 'complete', step, key }, answering);
    case ACTION.skip:
      if (step === null) return answering.tell(refusalAnswer(unreadable(), []));
      return openSkipForm(desk, asker, subject, { ...target, step }, answering);
    case ACTION.assign:
      return openAssignForm(desk, asker, subject, target, answering);
    case ACTION.addKey:
      return openForm(
        desk,
        answering,
        addKeyModal(target, { search: asker.role !== 'participant' }),
        'Or type `/keyleak R2D...igAA` in the incident’s channel.',
      );
    case ACTION.changeRunbook:
      return openRunbookForm(desk, asker, subject, answering);
    case ACTION.close:
      return openCloseForm(desk, asker, subject, answering);
    case ACTION.nameKey:
      return openForm(
        desk,
        answering,
        nameKeyModal(target, subject, { search: asker.role !== 'participant' }),
        'Or declare the key anew: `/keyleak`.',
      );
    case ACTION.note:
      return openForm(desk, answering, noteModal(target), 'Or type `/keyleak note` and your text.');
    case ACTION.guide:
      return openForm(desk, answering, guideModal(target, subject), guided(subject, step));
    default:
      await unknownButton(answering);
  }
}

/** Facts of the key that the button names; null when it names none, `gone` when nothing is known of it any more. */
function named({ engine }: Desk, { subject, target }: Press): KeyFacts | null | 'gone' {
  const { key, candidate } = target;
  if (candidate === null || key === null) return null;
  return candidateFacts(subject, key, candidate, engine.cachedKeys()) ?? 'gone';
}

function guided(subject: Case, step: string | null): string {
  const guide = step === null ? undefined : findStep(subject.runbook, step)?.guide;
  return guide === undefined ? '' : `The guide says:\n${guideMrkdwn(guide)}`;
}

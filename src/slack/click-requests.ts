// What a press asks of the engine, and what the person is told of the answer.

import type { ErrorFacts } from '../domain/errors.ts';
import { type Asker, type Case, keyState, stepState } from '../domain/incident.ts';
import { findStep, IDENTIFY_STEP } from '../domain/progress.ts';
import type { Request } from '../engine/api.ts';
import type { Answering } from './answering.ts';
import type { Desk } from './desk.ts';
import type { Target } from './ids.ts';
import { whoMay } from './refusals.ts';
import { notice, refusalAnswer } from './views/answers.ts';
import { inert } from './views/words.ts';

export interface Press {
  readonly asker: Asker;
  readonly subject: Case;
  readonly target: Target;
}

/** Commits before it acknowledges, then tells what the card does not show. */
export async function ask(desk: Desk, press: Press, request: Request, answering: Answering): Promise<void> {
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
  if (request.type === 'deployed') return `${inert(request.system, 150)} was marked done already.`;
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
  if (request.type === 'deployed')
    return `${inert(request.system, 150)}: marked done. The card${room} shows it.`;
  const title = findStep(runbook, request.type === 'perform' ? request.step : IDENTIFY_STEP)?.title ?? '';
  return `“${title}” is under way. The card${room} shows what the provider says.`;
}

export function unreadable(): ErrorFacts {
  return {
    code: 'KL_BUTTON_UNREADABLE',
    message: 'This version of keyleak cannot read that button. Nothing was done.',
    next: 'Use the buttons on the pinned card, or type /keyleak status in the incident’s channel.',
  };
}

export function keyGone(): ErrorFacts {
  return {
    code: 'KL_CANDIDATE_GONE',
    message: 'The key that this button names is not among those that keyleak knows now. Nothing was done.',
    next: 'Use the buttons on the card, or Name the key.',
  };
}

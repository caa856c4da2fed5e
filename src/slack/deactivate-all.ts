// One press for several keys. Each is asked for by itself, as by its own button: what is refused for one stops no other.

import { type ErrorFacts, errorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import { keyState } from '../domain/incident.ts';
import { DEACTIVATE_STEP } from '../domain/progress.ts';
import type { Answering } from './answering.ts';
import { candidateFacts } from './candidates.ts';
import { keyGone, unreadable } from './click-requests.ts';
import type { Desk } from './desk.ts';
import type { SeveralTarget } from './ids.ts';
import { unknownIncident } from './incident-name.ts';
import { whoMay } from './refusals.ts';
import { refusalAnswer } from './views/answers.ts';
import { type RefusedKey, severalAnswer } from './views/several.ts';

/** `target` is null where the button could not be read. */
export async function onDeactivateAll(
  desk: Desk,
  target: SeveralTarget | null,
  answering: Answering,
): Promise<void> {
  if (target === null) return answering.tell(refusalAnswer(unreadable(), []));
  const subject = await desk.engine.view(target.incident);
  if (subject === null) return answering.tell(refusalAnswer(unknownIncident(target.incident), []));
  const asker = await desk.people.asker(answering.origin.user);
  const refused: RefusedKey[] = [];
  for (const one of target.keys) {
    const refusal = await deactivate(desk, { asker, subject, ...one }, answering);
    if (refusal !== null) refused.push({ name: nameOf(subject, one.key), refusal });
  }
  const asked = target.keys.length - refused.length;
  // The card shows what becomes of the others; the answer to a command stays as it was drawn.
  if (refused.length === 0 && !answering.origin.ephemeral) {
    await answering.ack();
    return;
  }
  const step = { case: subject, id: DEACTIVATE_STEP };
  const denied = refused.find(({ refusal }) => refusal.code === 'KL_NOT_ALLOWED');
  const who = denied === undefined ? [] : await whoMay(desk.people, denied.refusal, asker, step);
  await answering.tell(severalAnswer({ incident: subject.incident, asked, refused, who }));
}

/** Null when it is under way. Another fault than a refusal ends nothing but this key's turn. */
async function deactivate(
  desk: Desk,
  of: { asker: Asker; subject: Case; key: string; candidate: string },
  { delivery }: Answering,
): Promise<ErrorFacts | null> {
  const { engine } = desk;
  const { asker, subject, key } = of;
  const candidate = candidateFacts(subject, key, of.candidate, engine.cachedKeys());
  if (candidate === null) return keyGone();
  const own = delivery === null ? null : `${delivery}:${key}`;
  const request = { type: 'perform', step: DEACTIVATE_STEP, key, candidate } as const;
  try {
    const answer = await engine.request(subject.incident.id, asker, request, own);
    return answer.outcome === 'refused' ? answer.refusal : null;
  } catch (error) {
    desk.onFault(error);
    return errorFacts(error, NOT_WRITTEN);
  }
}

function nameOf({ incident }: Case, key: string): string {
  return keyState(incident, key)?.facts?.name ?? key;
}

const NOT_WRITTEN: ErrorFacts = {
  code: 'KL_NOT_WRITTEN',
  message: 'keyleak could not write down that it was asked, so nothing was done.',
  next: 'Press Deactivate key beside this key; if that fails too, disable it in the Console.',
};

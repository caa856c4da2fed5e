// Forms that were sent. A form closes only when what it says is in the log; otherwise it says what is wrong, in its field
// where there is one.

import type { ErrorFacts } from '../domain/errors.ts';
import type { Declared } from '../domain/key-words.ts';
import { parseDeclaration, parseKeys, parseWhere } from '../domain/key-words.ts';
import type { Request } from '../engine/api.ts';
import { type Answering, replaced } from './answering.ts';
import { decodeDeclaredIn } from './declared-in.ts';
import { declareLeak } from './declaring.ts';
import type { Desk } from './desk.ts';
import { decodeTarget, INPUT, MODAL, PASTED, type Target } from './ids.ts';
import { hasField, inputValue } from './inputs.ts';
import { textAt } from './payload.ts';
import { whoMay } from './refusals.ts';
import { maskedWarning } from './subcommands.ts';
import { refusalAnswer } from './views/answers.ts';

const CLEAR = { response_action: 'clear' };

/** `view` as Slack delivers it. */
export async function onSubmission(desk: Desk, view: unknown, answering: Answering): Promise<void> {
  const form = textAt(view, 'callback_id');
  if (form === MODAL.declare) return declare(desk, view, null, answering);
  const target = decodeTarget(textAt(view, 'private_metadata') ?? undefined);
  if (target === null) {
    await answering.ack(replaced('Not done', refusalAnswer(unreadable(), [])));
    return;
  }
  switch (form) {
    case MODAL.addKey:
      return declare(desk, view, target.incident, answering);
    case MODAL.changeRunbook:
      return changeRunbook(desk, view, target, answering);
    case MODAL.nameKey:
      return nameKey(desk, view, target, answering);
    case MODAL.note:
      return written(desk, view, target, answering, INPUT.text, (text) => ({ type: 'note', text }));
    case MODAL.skip:
      return skip(desk, view, target, answering);
    case MODAL.close: {
      const verdict = inputValue(view, INPUT.verdict) === 'false_alarm' ? 'false_alarm' : 'resolved';
      return written(desk, view, target, answering, INPUT.reason, (reason) => ({
        type: 'close',
        verdict,
        reason,
      }));
    }
    case MODAL.assign:
      return assign(desk, view, target, answering);
    default:
      await answering.ack();
  }
}

/** `into`: the incident that **Add key** was pressed for. */
async function declare(desk: Desk, view: unknown, into: string | null, answering: Answering): Promise<void> {
  const { origin, delivery } = answering;
  const declared = readForm(keyField(view), inputValue(view, INPUT.where));
  if (declared === null) {
    await answering.ack(
      fieldError(
        INPUT.key,
        'Write what you know of the key, or below where it was seen. One of the two will do.',
      ),
    );
    return;
  }
  const declaredIn =
    into === null
      ? decodeDeclaredIn(textAt(view, 'private_metadata'))
      : ((await desk.engine.view(into))?.incident.room?.channel ?? null);
  const { outcome, message } = await declareLeak(desk, {
    origin,
    declared,
    source: 'modal',
    declaredIn,
    delivery,
    ...(into === null ? {} : { into }),
  });
  if (outcome === 'refused') {
    await answering.ack(replaced('Not declared', message));
    return;
  }
  await answering.ack(CLEAR);
  try {
    await desk.whisper({ user: origin.user, channel: declaredIn, responseUrl: null }, message);
  } catch (error) {
    // The incident is open and its room follows; this answer was a courtesy.
    desk.onFault(error);
  }
}

interface KeyField {
  readonly words: string;
  /** Whole keys that the search masked already. */
  readonly pasted: number;
}

function keyField(view: unknown): KeyField {
  const value = inputValue(view, INPUT.key);
  return value.startsWith(PASTED)
    ? { words: value.slice(PASTED.length), pasted: 1 }
    : { words: value, pasted: 0 };
}

/** Null when nothing was written. A key that was pasted into the field for the place is found there too. */
function readForm({ words: key, pasted }: KeyField, place: string): Declared | null {
  if (key.trim() === '' && place.trim() === '') return null;
  const { where, masked } = parseWhere(place);
  if (key.trim() !== '') {
    const keys = parseKeys(key);
    return { reports: keys.reports, where, masked: keys.masked + masked + pasted };
  }
  // Words that begin with "in" name a place and no key, unless a whole key or its hint stands among them.
  return { reports: parseDeclaration(`in ${place}`).reports, where, masked };
}

async function nameKey(desk: Desk, view: unknown, target: Target, answering: Answering): Promise<void> {
  const { words, pasted } = keyField(view);
  const { reports, masked } = parseKeys(words);
  const [report, ...others] = reports;
  const { key } = target;
  if (key === null || report === undefined || report.words === '') {
    await answering.ack(
      fieldError(INPUT.key, 'Write both ends of the key, its id or its name; never the whole key.'),
    );
    return;
  }
  if (others.length > 0) {
    await answering.ack(
      fieldError(INPUT.key, 'Name one key here. If another leaked too, declare it with /keyleak.'),
    );
    return;
  }
  await submit(desk, view, target, { type: 'describe', key, report }, INPUT.key, masked + pasted, answering);
}

async function skip(desk: Desk, view: unknown, target: Target, answering: Answering): Promise<void> {
  const { step, key } = target;
  if (step === null) {
    await answering.ack(replaced('Not done', refusalAnswer(unreadable(), [])));
    return;
  }
  const verdict = inputValue(view, INPUT.verdict) === 'false_alarm' ? 'false_alarm' : null;
  await written(desk, view, target, answering, INPUT.reason, (reason) => ({
    type: 'skip',
    step,
    key,
    reason,
    verdict,
  }));
}

/** Who the step is given to is asked of Slack first: an app, a guest or somebody who left is told in the field. */
async function assign(desk: Desk, view: unknown, target: Target, answering: Answering): Promise<void> {
  const [step = '', key = null] = inputValue(view, INPUT.step).split('/');
  const assignee = inputValue(view, INPUT.assignee);
  const unfit = await desk.people.mayBeAssigned(assignee);
  if (unfit !== null) {
    await answering.ack(fieldError(INPUT.assignee, sentences(unfit)));
    return;
  }
  const request: Request = { type: 'assign', step, key, assignee };
  await submit(desk, view, { ...target, step, key }, request, INPUT.step, 0, answering);
}

async function changeRunbook(desk: Desk, view: unknown, target: Target, answering: Answering): Promise<void> {
  const id = inputValue(view, INPUT.runbook);
  const runbook = desk.engine.runbooks().find((one) => one.id === id);
  if (runbook === undefined) {
    await answering.ack(fieldError(INPUT.runbook, 'This version has no such runbook. Choose another.'));
    return;
  }
  await submit(desk, view, target, { type: 'change-runbook', runbook }, INPUT.runbook, 0, answering);
}

/** Sends a request that carries a text of the form, masked. */
async function written(
  desk: Desk,
  view: unknown,
  target: Target,
  answering: Answering,
  field: string,
  requestOf: (text: string) => Request,
): Promise<void> {
  const { where: text, masked } = parseWhere(inputValue(view, field));
  await submit(desk, view, target, requestOf(text), field, masked, answering);
}

/** Refusals that the person mends by writing something else in the field. */
const MENDED_IN_FIELD: ReadonlySet<string> = new Set([
  'KL_REASON_MISSING',
  'KL_NOTE_EMPTY',
  'KL_STEP_SETTLED',
]);

async function submit(
  { engine, people }: Desk,
  view: unknown,
  target: Target,
  request: Request,
  field: string,
  masked: number,
  answering: Answering,
): Promise<void> {
  const asker = await people.asker(answering.origin.user);
  const answer = await engine.request(target.incident, asker, request, answering.delivery);
  if (answer.outcome === 'refused') {
    const { refusal } = answer;
    if (MENDED_IN_FIELD.has(refusal.code) && hasField(view, field)) {
      await answering.ack(fieldError(field, sentences(refusal)));
      return;
    }
    const step = answer.case === null || target.step === null ? null : { case: answer.case, id: target.step };
    const who = await whoMay(people, refusal, asker, step);
    await answering.ack(replaced('Not done', refusalAnswer(refusal, who)));
    return;
  }
  if (answer.outcome === 'duplicate') {
    // Sent twice, or done by somebody else meanwhile: which of the two cannot be told apart here.
    await answering.ack(
      replaced(
        'Nothing to add',
        'keyleak had this already, so nothing was added. The card shows how things stand.',
      ),
    );
    return;
  }
  await answering.ack(masked === 0 ? CLEAR : replaced('Kept without the key', maskedWarning(masked).trim()));
}

/** Slack shows at most some lines beside a field. */
function fieldError(field: string, words: string): object {
  return { response_action: 'errors', errors: { [field]: words.slice(0, 300) } };
}

function sentences({ message, next }: ErrorFacts): string {
  return `${message} ${next}`;
}

function unreadable(): ErrorFacts {
  return {
    code: 'KL_FORM_UNREADABLE',
    message: 'This version of keyleak cannot read that form. Nothing was done.',
    next: 'Close it and open it again by the button on the pinned card.',
  };
}

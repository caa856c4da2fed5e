// What keyleak says once in an incident's room, besides the card.

import type { KnownBlock } from '@slack/types';
import { type Case, keyState } from '../../domain/incident.ts';
import type { ChatMessage } from '../../domain/ports.ts';
import { dueAt } from '../../domain/progress.ts';
import type { KeyLore } from '../../engine/api.ts';
import { actions, identifyButton, nameKeyButton } from './buttons.ts';
import { assigned, call, managers, nudge, openSteps, undo } from './calls.ts';
import { candidateLines } from './candidate-lines.ts';
import { card } from './card.ts';
import { guideMrkdwn } from './guide.ts';
import type { Message } from './message.ts';
import { bold, code, context, date, inert, lines, outside, section } from './words.ts';

/** Any message of the room as blocks. `now` is milliseconds since the epoch. */
export function draw(
  message: ChatMessage,
  now: number,
  automated: (action: string) => boolean,
  lore: KeyLore,
): Message {
  switch (message.type) {
    case 'card':
      return card(message.case, now, automated);
    case 'candidates':
      return candidates(message.case, message.key, lore, now);
    case 'witness':
      return witness(message);
    case 'missed':
      return missed(message.case, message.phase, message.key);
    case 'nudge':
      return nudge(message, now);
    case 'call':
      return call(message);
    case 'assigned':
      return assigned(message);
    case 'undo':
      return undo(message.case, message.key);
    case 'managers':
      return managers(message);
  }
}

const PRESS = 'Press the right name: it says which key it is and does nothing else.';
const WHY_OFFERED: Readonly<Record<string, string>> = {
  changed: 'The key is no longer what was confirmed, so nothing was done to it. Press its name as it is now.',
  swapped: `No key fits as it was written. With its two ends exchanged one may be meant. ${PRESS}`,
  several: `Several keys could be meant, or the words name it too loosely to act on. ${PRESS}`,
};

/** Buttons of at most 20 keys; one press names the key and does nothing else. */
function candidates({ incident }: Case, subject: string, lore: KeyLore, now: number): Message {
  const key = keyState(incident, subject);
  const offered = key?.candidates ?? null;
  const text = `${incident.id}: which key is ${subject}?`;
  if (key === null || offered === null)
    return { text, blocks: [section('which', `${text} It is known by now.`)] };
  const more =
    offered.total > offered.keys.length
      ? ` ${offered.total - offered.keys.length} more fit: use Name the key.`
      : '';
  const why = `${WHY_OFFERED[offered.why] ?? WHY_OFFERED.several}${more}`;
  const shown = offered.keys.slice(0, 20);
  const buttons = shown.map((one, index) => identifyButton(incident, subject, one, index));
  return {
    text,
    blocks: [
      lines('which', [
        [bold(`Which key is ${subject}? `), 'Reported as: ', outside(key.words ?? '(text purged)', 200)],
      ]),
      section('why', why),
      ...candidateLines('known', shown, lore, now),
      actions('candidates', [...buttons, nameKeyButton(incident, key)]),
    ],
  };
}

const OCCASIONS: Readonly<Record<string, string>> = {
  opening: 'when it was opened',
  containment: 'at containment',
};

function witness(message: Extract<ChatMessage, { type: 'witness' }>): Message {
  const { id } = message.case.incident;
  const line = `${message.count}:${message.head.slice(0, 32)}`;
  const text = `Witness of the log of ${id}: ${line}`;
  return {
    text,
    blocks: [
      lines('witness', [
        [bold(`Witness of the log of ${id} ${OCCASIONS[message.occasion] ?? ''}`)],
        [code(line)],
      ]),
      context(
        'witness-use',
        `Whoever checks the log later compares it with this line: \`keyleak verify ${id} --witness ${line}\`. Signing key: \`${message.fingerprint.slice(0, 32)}\`.`,
      ),
    ],
  };
}

function missed(subject: Case, id: string, subjectKey: string | null): Message {
  const phase = subject.runbook.phases.find((one) => one.id === id);
  const text = `${subject.incident.id}: the deadline of ${inert(phase?.title ?? id, 200)} was missed.`;
  const blocks: KnownBlock[] = [];
  if (phase !== undefined) {
    const open = openSteps(subject, phase, subjectKey);
    blocks.push(
      lines('missed', [
        [
          bold(`${phase.title}: deadline missed`),
          ' · was due ',
          date(dueAt(subject.incident, phase, subjectKey)),
        ],
        ...open
          .slice(0, 20)
          .map(({ step, subject: key }) => [`Open: ${step.title}${key === null ? '' : ` (${key})`}`]),
      ]),
      context(
        'missed-next',
        guideMrkdwn(
          'The card above has the buttons. Mark done what is done; skip with a reason what does not apply.',
        ),
      ),
    );
  }
  return { text, blocks };
}

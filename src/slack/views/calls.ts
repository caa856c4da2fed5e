// Messages that call somebody: reminders in the room, words to the managers, and how to undo what was done.

import { duration } from '../../domain/describe.ts';
import { type Case, type Incident, keyState } from '../../domain/incident.ts';
import type { ChatMessage } from '../../domain/ports.ts';
import { clockOf, dueAt, instances, isLive, isSettled, type StepInstance } from '../../domain/progress.ts';
import type { Phase } from '../../domain/runbook.ts';
import type { Message } from './message.ts';
import { bold, context, date, inert, lines, outside, type Piece, person, section } from './words.ts';

type Of<T extends ChatMessage['type']> = Extract<ChatMessage, { type: T }>;

/** People who are called by name in one message. */
const CALLED = 15;
const SHOWN_STEPS = 10;

/** What is not settled in a phase; for one key where it has a clock of its own. */
export function openSteps(subject: Case, phase: Phase, key: string | null): readonly StepInstance[] {
  return instances(subject, phase).filter(
    (one) => !isSettled(one.state) && (key === null || one.subject === key),
  );
}

/** An edit of the card wakes nobody: this is a message of its own that names people. */
export function nudge({ case: subject, phase: id, key, people }: Of<'nudge'>, now: number): Message {
  const { incident } = subject;
  const phase = subject.runbook.phases.find((one) => one.id === id);
  if (phase === undefined) return { text: `${incident.id} needs you.`, blocks: [] };
  const left = duration(Math.max(0, dueAt(incident, phase, key) - now));
  const open = openSteps(subject, phase, key);
  const assigned = open.flatMap(({ state }) => (state.assignee === null ? [] : [state.assignee]));
  const called = [...new Set([...assigned, ...people])].slice(0, CALLED);
  const mentions: Piece[] = called.flatMap((user) => [person(user), ' ']);
  const about = `${incident.id}: ${left} left for “${phase.title}”${key === null ? '' : ` (${key})`}`;
  return {
    text: `${inert(about, 300)}. ${called.map((user) => `<@${user}>`).join(' ')}`.trim(),
    blocks: [
      lines('nudge', [
        [bold(about), ' · due ', date(dueAt(incident, phase, key))],
        ...open
          .slice(0, SHOWN_STEPS)
          .map(({ step, subject: of, state }): Piece[] => [
            `Open: ${step.title}${of === null ? '' : ` (${of})`}`,
            ...(state.assignee === null ? [] : [' · ', person(state.assignee)]),
          ]),
        ...(open.length > SHOWN_STEPS ? [[`and ${open.length - SHOWN_STEPS} more`]] : []),
        ...(mentions.length === 0 ? [] : [mentions]),
      ]),
      context('nudge-next', 'The pinned card has the buttons. This reminder goes when the next comes.'),
    ],
  };
}

/** The first words in a thread that reach anybody. */
export function call({ case: { incident }, people }: Of<'call'>): Message {
  const mentions: Piece[] = people.slice(0, CALLED).flatMap((user) => [person(user), ' ']);
  const live = incident.keys.filter((key) => isLive(incident, key)).length;
  const about = `${incident.id}: a key has leaked, ${live} of ${incident.keys.length} live. You are called.`;
  return {
    text: `${about} ${people.map((user) => `<@${user}>`).join(' ')}`,
    blocks: [
      lines('call', [[bold(about)], mentions]),
      context('call-next', 'The card at the top of this thread has the buttons.'),
    ],
  };
}

/** A step that somebody was given: by name, so that it reaches them. */
export function assigned(message: Of<'assigned'>): Message {
  const { case: subject, step: id, key, assignee, by, place, refused } = message;
  const { incident, runbook } = subject;
  const phase = runbook.phases.find(({ steps }) => steps.some((step) => step.id === id));
  const title = phase?.steps.find((step) => step.id === id)?.title ?? id;
  const about = `${incident.id}: “${title}”${key === null ? '' : ` (${key})`} is yours`;
  const next =
    place === 'direct'
      ? 'You may not be where it is handled: ask who gave it to you for what you need.'
      : 'The pinned card has the buttons; *How to* on the step says what to do.';
  return {
    text: `${inert(about, 300)}. <@${assignee}>`,
    blocks: [
      lines('assigned', [
        [
          person(assignee),
          ' ',
          bold(about),
          ', given by ',
          person(by),
          ...(phase === undefined
            ? []
            : [' · due ', date(dueAt(incident, phase, clockOf(subject, phase, key)))]),
        ],
        ...(refused === null
          ? []
          : [
              [
                `They are not here: Slack did not let keyleak invite them (${outside(refused, 80)}). Invite them, or assign it to somebody else.`,
              ],
            ]),
      ]),
      context('assigned-next', next),
    ],
  };
}

export function undo({ incident }: Case, subject: string): Message {
  const key = keyState(incident, subject);
  const name = key?.facts?.name ?? subject;
  const text = `${incident.id}: how to undo the deactivation of ${inert(name, 80)}`;
  return {
    text,
    blocks: [
      lines('undo', [
        [bold('Undo: '), outside(name, 120), ' is disabled, not deleted.'],
        [
          'Deactivated for ',
          person(key?.dead?.by ?? incident.declaredBy),
          ...(key?.dead ? [' · ', date(key.dead.at)] : []),
        ],
      ]),
      section(
        'undo-how',
        'Was it the wrong key? An admin of the organisation may bring it back: <https://platform.claude.com/settings/keys|Console, Settings, API keys>, the key’s menu, Enable; then `/keyleak note` what was done and why. A key that really leaked stays dead: whoever has it could use it again at once.',
      ),
    ],
  };
}

const REASONS = {
  missed: 'A deadline was missed',
  unanswered: 'Nobody has answered',
  break_glass: 'The command line was used, past Slack',
  room_lost: 'Its channel takes no messages any more',
} as const;

function whereNow({ id, room }: Incident, reason: keyof typeof REASONS): string {
  if (room === null) return `It has no room in Slack yet. Where keyleak runs: \`keyleak show ${id}\`.`;
  if (room.place !== 'channel') return 'It is handled in a thread or in direct messages.';
  return reason === 'room_lost'
    ? `<#${room.channel}> was archived, or keyleak was taken out of it. Bring it back or invite keyleak again: what waits is posted then. Meanwhile \`/keyleak status ${id}\`, \`timeline\`, \`note\` and \`close\` work anywhere with the id, and keys die by the buttons in the answers to /keyleak.`
    : `Its room: <#${room.channel}>.`;
}

/** Counts and a link: details stay in the room. */
export function managers({ case: subject, reason, phase: id }: Of<'managers'>): Message {
  const { incident, runbook } = subject;
  const phase = runbook.phases.find((one) => one.id === id);
  const live = incident.keys.filter((key) => isLive(incident, key)).length;
  const headline = `${incident.id}: ${REASONS[reason].toLowerCase()}`;
  return {
    text: headline,
    blocks: [
      lines('managers', [
        [
          bold(`${REASONS[reason]}: ${incident.id}`),
          ...(phase === undefined ? [] : [` · ${phase.title}`]),
          ` · severity ${incident.severity}`,
        ],
        [
          `${live} of ${incident.keys.length} keys live · declared by `,
          person(incident.declaredBy),
          ' ',
          date(incident.declaredAt),
        ],
      ]),
      section('managers-room', whereNow(incident, reason)),
    ],
  };
}

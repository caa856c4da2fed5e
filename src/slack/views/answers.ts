// What one person is told in answer to what they typed or pressed. Seen by nobody else, so never a record.

import type { Button, KnownBlock } from '@slack/types';
import type { Role } from '../../domain/entry.ts';
import type { ErrorFacts } from '../../domain/errors.ts';
import { type Case, type Incident, type KeyState, keyState, stepState } from '../../domain/incident.ts';
import type { KeyFacts } from '../../domain/key.ts';
import type { MatchFacts } from '../../domain/ports.ts';
import { DEACTIVATE_STEP, isLive, isSettled } from '../../domain/progress.ts';
import type { KeyLore } from '../../engine/api.ts';
import { numberedSteps, stepName } from '../step-numbers.ts';
import { actions, deactivateAllButton, deactivateButton, identifyButton, nameKeyButton } from './buttons.ts';
import { candidateLines } from './candidate-lines.ts';
import { phaseLine } from './checklist.ts';
import { type NamedKey, workspaceOf } from './dialogs.ts';
import { deactivatable, keyLine } from './key-lines.ts';
import type { Message } from './message.ts';
import { choreTrouble } from './trouble.ts';
import { bold, code, context, inert, lines, outside, type Piece, person, section } from './words.ts';

/** A key as it was reported; `match` comes from the listing kept in memory, null when there is none yet. */
export interface KeyAnswer {
  readonly subject: string;
  readonly words: string;
  readonly match: MatchFacts | null;
}

/** What helps to tell keys apart, as of now (milliseconds since the epoch). */
export interface Lore {
  readonly known: KeyLore;
  readonly now: number;
}

/** Keys with buttons of their own; what is beyond stands on the card. */
const SHOWN_KEYS = 6;
const SHOWN_CANDIDATES = 8;

/** Names the room, or says that it is coming. */
function roomWords({ room }: Incident): string {
  if (room === null)
    return 'Its room is being opened; if Slack fails, the incident is in the log all the same.';
  switch (room.place) {
    case 'channel':
      return `Its room is <#${room.channel}>.`;
    case 'thread':
      return `It is handled in a thread in <#${room.channel}>.`;
    case 'direct':
      return 'It is handled in direct messages, since no channel could be opened.';
  }
}

const OPENINGS = {
  declared: 'is open',
  joined: 'has this key already; you joined it',
  added:
    'has it now: it was added here, with a clock of its own for the first phase. Another leak altogether? Then declare it from another channel',
  widened: 'has one of these keys already; you joined it, and the others were added to it',
  repeated: 'was opened by this very command',
} as const;

export type Opening = keyof typeof OPENINGS;

export function declaredAnswer(of: {
  case: Case;
  role: Role;
  how: Opening;
  keys: readonly KeyAnswer[];
  masked: number;
  automated: boolean;
  /** Why the provider's list could not be read when that was last tried. */
  unread: ErrorFacts | null;
  lore: Lore;
}): Message {
  const { incident } = of.case;
  const opening = `*${incident.id}* ${OPENINGS[of.how]}.`;
  const warning = maskedWords(of.masked);
  if (of.role === 'participant') {
    // The same words, whether the key was known or not: who may see no keys cannot ask for them this way.
    const thanks = 'The responders have been called. Thank you.';
    return {
      text: `${incident.id} is open. ${thanks} ${warning}`.trim(),
      blocks: [
        section('opening', `*${incident.id}* is open. ${thanks}`),
        ...(warning === '' ? [] : [section('masked', `:warning: ${warning}`)]),
      ],
    };
  }
  const blocks: KnownBlock[] = [section('opening', `${opening} ${roomWords(incident)}`)];
  if (warning !== '') blocks.push(section('masked', `:warning: ${warning}`));
  for (const key of of.keys.slice(0, SHOWN_KEYS)) blocks.push(...keyAnswer(of.case, key, of));
  const all = of.automated ? deactivateAllButton(incident, named(of.case, of.keys)) : null;
  if (all !== null) blocks.push(actions('answer:all', [all]));
  if (of.keys.length > SHOWN_KEYS)
    blocks.push(context('more', `${of.keys.length - SHOWN_KEYS} more keys stand on the card.`));
  return { text: `${incident.id} ${OPENINGS[of.how]}. ${warning}`.trim(), blocks };
}

function maskedWords(masked: number): string {
  if (masked === 0) return '';
  return 'What looked like a whole key was masked before it was kept. It has passed through Slack all the same: treat it as leaked, and next time write only its ends, such as R2D...igAA.';
}

function keyAnswer(
  subject: Case,
  key: KeyAnswer,
  { automated, unread, lore }: { automated: boolean; unread: ErrorFacts | null; lore: Lore },
): KnownBlock[] {
  const { incident } = subject;
  const state = keyState(incident, key.subject);
  if (state === null) return [];
  if (state.facts !== null) return known(incident, state, automated);
  switch (key.match?.outcome) {
    case 'exact':
      return exact(incident, state, key.match.key, automated);
    case 'candidates':
      return offered(incident, state, key.match.keys, lore);
    case 'none':
    case undefined:
      return unknown(incident, state, whyUnknown(key.match !== null, automated, unread));
  }
}

function whyUnknown(listed: boolean, automated: boolean, unread: ErrorFacts | null): string {
  if (!automated) return 'No provider is connected: the card has the guide.';
  if (unread !== null) return `The list of keys could not be read: ${unread.message} The card has the guide.`;
  if (listed) return 'No key of the last listing fits; a fresh one is being read.';
  return 'The list of keys is being read; the card shows what fits.';
}

/** Keys of the answer that one press may end together. */
function named({ incident }: Case, keys: readonly KeyAnswer[]): NamedKey[] {
  return keys.flatMap(({ subject, match }): NamedKey[] => {
    const state = keyState(incident, subject);
    if (state === null) return [];
    if (state.facts !== null) {
      const known = deactivatable(incident, state);
      return known === null ? [] : [known];
    }
    return match?.outcome === 'exact' && match.key.status === 'active' ? [{ subject, facts: match.key }] : [];
  });
}

function facts(key: KeyFacts, state: string): Piece[][] {
  const word = key.status === 'active' ? state : `${key.status.toUpperCase()} by the last listing`;
  return [
    [
      bold(word),
      ' · ',
      bold(outside(key.name, 120)),
      ...(key.hint === null ? [] : ['  ', code(outside(key.hint, 60))]),
    ],
    [`${key.scope === 'organization' ? 'Whole organization' : `Workspace ${outside(workspaceOf(key), 80)}`}`],
  ];
}

function known(incident: Incident, state: KeyState, automated: boolean): KnownBlock[] {
  if (state.facts === null) return [];
  const id = `answer:${state.subject}`;
  if (!isLive(incident, state)) return [lines(id, [keyLine(incident, state)])];
  const running = stepState(incident, DEACTIVATE_STEP, state.subject).status === 'running';
  return [
    lines(id, facts(state.facts, running ? 'BEING DEACTIVATED' : 'LIVE')),
    ...buttons(
      id,
      automated && !running
        ? [deactivateButton(incident, state.subject, state.facts, { candidate: true })]
        : [],
    ),
  ];
}

function exact(incident: Incident, state: KeyState, key: KeyFacts, automated: boolean): KnownBlock[] {
  const id = `answer:${state.subject}`;
  return [
    lines(id, facts(key, 'LIVE')),
    ...buttons(id, automated ? [deactivateButton(incident, state.subject, key, { candidate: true })] : []),
  ];
}

function offered(
  incident: Incident,
  state: KeyState,
  keys: readonly KeyFacts[],
  { known, now }: Lore,
): KnownBlock[] {
  const id = `answer:${state.subject}`;
  const shown = keys.slice(0, SHOWN_CANDIDATES);
  return [
    lines(id, [['Which key is it? One press on its name says so and does nothing else.']]),
    ...candidateLines(`${id}:known`, shown, known, now),
    actions(`${id}:which`, [
      ...shown.map((one, index) => identifyButton(incident, state.subject, one, index)),
      nameKeyButton(incident, state),
    ]),
  ];
}

function unknown(incident: Incident, state: KeyState, why: string): KnownBlock[] {
  const id = `answer:${state.subject}`;
  const words = state.words === null || state.words === '' ? 'Not named yet' : outside(state.words, 200);
  return [lines(id, [[bold(words)], [why]]), actions(`${id}:which`, [nameKeyButton(incident, state)])];
}

function buttons(id: string, elements: readonly Button[]): KnownBlock[] {
  return elements.length === 0 ? [] : [actions(`${id}:actions`, elements)];
}

/** What was refused, why, what next, and who may: `who` are user ids. */
export function refusalAnswer(refusal: ErrorFacts, who: readonly string[]): Message {
  const may =
    who.length === 0
      ? ''
      : ` Who may: ${who
          .slice(0, 20)
          .map((user) => `<@${user}>`)
          .join(', ')}.`;
  return {
    text: `${inert(refusal.message, 600)} ${inert(refusal.next, 600)}${may}`,
    blocks: [
      lines('refusal', [[bold(outside(refusal.message, 600))], [outside(refusal.next, 600)]]),
      ...(may === '' ? [] : [section('who', may.trim())]),
      context('code', `\`${refusal.code}\``),
    ],
  };
}

/** What works, and nothing else; `incident` is the one in whose channel it was asked. */
export function helpAnswer(role: Role, incident: Case | null): Message {
  const id = incident?.incident.id ?? null;
  const rows = [
    '*A key has leaked?* `/keyleak R2D...igAA where you saw it` opens an incident at once. Never the whole key.',
    '`/keyleak` alone asks for both. Several keys: `/keyleak R2D...igAA, apikey_01…`.',
    '`/keyleak list` open incidents, `/keyleak list all` the closed ones too · `/keyleak help` this.',
    id === null ? '*In an incident’s channel:*' : `*Here, in ${id}* (the pinned card has the buttons):`,
    '`/keyleak status` how it stands, with the numbers of the open steps',
    '`/keyleak timeline` what happened, newest page first',
    '`/keyleak note what you saw` · `/keyleak assign 3 @somebody` · `/keyleak close`',
    '`/keyleak R2D...igAA` there adds a key that was found later',
    role === 'participant'
      ? 'Responders and managers press the red buttons and give steps to others; anyone may declare, note and take a step on.'
      : `You are a ${role}: all of these also work anywhere with the incident’s id: \`/keyleak status ${id ?? 'KL-7'}\`, \`/keyleak note ${id ?? 'KL-7'} …\`.`,
  ];
  return { text: 'How to use /keyleak', blocks: [section('help', rows.join('\n'))] };
}

/** Steps with their numbers that stand in a status. */
const STATUS_STEPS = 12;

export function statusAnswer(subject: Case, role: Role): Message {
  const { incident, runbook } = subject;
  const live = incident.keys.filter((key) => isLive(incident, key)).length;
  const text = `${incident.id}: ${incident.status}, ${live} of ${incident.keys.length} keys live`;
  const keys = role === 'participant' ? [] : incident.keys.slice(0, 20).map((key) => keyLine(incident, key));
  const steps = incident.status === 'open' ? openSteps(subject) : [];
  return {
    text,
    blocks: [
      section(
        'status',
        `*${incident.id}* · ${incident.status} · severity ${incident.severity} · ${live} of ${incident.keys.length} keys live. ${roomWords(incident)}`,
      ),
      ...(keys.length === 0 ? [] : [lines('keys', keys)]),
      section('phases', runbook.phases.map((phase) => phaseLine(subject, phase)).join('\n')),
      ...(steps.length === 0 ? [] : [lines('steps', steps)]),
      ...(role === 'participant' ? [] : choreTrouble(incident)),
    ],
  };
}

function openSteps(subject: Case): readonly Piece[][] {
  const open = numberedSteps(subject).filter(({ state }) => !isSettled(state));
  const more = open.length - STATUS_STEPS;
  return [
    ...open
      .slice(0, STATUS_STEPS)
      .map((one): Piece[] => [
        `${one.number}  ${stepName(subject, one)}`,
        ...(one.state.assignee === null ? [] : [' · ', person(one.state.assignee)]),
      ]),
    ...(more > 0 ? [[`and ${more} more`]] : []),
  ];
}

/** Words of our own, in mrkdwn. */
export function notice(text: string): Message {
  return { text, blocks: [section('notice', text)] };
}

// A page of an incident's log: in the order of the log, so that the newest page ends where the next entry will come. It
// opens at the newest page, because whoever asks at night asks what has just happened.

import type { Button } from '@slack/types';
import { describeEntry } from '../../domain/describe.ts';
import type { LoggedEntry } from '../../domain/entry.ts';
import type { EntryPage } from '../../domain/ports.ts';
import { ACTION } from '../ids.ts';
import { encodeTimelineTurn, type TimelineTurn } from '../pages.ts';
import { actions } from './buttons.ts';
import type { Message } from './message.ts';
import { bold, date, lines, outside, type Piece, person, plain, section } from './words.ts';

/** Characters of all rows together: well below what Slack takes in one message. */
const PAGE_TEXT = 9_000;
/** Characters of one row; a longer one is cut, and the export has the whole. */
const ROW_TEXT = 2_800;
/** What a row has besides its sentence. */
const ROW_HEAD = 60;

/** Of the entries of `page` those that fit, the first or the last of them. */
export function timelineAnswer(incident: string, page: EntryPage, which: 'first' | 'last'): Message {
  const rows = page.entries.map((logged) => ({ seq: logged.entry.seq, pieces: row(logged) }));
  const shown = which === 'first' ? fitting(rows) : fitting(rows.toReversed()).toReversed();
  const first = shown.at(0)?.seq ?? 1;
  const last = shown.at(-1)?.seq ?? 0;
  const head = `entries ${first} to ${last} of ${page.count}`;
  const buttons = turns(incident, { first, last, count: page.count });
  return {
    text: `${incident}: ${head}`,
    blocks: [
      section('timeline', `*${incident}* · ${head} · the newest is the last · times in your zone`),
      lines(
        'entries',
        shown.map(({ pieces }) => pieces),
      ),
      ...(buttons.length === 0 ? [] : [actions('turns', buttons)]),
    ],
  };
}

interface Row {
  readonly seq: number;
  readonly pieces: readonly Piece[];
}

/** As many from the front as one message holds; at least one. */
function fitting(rows: readonly Row[]): readonly Row[] {
  let length = 0;
  const beyond = rows.findIndex(({ pieces }) => {
    length += ROW_HEAD + textLength(pieces);
    return length > PAGE_TEXT;
  });
  return beyond === -1 ? rows : rows.slice(0, Math.max(1, beyond));
}

function textLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 20), 0);
}

/** Number, when it happened, when it was written down where that differs, and the sentence. */
function row(logged: LoggedEntry): readonly Piece[] {
  const { seq, occurred_at, recorded_at } = logged.entry;
  const occurred = Date.parse(occurred_at);
  const recorded = Date.parse(recorded_at);
  const later = seconds(occurred) === seconds(recorded) ? [] : [' (recorded ', date(recorded), ')'];
  return [bold(String(seq)), '  ', date(occurred), ...later, '  ', ...sentence(logged)];
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** Round people and round texts from outside, which `outside` frees of such characters. */
const PERSON = '\u0001';
const TEXT = '\u0002';
const PARTS = /(\u0001[^\u0001]*\u0001|\u0002[^\u0002]*\u0002|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** The words of the log, with people and times as Slack shows them. */
function sentence(logged: LoggedEntry): readonly Piece[] {
  const words = describeEntry(logged, {
    actor: (actor) => `${PERSON}${actor}${PERSON}`,
    text: (text) => `${TEXT}${outside(text, ROW_TEXT)}${TEXT}`,
  });
  let room = ROW_TEXT;
  return words.split(PARTS).flatMap((part, index): Piece[] => {
    if (room <= 0 || part === '') return [];
    const inside = part.slice(1, -1);
    if (part.startsWith(PERSON)) return [person(inside)];
    const time = index % 2 === 1 && !part.startsWith(TEXT) ? Date.parse(part) : Number.NaN;
    if (time >= 0) return [date(time)];
    const text = part.startsWith(TEXT) ? inside : part;
    const whole = text.length <= room;
    const shown = whole ? text : `${text.slice(0, room - 1).toWellFormed()}…`;
    room -= text.length;
    return [shown];
  });
}

function turns(incident: string, at: { first: number; last: number; count: number }): readonly Button[] {
  const older = at.first > 1;
  const newer = at.last < at.count;
  return [
    ...(older ? [turnButton('Oldest', { incident, from: 1 })] : []),
    ...(older ? [turnButton('Older', { incident, to: at.first - 1 })] : []),
    ...(newer ? [turnButton('Newer', { incident, from: at.last + 1 })] : []),
    ...(newer ? [turnButton('Newest', { incident, to: null })] : []),
  ];
}

function turnButton(label: string, turn: TimelineTurn): Button {
  return {
    type: 'button',
    action_id: `${ACTION.timeline}:${label.toLowerCase()}`,
    text: plain(label),
    value: encodeTimelineTurn(turn),
  };
}

/** On the card: the newest page, for whoever pressed it alone. */
export function timelineButton(incident: string): Button {
  return {
    type: 'button',
    action_id: ACTION.timeline,
    text: plain('Timeline'),
    value: encodeTimelineTurn({ incident, to: null }),
  };
}

// The card: the one message of an incident that is edited in place. Drawn from state alone, within Slack's limits for any
// runbook and any number of keys: what does not fit is told shorter, and the red buttons go last.

import type { KnownBlock } from '@slack/types';
import type { Case, Incident } from '../../domain/incident.ts';
import { DEACTIVATE_STEP, findStep, isComplete, isLive } from '../../domain/progress.ts';
import type { Phase } from '../../domain/runbook.ts';
import {
  actions,
  addKeyButton,
  changeRunbookButton,
  closeButton,
  deactivateAllButton,
  noteButton,
} from './buttons.ts';
import { currentPhase, otherPhases } from './checklist.ts';
import { type Fit, fitting } from './fit.ts';
import { deactivatable, keyBlocks, keyLine } from './key-lines.ts';
import type { Message } from './message.ts';
import type { Drawing } from './step.ts';
import { timelineButton } from './timeline.ts';
import { choreTrouble } from './trouble.ts';
import { bold, date, emoji, header, inert, lines, outside, type Piece, person } from './words.ts';

export function card(subject: Case, now: number, automated: (action: string) => boolean): Message {
  const drawing = { subject, now, automated };
  return { text: headline(subject.incident), blocks: fitting((fit) => draw(drawing, fit)) };
}

/** `LIVE KL-7: prod-api…`, for notifications. */
function headline(incident: Incident): string {
  const live = incident.keys.filter((key) => isLive(incident, key)).length;
  const [first] = incident.keys;
  const name = first === undefined ? 'no key named' : inert(first.facts?.name ?? first.words ?? 'key', 80);
  const others = incident.keys.length > 1 ? ` and ${incident.keys.length - 1} more` : '';
  const state =
    incident.status === 'closed'
      ? 'CLOSED'
      : live > 0
        ? 'LIVE'
        : incident.keys.some((key) => key.dead === null)
          ? 'OPEN'
          : 'DEAD';
  return `${state} ${incident.id}: ${name}${others}`;
}

function draw(drawing: Drawing, fit: Fit): KnownBlock[] {
  const { subject, now, automated } = drawing;
  const { incident, runbook } = subject;
  const uses = findStep(runbook, DEACTIVATE_STEP)?.uses;
  const can = { deactivate: uses !== undefined && automated(uses) };
  // A key that still lives is never folded away while a dead one is shown in full.
  const ordered = [...incident.keys].sort(
    (a, b) => Number(isLive(incident, b)) - Number(isLive(incident, a)),
  );
  const full = new Set(ordered.slice(0, fit.keys));
  const folded = incident.keys.filter((key) => !full.has(key));
  const current = incident.status === 'closed' ? null : currentOf(subject);
  return [
    header(
      'head',
      `${incident.id} · severity ${incident.severity}${incident.status === 'closed' ? ' · closed' : ''}`,
    ),
    ...incident.keys.filter((key) => full.has(key)).flatMap((key) => keyBlocks(subject, key, now, can)),
    ...(folded.length === 0
      ? []
      : [
          lines(
            'keys',
            folded.map((key) => keyLine(incident, key)),
          ),
        ]),
    ...(can.deactivate ? allOfThem(incident) : []),
    lines('declared', declaredRows(incident)),
    ...(current === null ? [] : [{ type: 'divider', block_id: 'rule' } as const]),
    ...(current === null ? [] : currentPhase(drawing, current, fit)),
    ...otherPhases(subject, current),
    ...choreTrouble(incident),
    actions('foot', [
      noteButton(incident),
      ...(incident.status === 'open' ? [addKeyButton(incident)] : []),
      timelineButton(incident.id),
      ...(incident.status === 'open' ? [changeRunbookButton(incident), closeButton(incident)] : []),
    ]),
  ];
}

/** One press for all keys that can die now. */
function allOfThem(incident: Incident): KnownBlock[] {
  if (incident.status === 'closed') return [];
  const keys = incident.keys.map((key) => deactivatable(incident, key)).filter((key) => key !== null);
  const button = deactivateAllButton(incident, keys);
  return button === null ? [] : [actions('all', [button])];
}

/** The first phase that is not complete. */
function currentOf(subject: Case): Phase | null {
  return subject.runbook.phases.find((phase) => !isComplete(subject, phase)) ?? null;
}

function declaredRows(incident: Incident): Piece[][] {
  const rows: Piece[][] = [['Declared by ', person(incident.declaredBy), ' ', date(incident.declaredAt)]];
  if (incident.where !== '')
    rows[0]?.push(' · seen: ', incident.where === null ? '(text purged)' : outside(incident.where, 200));
  const closed = incident.closed;
  if (closed !== null) {
    const verdict = closed.verdict === 'false_alarm' ? 'a false alarm' : 'resolved';
    rows.push(['Closed as ', bold(verdict), ' by ', person(closed.by), ' ', date(closed.at)]);
    if (closed.reason) rows[1]?.push(` · ${outside(closed.reason, 200)}`);
  }
  const last = incident.notes.at(-1);
  if (last !== undefined)
    rows.push([
      emoji('memo'),
      ' ',
      person(last.by),
      ': ',
      last.text === null ? '(text purged)' : outside(last.text, 200),
    ]);
  return rows;
}

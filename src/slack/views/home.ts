// The Home tab: what is open for those who answer for it, how to report a leak for everybody else, and each person's own
// steps. Counts and links only: keys are named in the incident's room.

import type { HomeView, KnownBlock } from '@slack/types';
import type { Role } from '../../domain/entry.ts';
import type { Case } from '../../domain/incident.ts';
import { clockOf, dueAt, isComplete, isLive, isSettled, type StepInstance } from '../../domain/progress.ts';
import { ACTION } from '../ids.ts';
import { numberedSteps, stepName } from '../step-numbers.ts';
import { actions } from './buttons.ts';
import { bold, context, date, emoji, header, lines, type Piece, plain, section } from './words.ts';

/** A line each; more is said by number. */
const OWN_STEPS = 25;

/** `cases` are open, newest first; `more` says that there are others. Well within 100 blocks for at most 20 cases. */
export function homeView(of: { user: string; role: Role; cases: readonly Case[]; more: boolean }): HomeView {
  const { user, role, cases, more } = of;
  const own = ownSteps(user, cases);
  return {
    type: 'home',
    blocks: [
      header('head', 'Has a key leaked?'),
      section(
        'how',
        'Declare it now, however little you know: the responders are called at once. Or type `/keyleak R2D...igAA where you saw it` in any channel. *Never the whole key*: both ends of it, its id or its name will do.',
      ),
      actions('declare', [
        {
          type: 'button',
          action_id: ACTION.declare,
          text: plain('Declare a leak'),
          style: 'danger',
          value: 'home',
        },
      ]),
      ...(own.length === 0 ? [] : [header('own-head', 'Your steps'), lines('own', shortened(own))]),
      ...(role === 'participant' ? [] : incidents(cases, more)),
      context('foot', 'Open this tab again to see it as it is then.'),
    ],
  };
}

function ownSteps(user: string, cases: readonly Case[]): readonly Piece[][] {
  return cases.flatMap((subject) =>
    numberedSteps(subject)
      .filter(({ state }) => state.assignee === user && !isSettled(state))
      .map((one): Piece[] => [
        bold(subject.incident.id),
        `  ${stepName(subject, one)}`,
        ...dueOf(subject, one),
        ...roomOf(subject),
      ]),
  );
}

function dueOf(subject: Case, { step, subject: key }: StepInstance): readonly Piece[] {
  const phase = subject.runbook.phases.find(({ steps }) => steps.includes(step));
  return phase === undefined
    ? []
    : [' · due ', date(dueAt(subject.incident, phase, clockOf(subject, phase, key)))];
}

function shortened(rows: readonly Piece[][]): readonly Piece[][] {
  const more = rows.length - OWN_STEPS;
  return more > 0 ? [...rows.slice(0, OWN_STEPS), [`and ${more} more`]] : rows;
}

function incidents(cases: readonly Case[], more: boolean): KnownBlock[] {
  return [
    { type: 'divider', block_id: 'rule' },
    header('open-head', 'Open incidents'),
    ...(cases.length === 0
      ? [section('none', 'No incident is open.')]
      : cases.map((subject) => lines(`incident:${subject.incident.id}`, incidentRows(subject)))),
    ...(more ? [section('more', 'There are more: `/keyleak list`.')] : []),
  ];
}

/** How bad, how far, by when, where. */
function incidentRows(subject: Case): Piece[][] {
  const { incident, runbook } = subject;
  const live = incident.keys.filter((key) => isLive(incident, key)).length;
  const phase = runbook.phases.find((one) => !isComplete(subject, one));
  return [
    [
      emoji(live > 0 ? 'red_circle' : 'white_check_mark'),
      ' ',
      bold(incident.id),
      ` · severity ${incident.severity} · ${live} of ${incident.keys.length} keys live`,
      ...roomOf(subject),
    ],
    phase === undefined
      ? ['Every phase is complete: it can be closed.']
      : [
          phase.title,
          phase.id in incident.missed ? ' · missed, was due ' : ' · due ',
          date(dueAt(incident, phase)),
        ],
  ];
}

function roomOf({ incident: { room } }: Case): readonly Piece[] {
  if (room === null) return [' · no room in Slack yet'];
  if (room.place === 'direct') return [' · in direct messages'];
  return [room.place === 'thread' ? ' · a thread in ' : ' · ', { type: 'channel', channel_id: room.channel }];
}

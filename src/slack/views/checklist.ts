// The phases on the card: how far each is, what is open in the current one, and what can be pressed.

import type { KnownBlock } from '@slack/types';
import { type Case, stepState } from '../../domain/incident.ts';
import {
  DEACTIVATE_STEP,
  dueAt,
  findStep,
  IDENTIFY_STEP,
  instances,
  isSettled,
  type StepInstance,
} from '../../domain/progress.ts';
import type { Phase } from '../../domain/runbook.ts';
import { actions, stepButtons } from './buttons.ts';
import { guideMrkdwn } from './guide.ts';
import {
  bold,
  context,
  date,
  dateMrkdwn,
  emoji,
  lines,
  outside,
  type Piece,
  person,
  section,
} from './words.ts';

const SYMBOLS = {
  open: 'white_circle',
  running: 'arrow_forward',
  needs_human: 'warning',
  done: 'white_check_mark',
  skipped: 'heavy_minus_sign',
} as const;

/** `First 5 minutes: 2 of 5 · due 10:47`, in mrkdwn. Titles come from our own runbook. */
export function phaseLine(subject: Case, phase: Phase): string {
  const all = instances(subject, phase);
  const settled = all.filter(({ state }) => isSettled(state)).length;
  const done = subject.incident.phases[phase.id];
  const due = dueAt(subject.incident, phase);
  const when =
    done !== undefined
      ? `complete ${dateMrkdwn(done)}`
      : phase.id in subject.incident.missed
        ? `*missed* (was due ${dateMrkdwn(due)})`
        : `due ${dateMrkdwn(due)}`;
  return `*${guideMrkdwn(phase.title)}*: ${settled} of ${all.length} · ${when}`;
}

function stepRow({ incident }: Case, { step, subject, state }: StepInstance): Piece[] {
  const about = subject !== null && incident.keys.length > 1 ? ` (${subject})` : '';
  const row: Piece[] = [emoji(SYMBOLS[state.status]), ` ${step.title}${about}`];
  if (isSettled(state) && state.at !== null) {
    row.push('  ', date(state.at), ' · ');
    row.push(state.by === null || state.how === 'automatic' ? 'automatic' : person(state.by));
    if (state.reason !== null) row.push(` · ${outside(state.reason, 120)}`);
  }
  if (state.status === 'running') row.push('  under way');
  return row;
}

function isReady(subject: Case, { step, subject: key }: StepInstance): boolean {
  return (step.needs ?? []).every((id) => {
    const needed = findStep(subject.runbook, id);
    if (needed === null) return true;
    const subjects =
      needed.each !== 'key' ? [null] : key !== null ? [key] : subject.incident.keys.map((k) => k.subject);
    return subjects.every((one) => isSettled(stepState(subject.incident, id, one)));
  });
}

/** Blocks of one step; a step that a person has to do by hand now has its guide with it when `guided`. */
function stepBlocks(subject: Case, one: StepInstance, guided: boolean): KnownBlock[] {
  const { incident } = subject;
  const { step, state, subject: key } = one;
  const id = `${step.id}:${key ?? '-'}`;
  const rows: Piece[][] = [stepRow(subject, one)];
  if (state.error !== null && !isSettled(state))
    rows.push([bold(outside(state.error.message, 300)), ` ${outside(state.error.next, 300)}`]);
  const blocks: KnownBlock[] = [lines(`step:${id}`, rows)];
  const pressable = incident.status === 'open' && !isSettled(state) && isReady(subject, one);
  if (pressable && guided && state.status !== 'running') {
    blocks.push(section(`guide:${id}`, guideMrkdwn(step.guide)));
  }
  if (pressable) blocks.push(actions(`step-actions:${id}`, stepButtons(incident, step.id, key)));
  return blocks;
}

/** True when a step's automation cannot help: its guide belongs beside it. */
function needsGuide(one: StepInstance, automated: (action: string) => boolean): boolean {
  if (one.step.id !== DEACTIVATE_STEP && one.step.id !== IDENTIFY_STEP) return false;
  if (isSettled(one.state)) return false;
  return one.state.status === 'needs_human'
    ? one.state.error !== null
    : one.step.uses === undefined || !automated(one.step.uses);
}

/** The blocks of the current phase, in full; `level` 1 leaves out guides, 2 shows what is open only as lines. */
export function currentPhase(
  subject: Case,
  phase: Phase,
  automated: (action: string) => boolean,
  level: 0 | 1 | 2,
): KnownBlock[] {
  const all = instances(subject, phase);
  const blocks: KnownBlock[] = [section(`phase:${phase.id}`, phaseLine(subject, phase))];
  if (level === 2) {
    const rows = all.filter(({ state }) => !isSettled(state)).map((one) => stepRow(subject, one));
    if (rows.length > 0) blocks.push(lines(`open:${phase.id}`, rows.slice(0, 40)));
    const next = all.find((one) => !isSettled(one.state) && isReady(subject, one));
    if (next !== undefined) blocks.push(...stepBlocks(subject, next, false));
    return blocks;
  }
  const quiet = all.filter((one) => isSettled(one.state) || !isReady(subject, one));
  const active = all.filter((one) => !quiet.includes(one));
  if (quiet.length > 0)
    blocks.push(lines(`quiet:${phase.id}`, quiet.map((one) => stepRow(subject, one)).slice(0, 40)));
  for (const one of active)
    blocks.push(...stepBlocks(subject, one, level === 0 && needsGuide(one, automated)));
  return blocks;
}

/** The other phases, a line each. */
export function otherPhases(subject: Case, current: Phase | null): KnownBlock[] {
  const others = subject.runbook.phases.filter((phase) => phase !== current);
  if (others.length === 0) return [];
  return [context('phases', others.map((phase) => phaseLine(subject, phase)).join('\n'))];
}

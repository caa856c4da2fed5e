// A step on the card: how far it is, what is particular about it, what can be pressed.

import type { KnownBlock } from '@slack/types';
import { type Case, keyState, stepState } from '../../domain/incident.ts';
import {
  DEACTIVATE_STEP,
  DEPLOY_STEP,
  findStep,
  IDENTIFY_STEP,
  isSettled,
  REPLACE_STEP,
  type StepInstance,
  VERIFY_STEP,
} from '../../domain/progress.ts';
import type { Step } from '../../domain/runbook.ts';
import { actions, isPerformed, performButtons, stepButtons } from './buttons.ts';
import { containmentRows, TOLD } from './containment.ts';
import type { Fit } from './fit.ts';
import { guideMrkdwn } from './guide.ts';
import { isBySystems, NO_SYSTEMS, replaceButtons, replaceRows, systemBlocks } from './replacing.ts';
import { bold, date, emoji, lines, outside, type Piece, person, section } from './words.ts';

const SYMBOLS = {
  open: 'white_circle',
  running: 'arrow_forward',
  needs_human: 'warning',
  done: 'white_check_mark',
  skipped: 'heavy_minus_sign',
} as const;

/** One line: what it is, how far it is, whose it is, what it waits for; `keys` it is about, its own unless told. */
export function stepRow(of: Case, one: StepInstance, keys: readonly string[] = ownKey(one)): Piece[] {
  const { step, state } = one;
  const about = keys.length > 0 && of.incident.keys.length > 1 ? ` (${keys.join(', ')})` : '';
  const row: Piece[] = [emoji(SYMBOLS[state.status]), ` ${step.title}${about}`];
  if (isSettled(state) && state.at !== null) {
    row.push('  ', date(state.at), ' · ');
    row.push(state.by === null || state.how === 'automatic' ? 'automatic' : person(state.by));
    if (state.reason !== null) row.push(` · ${outside(state.reason, 120)}`);
  }
  if (state.status === 'running') row.push('  under way');
  if (isSettled(state)) return row;
  if (state.assignee !== null) row.push(' · ', person(state.assignee));
  const first = waitsFor(of, one);
  if (first !== null) row.push(`  after “${first.title}”`);
  return row;
}

function ownKey({ subject }: StepInstance): readonly string[] {
  return subject === null ? [] : [subject];
}

/** The first step that has to be settled before this one; null when nothing stands in its way. */
export function waitsFor(subject: Case, { step, subject: key }: StepInstance): Step | null {
  const open = (id: string): Step | null => {
    const needed = findStep(subject.runbook, id);
    if (needed === null) return null;
    const subjects =
      needed.each !== 'key' ? [null] : key !== null ? [key] : subject.incident.keys.map((k) => k.subject);
    return subjects.every((one) => isSettled(stepState(subject.incident, id, one))) ? null : needed;
  };
  return (step.needs ?? []).map(open).find((needed) => needed !== null) ?? null;
}

/** The case, and what drawing it depends on besides. */
export interface Drawing {
  readonly subject: Case;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly automated: (action: string) => boolean;
}

/** What is particular about a step of one key: the new key, the systems that need it, the figures. */
function details({ subject: { incident }, now }: Drawing, one: StepInstance): Piece[][] {
  const key = one.subject === null ? null : keyState(incident, one.subject);
  if (key === null) return [];
  if (isAnthropic(one) && one.step.id === REPLACE_STEP) return replaceRows(incident, key, now);
  if (isAnthropic(one) && one.step.id === VERIFY_STEP) return containmentRows(incident, key);
  return one.step.id === DEPLOY_STEP && key.systems.length === 0 ? [NO_SYSTEMS] : [];
}

/** Other providers have their own consoles and names, and no figures here. */
function isAnthropic({ step }: StepInstance): boolean {
  return step.uses?.startsWith('anthropic/') ?? false;
}

/** True where one press has keyleak do or look into the step. */
export function isPerformable({ subject: { incident }, automated }: Drawing, one: StepInstance): boolean {
  const { uses } = one.step;
  const key = one.subject === null ? null : keyState(incident, one.subject);
  const known = one.subject === null || (key !== null && key.facts !== null);
  return (
    isPerformed(one.step.id) &&
    uses !== undefined &&
    automated(uses) &&
    known &&
    one.state.status !== 'running'
  );
}

/** Blocks of one step; a step that a person has to do by hand now has its guide with it when `fit` has room. */
export function stepBlocks(drawing: Drawing, one: StepInstance, fit: Fit, leading: boolean): KnownBlock[] {
  const { subject } = drawing;
  const { incident } = subject;
  const { step, state } = one;
  const key = one.subject === null ? null : keyState(incident, one.subject);
  const id = `${step.id}:${one.subject ?? '-'}`;
  const rows: Piece[][] = [stepRow(subject, one)];
  const pressable = incident.status === 'open' && !isSettled(state) && waitsFor(subject, one) === null;
  if (pressable) rows.push(...details(drawing, one));
  if (state.error !== null && !isSettled(state) && !TOLD.has(state.error.code))
    rows.push([bold(outside(state.error.message, 300)), ` ${outside(state.error.next, 300)}`]);
  const blocks: KnownBlock[] = [lines(`step:${id}`, rows)];
  if (!pressable) return blocks;
  if (fit.guides && needsGuide(drawing, one) && state.status !== 'running')
    blocks.push(section(`guide:${id}`, guideMrkdwn(step.guide)));
  const byRows = isBySystems(step.id, key);
  if (byRows && key !== null) blocks.push(...systemBlocks(incident, key, fit.systems));
  const buttons = [
    ...(isPerformable(drawing, one) ? performButtons(incident, step.id, one.subject, { leading }) : []),
    ...(step.id === REPLACE_STEP && isAnthropic(one) && key !== null
      ? replaceButtons(incident, key, step.id)
      : []),
    ...stepButtons(incident, step.id, one.subject, { byRows }),
  ];
  return [...blocks, actions(`step-actions:${id}`, buttons)];
}

/** True when a step's automation cannot help: its guide belongs beside it. */
function needsGuide({ subject: { incident }, automated }: Drawing, one: StepInstance): boolean {
  const { step, state } = one;
  if (isSettled(state)) return false;
  if (step.id === VERIFY_STEP)
    return state.error === null ? 'watch-containment' in incident.chores : !TOLD.has(state.error.code);
  if (step.id !== DEACTIVATE_STEP && step.id !== IDENTIFY_STEP) return false;
  return state.status === 'needs_human'
    ? state.error !== null
    : step.uses === undefined || !automated(step.uses);
}

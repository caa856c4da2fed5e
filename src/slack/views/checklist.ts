// The phases on the card: how far each is, what is open in the current one, and what can be pressed.

import type { KnownBlock } from '@slack/types';
import type { Case } from '../../domain/incident.ts';
import { dueAt, instances, isLive, isSettled, type StepInstance } from '../../domain/progress.ts';
import type { Phase } from '../../domain/runbook.ts';
import type { Fit } from './fit.ts';
import { guideMrkdwn } from './guide.ts';
import { type Drawing, isPerformable, stepBlocks, stepRow, waitsFor } from './step.ts';
import { context, dateMrkdwn, lines, type Piece, section } from './words.ts';

const MAX_ROWS = 40;

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

/** The blocks of the current phase: what can be done now in full as far as `fit` allows, the rest a line each. */
export function currentPhase(drawing: Drawing, phase: Phase, fit: Fit): KnownBlock[] {
  const { subject } = drawing;
  const all = instances(subject, phase);
  const ready = all.filter((one) => !isSettled(one.state) && waitsFor(subject, one) === null);
  const active = ready.slice(0, fit.steps);
  // Where room is short, what is done already is counted in the line of the phase.
  const told = ready.length > active.length ? all.filter(({ state }) => !isSettled(state)) : all;
  const quiet = quietRows(
    subject,
    told.filter((one) => !active.includes(one)),
  );
  // The red button leads while a key lives; nothing competes with it.
  const { incident } = subject;
  const leading = incident.keys.some((key) => isLive(incident, key))
    ? undefined
    : active.find((one) => isPerformable(drawing, one));
  return [
    section(`phase:${phase.id}`, phaseLine(subject, phase)),
    ...(quiet.length === 0 ? [] : [lines(`quiet:${phase.id}`, quiet.slice(0, MAX_ROWS))]),
    ...active.flatMap((one) => stepBlocks(drawing, one, fit, one === leading)),
  ];
}

/** A line each; keys for which nobody has begun a step share one. */
function quietRows(subject: Case, quiet: readonly StepInstance[]): Piece[][] {
  const shared = (one: StepInstance): StepInstance[] =>
    one.state.status === 'open' && one.state.assignee === null
      ? quiet.filter((other) => isLike(subject, one, other))
      : [one];
  return quiet.flatMap((one) => {
    const all = shared(one);
    if (all[0] !== one) return [];
    const keys = all.flatMap((other) => (other.subject === null ? [] : [other.subject]));
    return [stepRow(subject, one, keys)];
  });
}

function isLike(subject: Case, one: StepInstance, other: StepInstance): boolean {
  return (
    other.step === one.step &&
    other.state.status === 'open' &&
    other.state.assignee === null &&
    waitsFor(subject, other) === waitsFor(subject, one)
  );
}

/** The other phases, a line each. */
export function otherPhases(subject: Case, current: Phase | null): KnownBlock[] {
  const others = subject.runbook.phases.filter((phase) => phase !== current);
  if (others.length === 0) return [];
  return [context('phases', others.map((phase) => phaseLine(subject, phase)).join('\n'))];
}

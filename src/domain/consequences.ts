// What follows from an entry, whoever caused it: the room, the card, invitations, reminders, watches, the end of a phase.

import { CHORES, type Chore, chore } from './chores.ts';
import type { Decision, Situation } from './decision.ts';
import { preview } from './decision.ts';
import { BOT, type EntryData, type NewEntry } from './entry.ts';
import { type Case, deadlineParts, type Incident, keyState } from './incident.ts';
import { DEACTIVATE_STEP, findStep, isComplete, isLive, REPLACE_STEP, VERIFY_STEP } from './progress.ts';
import { callIfUnanswered, nudges } from './reminders.ts';
import type { NewRun, RunInput } from './run.ts';
import type { Runbook } from './runbook.ts';

type Run = (step: Chore, subject?: string | null, input?: RunInput) => NewRun[];

/** An entry with the states before and after it. */
interface Moment {
  readonly entry: NewEntry;
  readonly before: Incident;
  readonly state: Incident;
  readonly runbook: Runbook;
}

function choresAfter({ entry, before, state, runbook }: Moment, situation: Situation): NewRun[] {
  const run: Run = (step, subject = null, input = {}) =>
    chore(step, { subject, cause: state.seq, input }, situation);
  const inRoom: Run = (step, subject, input) => (state.card === null ? [] : run(step, subject, input));
  switch (entry.kind) {
    case 'incident.declared':
      return [
        ...run('open-room'),
        ...nudges(runbook.phases, situation.now, null, situation),
        ...callIfUnanswered(runbook, situation.now, situation),
        ...(entry.data.source === 'cli' ? run('tell-managers', null, { reason: 'break_glass' }) : []),
      ];
    case 'channel.opened':
      return run('post-card');
    case 'card.posted':
      return afterCard(state, run);
    case 'candidates.found':
      return inRoom('post-candidates', entry.data.key);
    case 'key.identified':
      return [
        ...(entry.data.owner === null ? [] : run('find-owner', entry.data.key)),
        ...run('measure-impact', entry.data.key),
        ...(isAutomatic(runbook, REPLACE_STEP) ? run('watch-replacement', entry.data.key) : []),
      ];
    case 'people.invited': {
      const people = entry.data.invited.filter((user) => !before.invited.includes(user));
      return state.room?.place === 'thread' && people.length > 0
        ? inRoom('call-people', null, { people: people.join(' ') })
        : [];
    }
    case 'owner.found':
      return keyState(state, entry.data.key)?.owner?.slack_user ? inRoom('invite-owner', entry.data.key) : [];
    // Who takes a step on needs no waking.
    case 'step.assigned': {
      const { step, key, assignee } = entry.data;
      return assignee === entry.actor ? [] : run('call-assignee', key, { step, assignee, by: entry.actor });
    }
    case 'step.started':
      return entry.actor.startsWith('operator:') ? run('tell-managers', null, { reason: 'break_glass' }) : [];
    case 'key.deactivated':
      return [
        ...(isAutomatic(runbook, VERIFY_STEP) ? run('watch-containment', entry.data.key) : []),
        ...(entry.data.already ? [] : inRoom('post-undo', entry.data.key)),
      ];
    case 'step.completed':
    case 'step.skipped':
      return entry.data.step === DEACTIVATE_STEP && isContained(state)
        ? inRoom('post-witness', null, { occasion: 'containment' })
        : [];
    case 'deadline.missed': {
      const { phase, key = null } = entry.data;
      return [
        ...inRoom('post-missed', key, { phase }),
        ...run('tell-managers', key, { reason: 'missed', phase }),
        ...run('page', key, { reason: 'missed', phase }),
      ];
    }
    case 'message.posted':
      return ['nudge', 'missed'].includes(entry.data.purpose) ? removal(before, run) : [];
    case 'action.failed':
      return isRoomLost(entry.data, before) ? run('tell-managers', null, { reason: 'room_lost' }) : [];
    case 'incident.closed':
      return removal(state, run);
    default:
      return [];
  }
}

function isAutomatic(runbook: Runbook, step: string): boolean {
  return findStep(runbook, step)?.uses !== undefined;
}

/** One reminder stands in the room at a time. */
function removal({ nudge }: Incident, run: Run): NewRun[] {
  return nudge === null ? [] : run('remove-nudge', null, { channel: nudge.channel, ts: nudge.ts });
}

const ROOM_LOST = 'KL_SLACK_CHANNEL';

/** The first thing that could not be said in the incident's own channel: it was archived, or keyleak was taken out of it. */
function isRoomLost({ code, step }: EntryData['action.failed'], { room, chores }: Incident): boolean {
  const known = Object.values(chores).some((error) => error.code === ROOM_LOST);
  return code === ROOM_LOST && CHORES.has(step) && room?.place === 'channel' && !known;
}

function isContained(state: Incident): boolean {
  return state.keys.length > 0 && !state.keys.some((key) => isLive(state, key));
}

/** What belongs into the room from the start, and what happened before there was one: Slack may have been down for long. */
function afterCard(state: Incident, run: Run): NewRun[] {
  const missed = Object.keys(state.missed).at(-1);
  const { phase, key } = deadlineParts(missed ?? '');
  return [
    ...run('pin-card'),
    ...run('invite-people'),
    ...run('post-witness', null, { occasion: isContained(state) ? 'containment' : 'opening' }),
    ...(missed === undefined ? [] : run('post-missed', key, { phase })),
    ...state.keys.flatMap((one) => [
      ...(one.candidates === null ? [] : run('post-candidates', one.subject)),
      ...(one.owner?.slack_user ? run('invite-owner', one.subject) : []),
      ...(one.dead === null || one.dead.already ? [] : run('post-undo', one.subject)),
    ]),
  ];
}

/** The decision with all that follows from its entries. */
export function consequences(subject: Case, decision: Decision, situation: Situation): Decision {
  const entries = [...decision.entries];
  const runs = [...decision.runs];
  const settled = [...decision.settled];
  const runbook = decision.runbook ?? subject.runbook;
  let state = subject.incident;
  for (const entry of decision.entries) {
    const before = state;
    state = preview(state, [entry], situation.now);
    runs.push(...choresAfter({ entry, before, state, runbook }, situation));
  }
  for (const phase of runbook.phases) {
    if (phase.id in state.phases || state.keys.length === 0) continue;
    if (!isComplete({ incident: state, runbook }, phase)) continue;
    const completed: NewEntry = {
      kind: 'phase.completed',
      actor: BOT,
      occurredAt: situation.now,
      data: { phase: phase.id, took_ms: Math.max(0, situation.now - state.declaredAt) },
    };
    entries.push(completed);
    state = preview(state, [completed], situation.now);
    settled.push({ phase: phase.id, as: 'met' });
    if (state.nudge?.phase === phase.id) {
      const { channel, ts } = state.nudge;
      runs.push(
        ...chore('remove-nudge', { subject: null, cause: state.seq, input: { channel, ts } }, situation),
      );
    }
  }
  return { ...decision, entries, runs, settled };
}

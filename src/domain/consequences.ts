// What follows from an entry, whoever caused it: the room, the card, invitations, witnesses, the end of a phase.

import type { Decision, Situation } from './decision.ts';
import { preview } from './decision.ts';
import { BOT, type NewEntry } from './entry.ts';
import { type Case, type Incident, keyState } from './incident.ts';
import { DEACTIVATE_STEP, isComplete, isLive } from './progress.ts';
import type { NewRun, RunInput } from './run.ts';

const ACTIONS = {
  'open-room': 'slack/open-room@1',
  'post-card': 'slack/post-card@1',
  'pin-card': 'slack/pin-card@1',
  'invite-people': 'slack/invite-people@1',
  'invite-owner': 'slack/invite-owner@1',
  'post-candidates': 'slack/post-candidates@1',
  'post-witness': 'slack/post-witness@1',
  'post-missed': 'slack/post-missed@1',
  'find-owner': 'anthropic/find-owner@1',
} as const;

type Chore = keyof typeof ACTIONS;

/** A chore's generation is the number of the entry that caused it: the same cause never starts it twice. */
function chore(
  step: Chore,
  subject: string | null,
  cause: number,
  input: RunInput,
  situation: Situation,
): NewRun[] {
  const action = ACTIONS[step];
  if (!situation.automated(action)) return [];
  return [
    {
      step,
      subject: subject ?? '-',
      generation: cause,
      action,
      input,
      actor: BOT,
      notBefore: situation.now,
    },
  ];
}

function choresAfter(entry: NewEntry, state: Incident, situation: Situation): NewRun[] {
  const cause = state.seq;
  const run = (step: Chore, subject: string | null = null, input: RunInput = {}): NewRun[] =>
    chore(step, subject, cause, input, situation);
  switch (entry.kind) {
    case 'incident.declared':
      return run('open-room');
    case 'channel.opened':
      return run('post-card');
    case 'card.posted':
      return afterCard(state, run);
    case 'candidates.found':
      return state.card === null ? [] : run('post-candidates', entry.data.key);
    case 'key.identified':
      return entry.data.owner === null ? [] : run('find-owner', entry.data.key);
    case 'owner.found':
      return state.card === null || !keyState(state, entry.data.key)?.owner?.slack_user
        ? []
        : run('invite-owner', entry.data.key);
    case 'step.completed':
    case 'step.skipped': {
      const contained = entry.data.step === DEACTIVATE_STEP && isContained(state);
      return contained && state.card !== null ? run('post-witness', null, { occasion: 'containment' }) : [];
    }
    case 'deadline.missed':
      return state.card === null ? [] : run('post-missed', null, { phase: entry.data.phase });
    default:
      return [];
  }
}

function isContained(state: Incident): boolean {
  return state.keys.length > 0 && !state.keys.some((key) => isLive(state, key));
}

/** What belongs into the room from the start, and what happened before there was one: Slack may have been down for long. */
function afterCard(
  state: Incident,
  run: (step: Chore, subject?: string | null, input?: RunInput) => NewRun[],
): NewRun[] {
  const missed = Object.keys(state.missed).at(-1);
  return [
    ...run('pin-card'),
    ...run('invite-people'),
    ...run('post-witness', null, { occasion: isContained(state) ? 'containment' : 'opening' }),
    ...(missed === undefined ? [] : run('post-missed', null, { phase: missed })),
    ...state.keys.flatMap((key) => [
      ...(key.candidates === null ? [] : run('post-candidates', key.subject)),
      ...(key.owner?.slack_user ? run('invite-owner', key.subject) : []),
    ]),
  ];
}

/** The decision with all that follows from its entries. */
export function consequences(subject: Case, decision: Decision, situation: Situation): Decision {
  const entries = [...decision.entries];
  const runs = [...decision.runs];
  const settled = [...decision.settled];
  let state = subject.incident;
  for (const entry of decision.entries) {
    state = preview(state, [entry], situation.now);
    runs.push(...choresAfter(entry, state, situation));
  }
  for (const phase of subject.runbook.phases) {
    if (phase.id in state.phases || state.keys.length === 0) continue;
    if (!isComplete({ incident: state, runbook: subject.runbook }, phase)) continue;
    entries.push({
      kind: 'phase.completed',
      actor: BOT,
      occurredAt: situation.now,
      data: { phase: phase.id, took_ms: Math.max(0, situation.now - state.declaredAt) },
    });
    settled.push({ phase: phase.id, as: 'met' });
  }
  return { ...decision, entries, runs, settled };
}

// State is a fold of entries. `evolve` is total: whatever the log holds, it yields an incident and never throws.

import type { EntryData, LoggedEntry } from './entry.ts';
import {
  type Incident,
  instanceName,
  type KeyState,
  type Note,
  type StepState,
  stepState,
} from './incident.ts';
import type { KeyFacts, KeyQuery } from './key.ts';

/** The incident before its first entry. */
export const BLANK: Incident = {
  id: '',
  seq: 0,
  head: '0'.repeat(64),
  uid: '',
  team: null,
  enterprise: null,
  severity: 1,
  source: 'slash',
  declaredBy: '',
  declaredAt: 0,
  where: null,
  runbook: { id: '', sha256: '' },
  status: 'open',
  closed: null,
  keys: [],
  steps: {},
  room: null,
  card: null,
  invited: [],
  phases: {},
  missed: {},
  notes: [],
  chores: {},
  lastAt: 0,
};

/** Folds all entries of one incident, in order. Null when there are none. */
export function foldIncident(entries: readonly LoggedEntry[]): Incident | null {
  const first = entries[0];
  if (first === undefined) return null;
  return entries.reduce(evolve, { ...BLANK, id: first.entry.incident });
}

function withKey(incident: Incident, subject: string, change: Partial<KeyState>): Incident {
  return {
    ...incident,
    keys: incident.keys.map((key) => (key.subject === subject ? { ...key, ...change } : key)),
  };
}

function withStep(
  incident: Incident,
  step: string,
  subject: string | null,
  change: Partial<StepState>,
): Incident {
  const state = { ...stepState(incident, step, subject), ...change };
  return { ...incident, steps: { ...incident.steps, [instanceName(step, subject)]: state } };
}

function withoutChore(incident: Incident, step: string): Incident {
  if (!(step in incident.chores)) return incident;
  const { [step]: _gone, ...chores } = incident.chores;
  return { ...incident, chores };
}

function generationOf(run: string): number {
  return Number(run.slice(run.lastIndexOf(':') + 1)) || 0;
}

function factsOf(data: EntryData['key.identified']): KeyFacts {
  const { key: _key, how: _how, severity: _severity, ...facts } = data;
  return facts;
}

function reported(
  incident: Incident,
  data: EntryData['key.reported'],
  words: string | null,
  at: number,
): Incident {
  const query: KeyQuery = data.query.shape === 'name' ? { shape: 'name', name: words ?? '' } : data.query;
  if (incident.keys.some((key) => key.subject === data.key)) {
    return withKey(incident, data.key, { query, words, candidates: null, unmatched: false });
  }
  const key: KeyState = {
    subject: data.key,
    query,
    words,
    reportedAt: at,
    candidates: null,
    unmatched: false,
    facts: null,
    identifiedHow: null,
    owner: null,
    dead: null,
  };
  return { ...incident, keys: [...incident.keys, key] };
}

function failed(incident: Incident, data: EntryData['action.failed'], isStep: boolean): Incident {
  const error = { code: data.code, message: data.message, next: data.next };
  if (!isStep) return { ...incident, chores: { ...incident.chores, [data.step]: error } };
  return withStep(incident, data.step, data.key, {
    status: data.follow_up === 'retry' ? 'running' : 'needs_human',
    generation: Math.max(generationOf(data.run), stepState(incident, data.step, data.key).generation),
    error: { ...error, retryAt: data.retry_at === null ? null : Date.parse(data.retry_at) },
  });
}

/** Steps that keyleak does for itself; they stand in no runbook. */
export const CHORES: ReadonlySet<string> = new Set([
  'open-room',
  'post-card',
  'pin-card',
  'invite-people',
  'invite-owner',
  'find-owner',
  'post-candidates',
  'post-witness',
  'post-missed',
]);

/** The incident after one more entry. */
export function evolve(before: Incident, logged: LoggedEntry): Incident {
  const { entry, texts } = logged;
  const occurred = Date.parse(entry.occurred_at);
  const incident: Incident = {
    ...before,
    seq: entry.seq,
    head: entry.hash,
    lastAt: Date.parse(entry.recorded_at),
  };
  const text = (field: string): string | null => texts[field]?.text ?? null;
  switch (entry.kind) {
    case 'incident.declared':
      return {
        ...incident,
        uid: entry.data.uid,
        team: entry.data.team,
        enterprise: entry.data.enterprise,
        severity: entry.data.severity,
        source: entry.data.source,
        declaredBy: entry.actor,
        declaredAt: Date.parse(entry.recorded_at),
        where: text('where'),
        runbook: entry.data.runbook,
      };
    case 'key.reported':
      return reported(incident, entry.data, text('words'), Date.parse(entry.recorded_at));
    case 'candidates.found': {
      const { key, why, total, candidates } = entry.data;
      const offered = withKey(incident, key, {
        candidates: { why, total, keys: candidates },
        unmatched: false,
      });
      return withStep(offered, 'identify-key', key, { status: 'needs_human', error: null });
    }
    case 'key.unmatched': {
      const unmatched = withKey(incident, entry.data.key, { unmatched: true, candidates: null });
      return withStep(unmatched, 'identify-key', entry.data.key, { status: 'needs_human', error: null });
    }
    case 'key.identified':
      return {
        ...withKey(incident, entry.data.key, {
          facts: factsOf(entry.data),
          identifiedHow: entry.data.how,
          candidates: null,
          unmatched: false,
        }),
        severity: entry.data.severity,
      };
    case 'owner.found':
      return withoutChore(withKey(incident, entry.data.key, { owner: entry.data.owner }), 'find-owner');
    case 'step.started':
      return withStep(incident, entry.data.step, entry.data.key, {
        status: 'running',
        generation: generationOf(entry.data.run),
        by: entry.actor,
        at: occurred,
        error: null,
      });
    case 'step.completed':
      return withStep(incident, entry.data.step, entry.data.key, {
        status: 'done',
        by: entry.actor,
        at: occurred,
        how: entry.data.how,
        error: null,
      });
    case 'step.skipped':
      return withStep(incident, entry.data.step, entry.data.key, {
        status: 'skipped',
        by: entry.actor,
        at: occurred,
        reason: text('reason'),
        error: null,
      });
    case 'action.failed':
      return failed(incident, entry.data, !CHORES.has(entry.data.step));
    case 'key.deactivated':
      return withKey(incident, entry.data.key, {
        dead: {
          status: entry.data.status,
          already: entry.data.already,
          at: Date.parse(entry.data.observed_at),
          by: entry.actor,
        },
      });
    case 'channel.opened':
      return withoutChore({ ...incident, room: entry.data }, 'open-room');
    case 'card.posted': {
      const room =
        incident.room?.place === 'thread' && incident.room.thread === null
          ? { ...incident.room, thread: entry.data.ts }
          : incident.room;
      return withoutChore({ ...incident, room, card: entry.data }, 'post-card');
    }
    case 'people.invited':
      return withoutChore(
        { ...incident, invited: [...new Set([...incident.invited, ...entry.data.invited])] },
        'invite-people',
      );
    case 'message.posted':
    case 'witness.posted':
      return incident;
    case 'phase.completed':
      return { ...incident, phases: { ...incident.phases, [entry.data.phase]: occurred } };
    case 'deadline.missed':
      return { ...incident, missed: { ...incident.missed, [entry.data.phase]: entry.data.late_ms } };
    case 'note.added': {
      const note: Note = { by: entry.actor, at: Date.parse(entry.recorded_at), text: text('text') };
      return { ...incident, notes: [...incident.notes, note] };
    }
    case 'incident.closed':
      return {
        ...incident,
        status: 'closed',
        closed: { by: entry.actor, at: occurred, verdict: entry.data.verdict, reason: text('reason') },
      };
    case 'access.refused':
    case 'text.purged':
      return incident;
    default:
      // A kind that a newer version wrote: the entry is kept and shown, the state is not changed.
      return incident;
  }
}

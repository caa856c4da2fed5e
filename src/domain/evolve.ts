// State is a fold of entries. `evolve` is total: whatever the log holds, it yields an incident and never throws.

import { CHORES } from './chores.ts';
import { BOT, type EntryData, type EntryKind, type LoggedEntry } from './entry.ts';
import {
  deadlineName,
  type Incident,
  instanceName,
  type KeyState,
  keyState,
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
  authority: { role: 'participant', by: 'none', list_age_ms: null },
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
  nudge: null,
  answered: false,
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

/** The chore behind a post, so that its failure is forgotten once it stands. */
const CHORE_OF_POST: Readonly<Record<string, string>> = {
  candidates: 'post-candidates',
  missed: 'post-missed',
  nudge: 'post-nudge',
  undo: 'post-undo',
  managers: 'tell-managers',
  call: 'call-people',
  assigned: 'call-assignee',
};

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

function isAnotherKey(incident: Incident, data: EntryData['key.identified']): boolean {
  const known = keyState(incident, data.key)?.facts ?? null;
  return known !== null && known.id !== data.id;
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
    alsoIn: null,
    owner: null,
    ownerLeft: false,
    dead: null,
    impact: null,
    successors: [],
    replacement: null,
    systems: [],
    containment: null,
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

/** What is written down of itself when an incident is declared; anything else that a person does is an answer to it. */
const OF_DECLARATION: ReadonlySet<EntryKind> = new Set([
  'incident.declared',
  'key.reported',
  'access.refused',
]);

function isAnswer({ kind, actor }: LoggedEntry['entry']): boolean {
  return actor !== BOT && !OF_DECLARATION.has(kind);
}

/** The incident after one more entry. */
export function evolve(before: Incident, logged: LoggedEntry): Incident {
  const { entry, texts } = logged;
  const occurred = Date.parse(entry.occurred_at);
  const incident: Incident = {
    ...before,
    seq: entry.seq,
    head: entry.hash,
    lastAt: Date.parse(entry.recorded_at),
    answered: before.answered || isAnswer(entry),
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
        authority: entry.data.authority ?? incident.authority,
        where: text('where'),
        runbook: entry.data.runbook,
      };
    case 'runbook.changed': {
      const { id, sha256, severity } = entry.data;
      return { ...incident, runbook: { id, sha256 }, severity };
    }
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
          ...(isAnotherKey(incident, entry.data) ? { alsoIn: null, systems: [] } : {}),
        }),
        severity: entry.data.severity,
      };
    case 'incident.linked':
      return withKey(incident, entry.data.key, { alsoIn: entry.data.other });
    case 'owner.found': {
      const { key, owner } = entry.data;
      const ownerLeft = owner === null && (keyState(incident, key)?.facts?.owner ?? null) !== null;
      return withoutChore(withKey(incident, key, { owner, ownerLeft }), 'find-owner');
    }
    case 'impact.measured': {
      const { key, ...impact } = entry.data;
      return withoutChore(withKey(incident, key, { impact }), 'measure-impact');
    }
    case 'replacement.seen':
      return withoutChore(
        withKey(incident, entry.data.key, { successors: entry.data.candidates }),
        'watch-replacement',
      );
    case 'replacement.confirmed': {
      const { key, run: _run, ...replacement } = entry.data;
      return withKey(incident, key, { replacement: { ...replacement, by: entry.actor } });
    }
    case 'systems.listed': {
      const { key, systems } = entry.data;
      const before = keyState(incident, key)?.systems ?? [];
      const deployed = (name: string) => before.find((one) => one.name === name)?.deployed ?? null;
      return withKey(incident, key, {
        systems: systems.map((system) => ({ ...system, deployed: deployed(system.name) })),
      });
    }
    case 'system.deployed': {
      const { key, system } = entry.data;
      const deployed = { by: entry.actor, at: occurred };
      const systems = keyState(incident, key)?.systems ?? [];
      return withKey(incident, key, {
        systems: systems.map((one) => (one.name === system ? { ...one, deployed } : one)),
      });
    }
    case 'containment.checked': {
      const { key, ...containment } = entry.data;
      return withoutChore(withKey(incident, key, { containment }), 'watch-containment');
    }
    case 'step.assigned':
      return withStep(incident, entry.data.step, entry.data.key, { assignee: entry.data.assignee });
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
    case 'message.posted': {
      const { purpose, channel, ts, phase = null } = entry.data;
      const posted = withoutChore(incident, CHORE_OF_POST[purpose] ?? '');
      return purpose === 'nudge' ? { ...posted, nudge: { channel, ts, phase } } : posted;
    }
    case 'message.removed':
      return withoutChore(
        incident.nudge?.ts === entry.data.ts ? { ...incident, nudge: null } : incident,
        'remove-nudge',
      );
    case 'page.sent':
      return withoutChore(incident, 'page');
    case 'witness.posted':
      return withoutChore(incident, 'post-witness');
    case 'phase.completed':
      return { ...incident, phases: { ...incident.phases, [entry.data.phase]: occurred } };
    case 'phase.reopened': {
      const { [entry.data.phase]: _done, ...phases } = incident.phases;
      return { ...incident, phases };
    }
    case 'deadline.missed': {
      const name = deadlineName(entry.data.phase, entry.data.key ?? null);
      return { ...incident, missed: { ...incident.missed, [name]: entry.data.late_ms } };
    }
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

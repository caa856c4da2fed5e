// What a person asks of an open incident: authority, order and double presses are judged here, on the server.

import { consequences } from './consequences.ts';
import { queryFacts, type Report, searchFor } from './decide-declare.ts';
import { type Decision, NOTHING, refused, type Situation, type Verdict } from './decision.ts';
import type { Grounds, NewEntry, Role } from './entry.ts';
import { type Asker, type Case, instanceName, keyState, stepState } from './incident.ts';
import type { KeyFacts } from './key.ts';
import { DEACTIVATE_STEP, findStep, IDENTIFY_STEP, isLive, isSettled } from './progress.ts';
import { type NewRun, runName } from './run.ts';
import type { Step } from './runbook.ts';
import { severityOf } from './severity.ts';

export type RequestCommand =
  | {
      readonly type: 'perform';
      readonly step: string;
      readonly key: string | null;
      readonly candidate: KeyFacts | null;
    }
  | { readonly type: 'identify'; readonly key: string; readonly candidate: KeyFacts }
  | { readonly type: 'describe'; readonly key: string; readonly report: Report }
  | { readonly type: 'complete'; readonly step: string; readonly key: string | null }
  | {
      readonly type: 'skip';
      readonly step: string;
      readonly key: string | null;
      readonly reason: string;
      readonly verdict: 'false_alarm' | null;
    }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'close'; readonly verdict: 'resolved' | 'false_alarm'; readonly reason: string };

const RANK: Readonly<Record<Role, number>> = { participant: 0, responder: 1, manager: 2 };

function groundsOf(by: Asker): Grounds {
  return { role: by.role, by: by.grounds.by, list_age_ms: by.grounds.listAgeMs };
}

function notAllowed(
  by: Asker,
  role: Role,
  what: string,
  step: string | null,
  key: string | null,
  now: number,
): Verdict {
  return refused(
    {
      code: 'KL_NOT_ALLOWED',
      message: `You are not allowed to ${what}.`,
      next:
        role === 'manager'
          ? 'A manager may. Ask one of them.'
          : 'A responder or a manager may. Ask one of them.',
    },
    [
      {
        kind: 'access.refused',
        actor: by.actor,
        occurredAt: now,
        data: { what, step, key, authority: groundsOf(by) },
      },
    ],
  );
}

function roleFor(step: Step): Role {
  return step.authority === 'anyone' ? 'participant' : step.authority;
}

function decided(subject: Case, decision: Partial<Decision>, situation: Situation): Verdict {
  return { verdict: 'decided', decision: consequences(subject, { ...NOTHING, ...decision }, situation) };
}

const NO_SUCH_STEP = {
  code: 'KL_STEP_UNKNOWN',
  message: 'This incident has no such step.',
  next: 'Use the buttons on the card; it shows the steps as they are now.',
} as const;

/** Judges one request against the incident as it stands. Pure and total. */
export function decideRequest(
  subject: Case,
  by: Asker,
  request: RequestCommand,
  situation: Situation,
): Verdict {
  const { incident } = subject;
  if (incident.status === 'closed' && request.type !== 'note') {
    return refused({
      code: 'KL_INCIDENT_CLOSED',
      message: `${incident.id} is closed.`,
      next: 'Declare a new incident with /keyleak if the key is still a danger. Notes can still be added.',
    });
  }
  switch (request.type) {
    case 'perform':
      return perform(subject, by, request, situation);
    case 'identify':
      return identify(subject, by, request, situation);
    case 'describe':
      return describe(subject, by, request, situation);
    case 'complete':
      return complete(subject, by, request, situation);
    case 'skip':
      return skip(subject, by, request, situation);
    case 'note':
      return note(subject, by, request.text, situation);
    case 'close':
      return close(subject, by, request, situation);
  }
}

function find(subject: Case, id: string, key: string | null): Step | null {
  const step = findStep(subject.runbook, id);
  if (step === null || (step.each === 'key') !== (key !== null)) return null;
  return key === null || keyState(subject.incident, key) !== null ? step : null;
}

/** Entries by which a person names the key. Empty when it is that key already; null when it is another. */
function naming(subject: Case, by: Asker, key: string, candidate: KeyFacts, now: number): NewEntry[] | null {
  const state = keyState(subject.incident, key);
  // A button may carry an older picture of the same key; only after the provider showed a change is it confirmed anew.
  const changed = state?.candidates?.why === 'changed';
  if (state?.facts?.id === candidate.id && !changed) return [];
  if (state?.facts && state.dead !== null) return null;
  const others = subject.incident.keys.filter((other) => other.subject !== key).map((other) => other.facts);
  const entries: NewEntry[] = [
    {
      kind: 'key.identified',
      actor: by.actor,
      occurredAt: now,
      data: { ...candidate, key, how: 'confirmed', severity: severityOf([...others, candidate]) },
    },
  ];
  if (!isSettled(stepState(subject.incident, IDENTIFY_STEP, key))) {
    entries.push({
      kind: 'step.completed',
      actor: by.actor,
      occurredAt: now,
      data: { step: IDENTIFY_STEP, key, how: 'by_hand' },
    });
  }
  return entries;
}

function otherKey(): Verdict {
  return refused({
    code: 'KL_KEY_CHANGED',
    message: 'This button was drawn for another key than the one the incident now has. Nothing was done.',
    next: 'Look at the card again and press the button that it shows now.',
  });
}

function identify(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'identify' }>,
  situation: Situation,
): Verdict {
  if (keyState(subject.incident, request.key) === null) return refused(NO_SUCH_STEP);
  if (RANK[by.role] < RANK.responder) {
    return notAllowed(by, 'responder', 'say which key it is', IDENTIFY_STEP, request.key, situation.now);
  }
  const known = keyState(subject.incident, request.key)?.facts;
  if (
    known &&
    known.id !== request.candidate.id &&
    stepState(subject.incident, IDENTIFY_STEP, request.key).status === 'done'
  ) {
    return otherKey();
  }
  const entries = naming(subject, by, request.key, request.candidate, situation.now);
  if (entries === null) return otherKey();
  return entries.length === 0 ? { verdict: 'joined' } : decided(subject, { entries }, situation);
}

function describe(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'describe' }>,
  situation: Situation,
): Verdict {
  const state = keyState(subject.incident, request.key);
  if (state === null) return refused(NO_SUCH_STEP);
  if (RANK[by.role] < RANK.responder && by.actor !== subject.incident.declaredBy) {
    return notAllowed(by, 'responder', 'describe the key', IDENTIFY_STEP, request.key, situation.now);
  }
  if (state.facts !== null) {
    return refused({
      code: 'KL_KEY_KNOWN',
      message: `The key is identified already: ${state.facts.name}.`,
      next: 'If another key leaked too, declare it with /keyleak.',
    });
  }
  const generation = stepState(subject.incident, IDENTIFY_STEP, request.key).generation + 1;
  const search = searchFor(subject, request.key, request.report.query, generation, situation);
  const reported: NewEntry = {
    kind: 'key.reported',
    actor: by.actor,
    occurredAt: situation.now,
    data: { key: request.key, query: queryFacts(request.report.query) },
    texts: { words: request.report.words },
  };
  return decided(subject, { entries: [reported, ...search.entries], runs: search.runs }, situation);
}

function perform(
  subject: Case,
  by: Asker,
  request: { step: string; key: string | null; candidate: KeyFacts | null },
  situation: Situation,
  mode: 'act' | 'check' = 'act',
): Verdict {
  const { incident } = subject;
  const step = find(subject, request.step, request.key);
  if (step?.uses === undefined) return refused(NO_SUCH_STEP);
  const role = roleFor(step);
  if (RANK[by.role] < RANK[role]) {
    return notAllowed(by, role, `do “${step.title}”`, step.id, request.key, situation.now);
  }
  if (!situation.automated(step.uses)) {
    return refused({
      code: 'KL_STEP_GUIDED',
      message: `keyleak cannot do “${step.title}” by itself here.`,
      next: 'Follow the guide on the card, then press Mark done.',
    });
  }
  const state = stepState(incident, step.id, request.key);
  if (state.status === 'running' || isSettled(state)) {
    const facts = request.key === null ? null : keyState(incident, request.key)?.facts;
    return request.candidate !== null && facts && facts.id !== request.candidate.id
      ? otherKey()
      : { verdict: 'joined' };
  }
  const named = namedFirst(subject, by, request, situation.now);
  if ('verdict' in named) return named;
  const waiting = unmet(subject, step, request.key, named.entries);
  if (waiting !== null) {
    return refused({
      code: 'KL_STEP_TOO_EARLY',
      message: `“${step.title}” needs “${waiting.title}” first.`,
      next: `Do “${waiting.title}” on the card.`,
    });
  }
  const run: NewRun = {
    step: step.id,
    subject: request.key ?? '-',
    generation: state.generation + 1,
    action: step.uses,
    input: { mode },
    actor: by.actor,
    notBefore: situation.now,
  };
  const started: NewEntry = {
    kind: 'step.started',
    actor: by.actor,
    occurredAt: situation.now,
    data: { step: step.id, key: request.key, run: runName(run), authority: groundsOf(by) },
  };
  return decided(subject, { entries: [...named.entries, started], runs: [run] }, situation);
}

function namedFirst(
  subject: Case,
  by: Asker,
  request: { key: string | null; candidate: KeyFacts | null },
  now: number,
): { entries: NewEntry[] } | Verdict {
  if (request.key === null) return { entries: [] };
  const facts = keyState(subject.incident, request.key)?.facts ?? null;
  if (request.candidate === null) {
    if (facts !== null) return { entries: [] };
    return refused({
      code: 'KL_KEY_UNIDENTIFIED',
      message: 'It is not known yet which key this is.',
      next: 'Press the button with the right key’s name, or Name the key.',
    });
  }
  if (facts !== null && facts.id !== request.candidate.id) return otherKey();
  const entries = naming(subject, by, request.key, request.candidate, now);
  return entries === null ? otherKey() : { entries };
}

/** The first step that has to be settled before this one, or null. `entries` are about to be written. */
function unmet(subject: Case, step: Step, key: string | null, entries: readonly NewEntry[]): Step | null {
  const completing = new Set(
    entries.map((entry) =>
      entry.kind === 'step.completed' ? instanceName(entry.data.step, entry.data.key) : '',
    ),
  );
  for (const id of step.needs ?? []) {
    const needed = findStep(subject.runbook, id);
    if (needed === null) continue;
    const subjects =
      needed.each !== 'key' ? [null] : key !== null ? [key] : subject.incident.keys.map((k) => k.subject);
    const open = subjects.some(
      (one) => !completing.has(instanceName(id, one)) && !isSettled(stepState(subject.incident, id, one)),
    );
    if (open) return needed;
  }
  return null;
}

function complete(
  subject: Case,
  by: Asker,
  request: { step: string; key: string | null },
  situation: Situation,
): Verdict {
  const step = find(subject, request.step, request.key);
  if (step === null) return refused(NO_SUCH_STEP);
  const role = roleFor(step);
  if (RANK[by.role] < RANK[role]) {
    return notAllowed(by, role, `mark “${step.title}” done`, step.id, request.key, situation.now);
  }
  const state = stepState(subject.incident, step.id, request.key);
  if (isSettled(state)) return { verdict: 'joined' };
  const facts = request.key === null ? null : keyState(subject.incident, request.key)?.facts;
  const canCheck =
    step.id === DEACTIVATE_STEP && facts && step.uses !== undefined && situation.automated(step.uses);
  // A deactivation done by hand is not believed while the provider can be asked.
  if (canCheck) return perform(subject, by, { ...request, candidate: null }, situation, 'check');
  const done: NewEntry = {
    kind: 'step.completed',
    actor: by.actor,
    occurredAt: situation.now,
    data: { step: step.id, key: request.key, how: 'by_hand' },
  };
  return decided(subject, { entries: [done] }, situation);
}

function skip(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'skip' }>,
  situation: Situation,
): Verdict {
  const step = find(subject, request.step, request.key);
  if (step === null) return refused(NO_SUCH_STEP);
  const what = `skip “${step.title}”`;
  const role: Role = step.authority === 'manager' ? 'manager' : 'responder';
  if (RANK[by.role] < RANK[role]) return notAllowed(by, role, what, step.id, request.key, situation.now);
  if (isSettled(stepState(subject.incident, step.id, request.key))) return { verdict: 'joined' };
  if (request.reason.trim() === '') return reasonMissing(what);
  const overLiveKey = step.id === DEACTIVATE_STEP || step.id === IDENTIFY_STEP;
  if (overLiveKey && by.role !== 'manager' && request.verdict !== 'false_alarm') {
    return notAllowed(
      by,
      'manager',
      `${what} while the key lives, unless it is a false alarm`,
      step.id,
      request.key,
      situation.now,
    );
  }
  const skipped: NewEntry = {
    kind: 'step.skipped',
    actor: by.actor,
    occurredAt: situation.now,
    data: { step: step.id, key: request.key, verdict: request.verdict },
    texts: { reason: request.reason },
  };
  return decided(subject, { entries: [skipped] }, situation);
}

function reasonMissing(what: string): Verdict {
  return refused({
    code: 'KL_REASON_MISSING',
    message: `A reason is needed to ${what}.`,
    next: 'Write one sentence that a reader in nine months will understand.',
  });
}

function note(subject: Case, by: Asker, text: string, situation: Situation): Verdict {
  if (text.trim() === '') {
    return refused({
      code: 'KL_NOTE_EMPTY',
      message: 'The note is empty, so nothing was added.',
      next: 'Write what you saw or did: /keyleak note <text>.',
    });
  }
  const added: NewEntry = {
    kind: 'note.added',
    actor: by.actor,
    occurredAt: situation.now,
    data: {},
    texts: { text: text.trim() },
  };
  return decided(subject, { entries: [added] }, situation);
}

function close(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'close' }>,
  situation: Situation,
): Verdict {
  const { incident, runbook } = subject;
  const live = incident.keys.filter((key) => isLive(incident, key));
  if (RANK[by.role] < RANK.responder) {
    return notAllowed(by, 'responder', 'close the incident', null, null, situation.now);
  }
  if (live.length > 0) {
    if (by.role !== 'manager' && request.verdict !== 'false_alarm') {
      return notAllowed(
        by,
        'manager',
        'close the incident over a live key, unless it is a false alarm',
        null,
        live[0]?.subject ?? null,
        situation.now,
      );
    }
    if (request.reason.trim() === '') return reasonMissing('close the incident over a live key');
  }
  const closed: NewEntry = {
    kind: 'incident.closed',
    actor: by.actor,
    occurredAt: situation.now,
    data: { verdict: request.verdict },
    texts: { reason: request.reason.trim() },
  };
  const settled = runbook.phases
    .filter((phase) => !(phase.id in incident.phases) && !(phase.id in incident.missed))
    .map((phase) => ({ phase: phase.id, as: 'cancelled' as const }));
  return decided(subject, { entries: [closed], settled }, situation);
}

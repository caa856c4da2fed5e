// Doing, marking done and skipping a step: authority, order and double presses.

import { naming, otherKey } from './decide-naming.ts';
import type { RequestCommand } from './decide-request.ts';
import { refused, type Situation, type Verdict } from './decision.ts';
import type { NewEntry, Role } from './entry.ts';
import { type Asker, type Case, instanceName, keyState, stepState } from './incident.ts';
import {
  decided,
  find,
  groundsOf,
  isAtLeast,
  NO_SUCH_STEP,
  notAllowed,
  reasonMissing,
  roleFor,
} from './judging.ts';
import type { KeyFacts } from './key.ts';
import { DEACTIVATE_STEP, findStep, IDENTIFY_STEP, isSettled } from './progress.ts';
import { type NewRun, runName } from './run.ts';
import type { Step } from './runbook.ts';

export function perform(
  subject: Case,
  by: Asker,
  request: { step: string; key: string | null; candidate: KeyFacts | null; choice?: string | null },
  situation: Situation,
  mode: 'act' | 'check' = 'act',
): Verdict {
  const { incident } = subject;
  const step = find(subject, request.step, request.key);
  if (step?.uses === undefined) return refused(NO_SUCH_STEP);
  const role = roleFor(step);
  if (!isAtLeast(by, role)) {
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
  // Only the red button names a key while it asks for more.
  const candidate = step.id === DEACTIVATE_STEP ? request.candidate : null;
  const named = namedFirst(subject, by, { key: request.key, candidate }, situation);
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
    input: { mode, ...(request.choice == null ? {} : { choice: request.choice }) },
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
  situation: Situation,
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
  const entries = naming(subject, by, request.key, request.candidate, situation);
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

export function complete(
  subject: Case,
  by: Asker,
  request: { step: string; key: string | null },
  situation: Situation,
): Verdict {
  const step = find(subject, request.step, request.key);
  if (step === null) return refused(NO_SUCH_STEP);
  const role = roleFor(step);
  if (!isAtLeast(by, role)) {
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

export function skip(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'skip' }>,
  situation: Situation,
): Verdict {
  const step = find(subject, request.step, request.key);
  if (step === null) return refused(NO_SUCH_STEP);
  const what = `skip “${step.title}”`;
  const role: Role = step.authority === 'manager' ? 'manager' : 'responder';
  if (!isAtLeast(by, role)) return notAllowed(by, role, what, step.id, request.key, situation.now);
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

/** A participant may take a step on; giving it to somebody else takes a responder. */
export function assign(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'assign' }>,
  situation: Situation,
): Verdict {
  const { key, assignee } = request;
  const step = find(subject, request.step, key);
  if (step === null) return refused(NO_SUCH_STEP);
  if (assignee !== by.actor && !isAtLeast(by, 'responder'))
    return notAllowed(by, 'responder', `assign “${step.title}” to others`, step.id, key, situation.now);
  const state = stepState(subject.incident, step.id, key);
  if (state.assignee === assignee) return { verdict: 'joined' };
  if (isSettled(state)) {
    return refused({
      code: 'KL_STEP_SETTLED',
      message: `“${step.title}” is ${state.status} already, so there is nothing to assign.`,
      next: 'Look at the card for what is open.',
    });
  }
  const assigned: NewEntry = {
    kind: 'step.assigned',
    actor: by.actor,
    occurredAt: situation.now,
    data: { step: step.id, key, assignee },
  };
  return decided(subject, { entries: [assigned] }, situation);
}

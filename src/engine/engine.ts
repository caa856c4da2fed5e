// The one way to change an incident: load, decide, commit, and begin again when somebody else was first.

import type { Boundary, Clock, Randomness } from '../domain/clock.ts';
import { decideDeadline } from '../domain/decide-deadline.ts';
import { decideDeclare, type Report } from '../domain/decide-declare.ts';
import { decideRequest } from '../domain/decide-request.ts';
import { type Decision, NOTHING, type Situation, type Verdict } from '../domain/decision.ts';
import { KeyleakError } from '../domain/errors.ts';
import { BLANK } from '../domain/evolve.ts';
import type { HouseRules } from '../domain/house-rules.ts';
import type { Case } from '../domain/incident.ts';
import { groundsOf } from '../domain/judging.ts';
import type { Batch, CommitOutcome, Deadline, Store } from '../domain/ports.ts';
import { mask } from '../domain/redaction.ts';
import type { RunResult } from '../domain/run.ts';
import type { Answer, Declaration, Declared, Engine, Request } from './api.ts';
import { createCases } from './cases.ts';
import { type Sorted, sortReports } from './joining.ts';
import type { KeyCache } from './key-cache.ts';
import type { Runbooks } from './runbooks.ts';

export interface EngineParts {
  readonly store: Store;
  readonly runbooks: Runbooks;
  readonly rules: HouseRules;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly automated: (action: string) => boolean;
  readonly keys: KeyCache;
  readonly boundary: Boundary;
}

/** What the runner and the timekeeper use besides the public engine. */
export interface EngineCore extends Engine {
  /**
   * Applies what `decide` makes of the incident as it is at commit time. Null when the result came too late or the incident
   * is gone. `named`: id of the key that the decision may name.
   */
  apply(
    incident: string,
    result: RunResult | null,
    decide: (subject: Case, situation: Situation) => Decision,
    named?: string | null,
  ): Promise<Case | null>;
  /** Settles a deadline that fell due. */
  expire(deadline: Deadline): Promise<void>;
}

/** After so many lost races something else is wrong. */
const MAX_RACES = 50;

export function createEngine(parts: EngineParts): EngineCore {
  const { store, clock, boundary } = parts;
  const listeners = new Set<(incident: string) => void>();
  const situation = (elsewhere: Situation['elsewhere'] = () => null): Situation => ({
    now: clock.now(),
    automated: parts.automated,
    rules: parts.rules,
    elsewhere,
  });
  const view = createCases(store);

  /** Looked up before the decision, which is pure: whether another open incident has the key that is about to be named. */
  async function othersWith(incident: string, keyId: string | null): Promise<Situation['elsewhere']> {
    if (keyId === null) return () => null;
    const other = await store.openIncidentWith({ id: keyId, hint: null, except: incident });
    return (id) => (id === keyId ? other : null);
  }

  function batch(
    decision: Decision,
    now: number,
    delivery: string | null,
    runResult: RunResult | null,
  ): Batch {
    return { ...decision, now, delivery, runResult };
  }

  function announce(incident: string): void {
    for (const listener of listeners) listener(incident);
  }

  async function commit(incident: string, seq: number, change: Batch): Promise<CommitOutcome> {
    boundary('engine:decided');
    const outcome = await store.commit(incident, seq, change);
    boundary('engine:committed');
    // A look that found nothing new changes no picture.
    if (outcome.outcome === 'committed' && change.entries.length + change.runs.length > 0) announce(incident);
    return outcome;
  }

  async function answer(
    id: string,
    delivery: string | null,
    decide: (subject: Case) => Verdict,
  ): Promise<Answer> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const subject = await view(id);
      if (subject === null) return { outcome: 'refused', refusal: unknownIncident(id), case: null };
      if (delivery !== null && (await store.delivered(delivery)) !== null)
        return { outcome: 'duplicate', case: subject };
      const verdict = decide(subject);
      if (verdict.verdict === 'joined') return { outcome: 'duplicate', case: subject };
      const decision =
        verdict.verdict === 'refused' ? { ...NOTHING, entries: verdict.record } : verdict.decision;
      if (verdict.verdict === 'refused' && verdict.record.length === 0) {
        return { outcome: 'refused', refusal: verdict.refusal, case: subject };
      }
      const outcome = await commit(id, subject.incident.seq, batch(decision, clock.now(), delivery, null));
      if (outcome.outcome === 'conflict') continue;
      const after = (await view(id)) ?? subject;
      if (verdict.verdict === 'refused') return { outcome: 'refused', refusal: verdict.refusal, case: after };
      return { outcome: outcome.outcome === 'committed' ? 'done' : 'duplicate', case: after };
    }
    throw tooManyRaces(id);
  }

  async function declare(given: Declaration): Promise<Declared> {
    const declaration = masked(given);
    if (declaration.delivery !== null) {
      const known = await store.delivered(declaration.delivery);
      const subject = known === null ? null : await view(known);
      if (subject !== null) return { outcome: 'duplicate', case: subject };
    }
    const joined = await join(declaration, await sorted(declaration), await openInto(declaration));
    if (joined === null) return open(declaration);
    if (joined.outcome !== 'refused') return joined;
    // That incident is full, or was closed this moment: what it did not take gets one of its own.
    return open({ ...declaration, reports: (await sorted(declaration)).fresh });
  }

  async function open(declaration: Declaration): Promise<Answer> {
    const runbook = parts.runbooks.chosenFor(declaration);
    const uid = Buffer.from(parts.randomness.bytes(16)).toString('hex');
    const { now } = situation();
    const { actor: by } = declaration.by;
    const authority = groundsOf(declaration.by);
    const decision = decideDeclare(runbook, BLANK, { ...declaration, by, authority, uid }, situation());
    boundary('declare:decided');
    const outcome = await store.declare(
      { team: declaration.team, enterprise: declaration.enterprise },
      runbook,
      batch(decision, now, declaration.delivery, null),
    );
    boundary('declare:committed');
    if (outcome.outcome !== 'committed' && outcome.outcome !== 'duplicate')
      throw tooManyRaces('a new incident');
    if (outcome.outcome === 'committed') announce(outcome.incident);
    const subject = await view(outcome.incident);
    if (subject === null) throw tooManyRaces(outcome.incident);
    return { outcome: outcome.outcome === 'committed' ? 'done' : 'duplicate', case: subject };
  }

  const sorted = ({ reports }: Declaration): Promise<Sorted> =>
    sortReports({ store, keys: parts.keys, view }, reports);

  async function openInto({ into = null }: Declaration): Promise<string | null> {
    const subject = into === null ? null : await view(into);
    return subject?.incident.status === 'open' ? into : null;
  }

  /**
   * Keys that an open incident has already are noted there. What was reported beside them is added to `into`, else to the
   * first of these.
   */
  async function join(
    { by, where, delivery }: Declaration,
    { fresh, known }: Sorted,
    into: string | null,
  ): Promise<Declared | null> {
    const first = into ?? known.keys().next().value;
    if (first === undefined) return null;
    let told: Answer | null = null;
    if (where !== '' && !known.has(first))
      await answer(first, partOf(delivery, first), (subject) =>
        decideRequest(subject, by, { type: 'note', text: `Another key was seen: ${where}` }, situation()),
      );
    for (const [open, reports] of known) {
      const words = reports.map((report) => report.words);
      const text = ['Reported again:', words.join(', '), where].filter((part) => part !== '').join(' ');
      const own = open === [...known.keys()][0] && fresh.length === 0;
      const noted = await answer(open, own ? delivery : partOf(delivery, open), (subject) =>
        decideRequest(subject, by, { type: 'note', text }, situation()),
      );
      told ??= noted;
    }
    if (fresh.length > 0)
      told = await answer(first, delivery, (subject) =>
        decideRequest(subject, by, { type: 'add-keys', reports: fresh }, situation()),
      );
    const counted = [...known.values()].reduce((sum, reports) => sum + reports.length, 0);
    return told === null ? null : { ...told, joined: { known: counted, added: fresh.length } };
  }

  async function apply(
    incident: string,
    result: RunResult | null,
    decide: (subject: Case, now: Situation) => Decision,
    named: string | null = null,
  ): Promise<Case | null> {
    const elsewhere = await othersWith(incident, named);
    for (let race = 0; race < MAX_RACES; race += 1) {
      const subject = await view(incident);
      if (subject === null) return null;
      const decision = decide(subject, situation(elsewhere));
      const outcome = await commit(
        incident,
        subject.incident.seq,
        batch(decision, clock.now(), null, result),
      );
      if (outcome.outcome === 'conflict') continue;
      return outcome.outcome === 'committed' ? view(incident) : null;
    }
    throw tooManyRaces(incident);
  }

  return {
    declare,
    view,
    list: (filter) => store.list(filter),
    page: (incident, span) => store.page(incident, span),
    incidentsIn: (channel, thread) => store.incidentsIn(channel, thread),
    cachedKeys: () => parts.keys.listing(),
    keysUnread: () => parts.keys.unread(),
    keyLore: () => parts.keys.lore,
    automated: parts.automated,
    runbooks: () => [...parts.runbooks.all.values()],
    async request(incident, by, request, delivery) {
      const clean = maskedRequest(request);
      const named = 'candidate' in request ? (request.candidate?.id ?? null) : null;
      const elsewhere = await othersWith(incident, named);
      return answer(incident, delivery, (subject) => decideRequest(subject, by, clean, situation(elsewhere)));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    apply,
    async expire(deadline) {
      await apply(deadline.incident, null, (subject, now) => decideDeadline(subject, deadline.phase, now));
    },
  };
}

/** Each incident that one delivery reaches takes it once. */
function partOf(delivery: string | null, incident: string): string | null {
  return delivery === null ? null : `${delivery}>${incident}`;
}

function unknownIncident(id: string): { code: 'KL_INCIDENT_UNKNOWN'; message: string; next: string } {
  return {
    code: 'KL_INCIDENT_UNKNOWN',
    message: `There is no incident ${id}.`,
    next: 'See the open ones with /keyleak list or keyleak list.',
  };
}

function tooManyRaces(what: string): KeyleakError {
  return new KeyleakError(
    'KL_CONFLICT',
    `Too many changes to ${what} at the same moment; this one was not made.`,
    'Try again in a few seconds.',
  );
}

function masked(declaration: Declaration): Declaration {
  return {
    ...declaration,
    where: mask(declaration.where).text,
    reports: declaration.reports.map(maskedReport),
  };
}

function maskedReport(report: Report): Report {
  return { ...report, words: mask(report.words).text };
}

function maskedRequest(request: Request): Request {
  switch (request.type) {
    case 'note':
      return { ...request, text: mask(request.text).text };
    case 'skip':
    case 'close':
      return { ...request, reason: mask(request.reason).text };
    case 'describe':
      return { ...request, report: maskedReport(request.report) };
    case 'add-keys':
      return { ...request, reports: request.reports.map(maskedReport) };
    default:
      return request;
  }
}

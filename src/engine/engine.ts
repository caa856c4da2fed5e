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
import type { KeyQuery } from '../domain/key.ts';
import { matchKeys } from '../domain/match-keys.ts';
import type { Batch, CommitOutcome, Deadline, Store } from '../domain/ports.ts';
import { mask } from '../domain/redaction.ts';
import type { RunResult } from '../domain/run.ts';
import type { Answer, Declaration, Engine, Request } from './api.ts';
import { loadCase } from './cases.ts';
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
  /** Applies what `decide` makes of the incident as it is at commit time. Null when the result came too late or the incident is gone. */
  apply(
    incident: string,
    result: RunResult | null,
    decide: (subject: Case, situation: Situation) => Decision,
  ): Promise<Case | null>;
  /** Settles a deadline that fell due. */
  expire(deadline: Deadline): Promise<void>;
}

/** After so many lost races something else is wrong. */
const MAX_RACES = 50;

export function createEngine(parts: EngineParts): EngineCore {
  const { store, clock, boundary } = parts;
  const listeners = new Set<(incident: string) => void>();
  const situation = (): Situation => ({
    now: clock.now(),
    automated: parts.automated,
    rules: parts.rules,
  });
  const view = (id: string): Promise<Case | null> => loadCase(store, id);

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

  async function declare(given: Declaration): Promise<Answer & { joined?: boolean }> {
    const declaration = masked(given);
    if (declaration.delivery !== null) {
      const known = await store.delivered(declaration.delivery);
      const subject = known === null ? null : await view(known);
      if (subject !== null) return { outcome: 'duplicate', case: subject };
    }
    const joined = await join(declaration);
    if (joined !== null) return joined;
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

  /** A hint names one key where it is exact in the last complete listing; an open incident may know that key by another name. */
  function idOfHint(query: KeyQuery): string | null {
    const listing = parts.keys.listing();
    if (query.shape !== 'hint' || listing === null) return null;
    const match = matchKeys(query, listing);
    return match.outcome === 'exact' ? match.key.id : null;
  }

  /** Where several keys share a hint, the one that an incident has may not be the one that is reported now. */
  async function isAnother(incident: string, query: KeyQuery): Promise<boolean> {
    const listing = parts.keys.listing();
    if (query.shape !== 'hint' || listing === null) return false;
    if (matchKeys(query, listing).outcome !== 'candidates') return false;
    const subject = await view(incident);
    const same = subject?.incident.keys.filter(
      ({ query: known }) => known.shape === 'hint' && known.start === query.start && known.end === query.end,
    );
    return same?.every(({ facts }) => facts !== null) ?? false;
  }

  /** One reported key that an open incident already has joins that incident, with a note of who saw it again. */
  async function join(declaration: Declaration): Promise<(Answer & { joined: true }) | null> {
    const [report, ...others] = declaration.reports;
    if (report === undefined || others.length > 0) return null;
    const { query } = report;
    const id = query.shape === 'id' ? query.id : idOfHint(query);
    const hint = query.shape === 'hint' ? { start: query.start, end: query.end } : null;
    if (id === null && hint === null) return null;
    const open = await store.openIncidentWith({ id, hint });
    if (open === null || (id === null && (await isAnother(open, query)))) return null;
    const text = ['Reported again:', report.words, declaration.where].filter((part) => part !== '').join(' ');
    const told = await answer(open, declaration.delivery, (subject) =>
      decideRequest(subject, declaration.by, { type: 'note', text }, situation()),
    );
    return { ...told, joined: true };
  }

  async function apply(
    incident: string,
    result: RunResult | null,
    decide: (subject: Case, now: Situation) => Decision,
  ): Promise<Case | null> {
    for (let race = 0; race < MAX_RACES; race += 1) {
      const subject = await view(incident);
      if (subject === null) return null;
      const decision = decide(subject, situation());
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
    incidentIn: (channel, thread) => store.incidentIn(channel, thread),
    cachedKeys: () => parts.keys.listing(),
    automated: parts.automated,
    runbooks: () => [...parts.runbooks.all.values()],
    request(incident, by, request, delivery) {
      const clean = maskedRequest(request);
      return answer(incident, delivery, (subject) => decideRequest(subject, by, clean, situation()));
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

// Builds incidents for tests the way production does: by decisions, folded. No state is written by hand.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decideDeclare, type Report } from '../../src/domain/decide-declare.ts';
import { decideObserved } from '../../src/domain/decide-observed.ts';
import { decideRequest, type RequestCommand } from '../../src/domain/decide-request.ts';
import { type Decision, preview, type Situation, type Verdict } from '../../src/domain/decision.ts';
import { BLANK } from '../../src/domain/evolve.ts';
import { PLAIN_HOUSE } from '../../src/domain/house-rules.ts';
import type { Asker, Case } from '../../src/domain/incident.ts';
import type { KeyFacts } from '../../src/domain/key.ts';
import type { Observation } from '../../src/domain/ports.ts';
import type { NewRun, Run } from '../../src/domain/run.ts';
import type { Runbook } from '../../src/domain/runbook.ts';
import { loadRunbooks, parseRunbook } from '../../src/runbook/load.ts';

export const T0 = Date.parse('2026-11-23T03:00:00.000Z');

let shipped: Runbook | null = null;

/** The same object every time: nobody may change it, and reading it takes long. */
export function shippedRunbook(): Runbook {
  shipped ??= readShipped();
  return shipped;
}

let all: Promise<ReadonlyMap<string, Runbook>> | null = null;

/** All that ship, by their ids; read once. */
export function shippedRunbooks(): Promise<ReadonlyMap<string, Runbook>> {
  all ??= loadRunbooks(fileURLToPath(new URL('../../runbooks', import.meta.url)));
  return all;
}

function readShipped(): Runbook {
  const name = 'runbooks/anthropic-api-key.yaml';
  const parsed = parseRunbook(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'), name);
  if (!('runbook' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  return parsed.runbook;
}

export function at(now: number, automated: (action: string) => boolean = () => true): Situation {
  return { now, automated, rules: PLAIN_HOUSE, elsewhere: () => null };
}

export function person(actor: string, role: Asker['role']): Asker {
  return { actor, role, grounds: { by: role === 'participant' ? 'none' : 'configured', listAgeMs: null } };
}

export function keyFacts(change: Partial<KeyFacts> = {}): KeyFacts {
  return {
    id: 'apikey_01prod',
    name: 'prod-api-gateway-2026-04-25',
    hint: 'sk-ant-api03-R2D...igAA',
    status: 'active',
    scope: 'workspace',
    workspace: { id: 'wrkspc_01prod', name: 'Production' },
    owner: { id: 'user_01dana', type: 'user' },
    created_at: '2026-04-25T09:00:00Z',
    expires_at: null,
    ...change,
  };
}

export function hintReport(start = 'R2D', end = 'igAA'): Report {
  return { query: { shape: 'hint', family: null, start, end }, words: `${start}...${end}` };
}

/** One incident played decision by decision; remembers the runs that were asked for. */
export interface Play {
  subject: Case;
  runs: NewRun[];
  last: Decision;
  take(decision: Decision, now?: number): void;
  request(by: Asker, command: RequestCommand, now?: number): Verdict;
  observe(step: string, seen: Observation, now?: number, key?: string): void;
}

export function play(reports: readonly Report[] = [hintReport()], situation: Situation = at(T0)): Play {
  const runbook = shippedRunbook();
  const blank = { ...BLANK, id: 'KL-1' };
  const self: Play = {
    subject: { incident: blank, runbook },
    runs: [],
    last: { entries: [], runs: [], deadlines: [], settled: [] },
    take(decision, now = T0) {
      self.last = decision;
      self.runs.push(...decision.runs);
      self.subject = { runbook, incident: preview(self.subject.incident, decision.entries, now) };
    },
    request(by, command, now = T0 + 1_000) {
      const verdict = decideRequest(self.subject, by, command, { ...situation, now });
      if (verdict.verdict === 'decided') self.take(verdict.decision, now);
      return verdict;
    },
    observe(step, seen, now = T0 + 2_000, key = 'k1') {
      const run = self.runs.findLast((one) => one.step === step && [key, '-'].includes(one.subject));
      if (run === undefined) throw new Error(`no run of ${step} was asked for`);
      self.take(decideObserved(self.subject, claimed(run), seen, { ...situation, now }), now);
    },
  };
  self.take(
    decideDeclare(
      runbook,
      blank,
      {
        uid: 'ab'.repeat(16),
        by: 'U0DECLARER',
        source: 'slash',
        team: 'T0ACME',
        enterprise: null,
        reports,
        where: 'pasted in a public repository',
        declaredIn: 'C0GENERAL',
        authority: { role: 'participant', by: 'none', list_age_ms: null },
      },
      situation,
    ),
    situation.now,
  );
  return self;
}

/** A run as the runner holds it. */
export function claimed(run: NewRun, change: Partial<Run> = {}): Run {
  return {
    ...run,
    incident: 'KL-1',
    state: 'claimed',
    attempt: 1,
    epoch: 1,
    doubtful: false,
    createdAt: T0,
    ...change,
  };
}

/** What identify-key reports when exactly one key fits. */
export function exactMatch(key: KeyFacts = keyFacts(), readAt = T0 + 500): Observation {
  return {
    type: 'matched',
    listing: { keys: [key], complete: true, readAt },
    match: { outcome: 'exact', key },
  };
}

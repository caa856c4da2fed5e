import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideDeadline } from '../../src/domain/decide-deadline.ts';
import { afterFailure, decideFailed, decideObserved } from '../../src/domain/decide-observed.ts';
import { decideRequest, type RequestCommand } from '../../src/domain/decide-request.ts';
import { type Decision, preview } from '../../src/domain/decision.ts';
import type { NewEntry } from '../../src/domain/entry.ts';
import { BLANK } from '../../src/domain/evolve.ts';
import type { Observation } from '../../src/domain/ports.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { type NewRun, runName } from '../../src/domain/run.ts';
import { at, claimed, hintReport, keyFacts, person, play, T0 } from '../support/cases.ts';
import { thorough } from '../support/thorough.ts';

const KEYS = ['apikey_1', 'apikey_2', 'apikey_3'].map((id) => keyFacts({ id, name: `prod-${id}` }));
const PEOPLE = [person('U0ANY', 'participant'), person('U0RES', 'responder'), person('U0MAN', 'manager')];

const subject = fc.constantFrom('k1', 'k2', 'k9');
const candidate = fc.constantFrom(...KEYS);
const step = fc.constantFrom(
  'identify-key',
  'deactivate-key',
  'replace-key',
  'usage-report',
  'archive-key',
  'nothing',
);
const text = fc.constantFrom('', '  ', 'because', 'x'.repeat(3_000));
const verdict = fc.constantFrom(null, 'false_alarm' as const);

const request: fc.Arbitrary<RequestCommand> = fc.oneof(
  fc.record({
    type: fc.constant('perform' as const),
    step,
    key: fc.option(subject),
    candidate: fc.option(candidate),
  }),
  fc.record({ type: fc.constant('identify' as const), key: subject, candidate }),
  fc.record({
    type: fc.constant('describe' as const),
    key: subject,
    report: fc.constant(hintReport('Zz9', 'qqAA')),
  }),
  fc.record({ type: fc.constant('complete' as const), step, key: fc.option(subject) }),
  fc.record({ type: fc.constant('skip' as const), step, key: fc.option(subject), reason: text, verdict }),
  fc.record({ type: fc.constant('note' as const), text }),
  fc.record({
    type: fc.constant('close' as const),
    verdict: fc.constantFrom('resolved' as const, 'false_alarm' as const),
    reason: text,
  }),
);

type Move =
  | { move: 'request'; by: number; request: RequestCommand }
  | { move: 'run'; pick: number; outcome: 'seen' | 'refused' | 'unknown'; key: number }
  | { move: 'deadline'; phase: string; after: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ move: fc.constant('request' as const), by: fc.nat(2), request }) },
  {
    weight: 4,
    arbitrary: fc.record({
      move: fc.constant('run' as const),
      pick: fc.nat(50),
      outcome: fc.constantFrom('seen' as const, 'refused' as const, 'unknown' as const),
      key: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      move: fc.constant('deadline' as const),
      phase: fc.constantFrom('contain', 'hour', 'week', 'no-such'),
      after: fc.constantFrom(0, 299_999, 300_000, 3_600_000, 7 * 86_400_000),
    }),
  },
);

function seenBy(run: NewRun, index: number): Observation {
  const key = KEYS[index] ?? keyFacts();
  const listing = { keys: KEYS, complete: true, readAt: T0 };
  switch (run.step) {
    case 'identify-key':
      return index === 0
        ? { type: 'matched', listing, match: { outcome: 'exact', key } }
        : { type: 'matched', listing, match: { outcome: 'candidates', why: 'several', keys: KEYS } };
    case 'deactivate-key':
      return {
        type: 'status',
        before: key,
        after: { ...key, status: 'inactive' },
        observedAt: T0 + 1,
        requestId: null,
      };
    case 'find-owner':
      return { type: 'owner', owner: { id: 'user_1', type: 'user', name: 'Dana', slack_user: 'U0DANA' } };
    case 'open-room':
      return { type: 'room', room: { place: 'channel', channel: 'C1', thread: null, name: 'kl-1-x' } };
    case 'post-card':
      return { type: 'card', channel: 'C1', ts: '1.1' };
    default:
      return { type: 'done' };
  }
}

/** Every beginning of what was written can be folded, at once as step by step. */
function foldsAlike(log: readonly NewEntry[]): void {
  const blank = { ...BLANK, id: 'KL-1' };
  let stepwise = blank;
  for (const [index, entry] of log.entries()) {
    stepwise = preview(stepwise, [entry], T0);
    if (index % 7 === 0 || index === log.length - 1)
      expect(preview(blank, log.slice(0, index + 1), T0)).toEqual(stepwise);
  }
}

test('whatever people press and the world answers, in any order, the laws of an incident hold', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const game = play([hintReport(), hintReport('Q9Z', 'zzAA')]);
      const log: NewEntry[] = [...game.last.entries];
      const open = [...game.runs];
      const names = new Set(open.map(runName));
      let now = T0;
      const take = (decision: Decision): void => {
        for (const run of decision.runs) {
          expect(names.has(runName(run)), `run ${runName(run)} twice`).toBe(false);
          names.add(runName(run));
          open.push(run);
        }
        log.push(...decision.entries);
        game.subject = { ...game.subject, incident: preview(game.subject.incident, decision.entries, now) };
      };
      for (const one of moves) {
        now += 1_000;
        const situation = at(now);
        if (one.move === 'request') {
          const by = PEOPLE[one.by] ?? person('U0ANY', 'participant');
          const answer = decideRequest(game.subject, by, one.request, situation);
          if (answer.verdict === 'decided') take(answer.decision);
          if (answer.verdict === 'refused')
            take({ entries: answer.record, runs: [], deadlines: [], settled: [] });
        } else if (one.move === 'deadline') {
          const decision = decideDeadline(game.subject, one.phase, at(Math.max(now, T0 + one.after)));
          for (const entry of decision.entries)
            if (entry.kind === 'deadline.missed')
              expect(Date.parse(entry.data.due_at), 'a deadline is early').toBeLessThanOrEqual(
                Math.max(now, T0 + one.after),
              );
          take(decision);
        } else {
          const run = open[one.pick % Math.max(1, open.length)];
          if (run === undefined) continue;
          if (one.outcome === 'seen') {
            open.splice(open.indexOf(run), 1);
            take(decideObserved(game.subject, claimed(run), seenBy(run, one.key), situation));
          } else {
            const error = new RemoteError('KL_X', 'x', 'y', { outcome: one.outcome, reason: 'x' });
            const result = afterFailure(claimed(run), { effect: 'read', maxAttempts: 8 }, error, now);
            if (result.state === 'needs_human') open.splice(open.indexOf(run), 1);
            take(decideFailed(game.subject, claimed(run), error, result, situation));
          }
        }
      }
      for (const key of ['k1', 'k2']) {
        const deaths = log.filter((entry) => entry.kind === 'key.deactivated' && entry.data.key === key);
        expect(deaths.length, 'a key dies once').toBeLessThanOrEqual(1);
        const starts = log.filter(
          (entry) =>
            entry.kind === 'step.started' && entry.data.step === 'deactivate-key' && entry.data.key === key,
        );
        expect(deaths.length === 0 || starts.length > 0, 'no key dies unasked').toBe(true);
      }
      for (const phase of ['contain', 'hour', 'week']) {
        for (const kind of ['deadline.missed', 'phase.completed'] as const) {
          const times = log.filter((entry) => entry.kind === kind && entry.data.phase === phase).length;
          expect(times, `${kind} ${phase}`).toBeLessThanOrEqual(1);
        }
      }
      const destructive = new Set([
        'step.started',
        'step.skipped',
        'incident.closed',
        'key.identified',
        'key.deactivated',
      ]);
      // Confirming a replacement only reads, and anyone in the room may ask for it.
      const reads = (entry: (typeof log)[number]): boolean =>
        entry.kind === 'step.started' && entry.data.step === 'replace-key';
      const forbidden = log.filter(
        (entry) => entry.actor === 'U0ANY' && destructive.has(entry.kind) && !reads(entry),
      );
      expect(forbidden).toEqual([]);
      expect(log.filter((entry) => entry.kind === 'incident.closed').length).toBeLessThanOrEqual(1);
      foldsAlike(log);
    }),
    { numRuns: thorough(1_000) },
  );
});

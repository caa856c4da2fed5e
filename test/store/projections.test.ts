import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideObserved } from '../../src/domain/decide-observed.ts';
import { decideRequest, type RequestCommand } from '../../src/domain/decide-request.ts';
import { foldIncident } from '../../src/domain/evolve.ts';
import type { Observation } from '../../src/domain/ports.ts';
import { openStore } from '../../src/store/store.ts';
import { at, claimed, exactMatch, hintReport, keyFacts, person, T0 } from '../support/cases.ts';
import { derivedFrom, derivedIn } from '../support/derived-rows.ts';
import { thorough } from '../support/thorough.ts';
import { ACME, batch, declaration, folder, newRun, parts, RUNBOOK } from './batches.ts';

const manager = person('U0MANAGER', 'manager');

const request = (command: RequestCommand) => ({ type: 'request', command }) as const;
const observed = (step: string, subject: string, seen: Observation) =>
  ({ type: 'observed', step, subject, seen }) as const;

const key = fc.constantFrom('k1', 'k2');
const facts = fc.constantFrom(
  keyFacts({ id: 'apikey_01' }),
  keyFacts({ id: 'apikey_02', name: 'batch', workspace: { id: 'wrkspc_2', name: 'Staging' } }),
);
const happening = fc.oneof(
  fc.record({ k: key, f: facts }).map(({ k, f }) => request({ type: 'identify', key: k, candidate: f })),
  fc.record({ k: key, f: facts }).map(({ k, f }) => observed('identify-key', k, exactMatch(f))),
  key.map((k) =>
    request({ type: 'describe', key: k, report: { query: { shape: 'id', id: 'apikey_03' }, words: 'x' } }),
  ),
  key.map((k) => request({ type: 'describe', key: k, report: hintReport('AbC', 'xyzZ') })),
  fc.constantFrom('channel', 'thread', 'direct').map((place) =>
    observed('open-room', '-', {
      type: 'room',
      room: { place, channel: 'C1', thread: null, name: 'kl-1' },
    }),
  ),
  fc.constant(observed('post-card', '-', { type: 'card', channel: 'C1', ts: '17.5' })),
  key.map((k) => {
    const dead = keyFacts({ status: 'inactive' });
    const seen = {
      type: 'status',
      before: keyFacts(),
      after: dead,
      observedAt: T0,
      requestId: null,
    } as const;
    return observed('deactivate-key', k, seen);
  }),
  fc.constant(request({ type: 'note', text: 'a note' })),
  fc.constant(request({ type: 'close', verdict: 'resolved', reason: 'done' })),
);

test('the derived rows are what a fold of the whole log says, whatever happened', async () => {
  const path = join(folder(), 'keyleak.db');
  const store = await openStore(parts({ path }));
  const db = new Database(path, { readonly: true });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 14 }), async (happenings) => {
      const outcome = await store.declare(
        ACME,
        RUNBOOK,
        declaration([hintReport(), { query: { shape: 'name', name: 'batch' }, words: 'batch' }], {
          runs: [],
        }),
      );
      if (outcome.outcome !== 'committed') throw new Error(outcome.outcome);
      const id = outcome.incident;
      for (const [n, what] of happenings.entries()) {
        const incident = foldIncident((await store.load(id)) ?? []);
        if (incident === null) throw new Error('no incident');
        const subject = { incident, runbook: RUNBOOK };
        const now = at(T0 + n * 1_000);
        const verdict =
          what.type === 'request'
            ? decideRequest(subject, manager, what.command, now)
            : {
                verdict: 'decided' as const,
                decision: decideObserved(
                  subject,
                  claimed(newRun(what.step, { subject: what.subject })),
                  what.seen,
                  now,
                ),
              };
        if (verdict.verdict !== 'decided') continue;
        await store.commit(id, incident.seq, batch({ now: now.now, entries: verdict.decision.entries }));
      }
      const incident = foldIncident((await store.load(id)) ?? []);
      if (incident === null) throw new Error('no incident');
      expect(derivedIn(db, id)).toEqual(derivedFrom(incident));
    }),
    { numRuns: thorough(60) },
  );
  db.close();
  await store.close();
});

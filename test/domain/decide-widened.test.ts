// An incident that turns out to be more than was declared: keys found later, another runbook.

import { describe, expect, test } from 'vitest';
import { decideDeadline } from '../../src/domain/decide-deadline.ts';
import type { Decision, Verdict } from '../../src/domain/decision.ts';
import { runbookHash } from '../../src/domain/runbook.ts';
import { at, exactMatch, hintReport, keyFacts, type Play, person, play, T0 } from '../support/cases.ts';

const MINUTE = 60_000;
const rio = person('U0RIOA', 'responder');
const sam = person('U0SAMO', 'participant');
const second = hintReport('T9X', 'kQAA');

function decisionOf(verdict: Verdict): Decision {
  if (verdict.verdict !== 'decided') throw new Error(verdict.verdict);
  return verdict.decision;
}

/** k1 dead and its whole first phase done. */
function contained(): Play {
  const game = play();
  const key = keyFacts();
  game.observe('identify-key', exactMatch(key));
  game.request(rio, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: key });
  game.observe('deactivate-key', {
    type: 'status',
    before: key,
    after: { ...key, status: 'inactive' },
    observedAt: T0 + 3_000,
    requestId: null,
  });
  for (const step of ['replace-key', 'deploy-replacement', 'verify-containment'])
    game.request(rio, { type: 'complete', step, key: 'k1' });
  expect(game.subject.incident.phases).toHaveProperty('contain');
  return game;
}

describe('a key that is found later', () => {
  test('reopens containment, with a clock and reminders of its own', () => {
    const game = contained();
    const now = T0 + 20 * MINUTE;
    const decision = decisionOf(game.request(sam, { type: 'add-keys', reports: [second] }, now));
    expect(decision.entries.map(({ kind }) => kind)).toEqual([
      'key.reported',
      'step.started',
      'phase.reopened',
    ]);
    expect(decision.deadlines).toEqual([{ phase: 'contain@k2', dueAt: now + 5 * MINUTE }]);
    const reminders = decision.runs.filter(({ step }) => step === 'post-nudge');
    expect(reminders.map(({ subject, notBefore }) => [subject, notBefore - now])).toEqual([
      ['k2', 2 * MINUTE],
      ['k2', 4 * MINUTE],
    ]);
    expect(game.subject.incident.phases).not.toHaveProperty('contain');
    expect(game.subject.incident.keys.map(({ subject }) => subject)).toEqual(['k1', 'k2']);
  });

  test('misses its own deadline by its own clock, beside that of the incident, and no other', () => {
    const game = contained();
    const now = T0 + 20 * MINUTE;
    game.request(sam, { type: 'add-keys', reports: [second] }, now);
    const missed = decideDeadline(game.subject, 'contain@k2', at(now + 5 * MINUTE + 1_500));
    expect(missed.entries[0]).toMatchObject({
      kind: 'deadline.missed',
      data: { phase: 'contain', key: 'k2', late_ms: 1_500 },
    });
    game.take(missed);
    expect(decideDeadline(game.subject, 'contain@k2', at(now + 6 * MINUTE)).entries).toEqual([]);
    expect(game.subject.incident.missed).toEqual({ 'contain@k2': 1_500 });
  });

  test('that is contained in time meets its deadline, whatever the incident’s own was', () => {
    const game = contained();
    const now = T0 + 20 * MINUTE;
    game.request(sam, { type: 'add-keys', reports: [second] }, now);
    const mei = person('U0MEIT', 'manager');
    for (const step of [
      'identify-key',
      'deactivate-key',
      'replace-key',
      'deploy-replacement',
      'verify-containment',
    ])
      game.request(mei, { type: 'skip', step, key: 'k2', reason: 'not ours', verdict: 'false_alarm' }, now);
    const met = decideDeadline(game.subject, 'contain@k2', at(now + 5 * MINUTE));
    expect(met).toMatchObject({ entries: [], settled: [{ phase: 'contain@k2', as: 'met' }] });
    expect(game.subject.incident.phases).toHaveProperty('contain');
  });

  test('that the incident has already is not added again, by hint or by id', () => {
    const game = contained();
    const before = game.subject.incident.seq;
    const id = { query: { shape: 'id', id: keyFacts().id }, words: keyFacts().id } as const;
    expect(game.request(sam, { type: 'add-keys', reports: [hintReport(), id] })).toEqual({
      verdict: 'joined',
    });
    expect(game.subject.incident.seq).toBe(before);
  });

  test('is refused beyond twenty', () => {
    const game = contained();
    const many = Array.from({ length: 20 }, (_, index) => hintReport(`A${index}`, `b${index}AA`));
    expect(game.request(sam, { type: 'add-keys', reports: many })).toMatchObject({
      verdict: 'refused',
      refusal: { code: 'KL_TOO_MANY_KEYS' },
    });
    expect(game.subject.incident.keys).toHaveLength(1);
  });

  test('is refused once the incident is closed', () => {
    const game = contained();
    game.request(rio, { type: 'close', verdict: 'resolved', reason: 'done' });
    expect(game.request(sam, { type: 'add-keys', reports: [second] })).toMatchObject({
      verdict: 'refused',
      refusal: { code: 'KL_INCIDENT_CLOSED' },
    });
  });
});

describe('another runbook', () => {
  const other = (game: Play) => ({
    ...game.subject.runbook,
    id: 'another-secret',
    phases: [
      ...game.subject.runbook.phases.map((phase) =>
        phase.id === 'contain'
          ? {
              ...phase,
              steps: [
                ...phase.steps,
                {
                  id: 'call-the-bank',
                  title: 'Call the bank',
                  authority: 'anyone',
                  confirm: false,
                  guide: 'Call.',
                } as const,
              ],
            }
          : phase,
      ),
      {
        id: 'month',
        title: 'First month',
        within: '30d',
        steps: [
          {
            id: 'look-back',
            title: 'Look back',
            authority: 'anyone',
            confirm: false,
            guide: 'Look.',
          } as const,
        ],
      },
    ],
  });

  test('takes effect at once: what is done stays done, what is new is open, a new phase gets its deadline', () => {
    const game = contained();
    const runbook = other(game);
    const decision = decisionOf(game.request(rio, { type: 'change-runbook', runbook }));
    expect(decision.runbook).toBe(runbook);
    expect(decision.entries.map(({ kind }) => kind)).toEqual(['runbook.changed', 'phase.reopened']);
    expect(decision.deadlines).toEqual([{ phase: 'month', dueAt: T0 + 30 * 86_400_000 }]);
    const { incident } = game.subject;
    expect(incident.runbook).toEqual({ id: 'another-secret', sha256: runbookHash(runbook) });
    expect(incident.steps['deactivate-key/k1']?.status).toBe('done');
    expect(incident.phases).not.toHaveProperty('contain');
  });

  test('takes a responder, and the same one again changes nothing', () => {
    const game = contained();
    expect(game.request(sam, { type: 'change-runbook', runbook: other(game) })).toMatchObject({
      verdict: 'refused',
      refusal: { code: 'KL_NOT_ALLOWED' },
    });
    expect(game.request(rio, { type: 'change-runbook', runbook: game.subject.runbook })).toEqual({
      verdict: 'joined',
    });
  });

  test('looks for the keys that nobody has named yet, where it can', () => {
    const game = play([hintReport()]);
    game.observe('identify-key', {
      type: 'matched',
      listing: { keys: [], complete: true, readAt: T0 },
      match: { outcome: 'none' },
    });
    const decision = decisionOf(game.request(rio, { type: 'change-runbook', runbook: other(game) }));
    expect(decision.runs.map(({ step, generation }) => `${step}:${generation}`)).toEqual(['identify-key:2']);
  });
});

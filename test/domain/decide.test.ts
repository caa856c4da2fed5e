import { afterEach, describe, expect, test } from 'vitest';
import { decideDeadline } from '../../src/domain/decide-deadline.ts';
import { afterFailure, decideFailed, decideObserved } from '../../src/domain/decide-observed.ts';
import { isLive } from '../../src/domain/progress.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { MAX_ATTEMPTS } from '../../src/domain/run.ts';
import { at, claimed, exactMatch, hintReport, keyFacts, person, play, T0 } from '../support/cases.ts';

const responder = person('U0RESPOND', 'responder');
const manager = person('U0MANAGER', 'manager');
const anyone = person('U0ANYBODY', 'participant');
const deactivate = { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null } as const;

function kinds(entries: readonly { kind: string }[]): string[] {
  return entries.map((entry) => entry.kind);
}

function identified(): ReturnType<typeof play> {
  const game = play();
  game.observe('identify-key', exactMatch());
  return game;
}

function died(
  game: ReturnType<typeof play>,
  status: 'inactive' | 'archived' = 'inactive',
  before = keyFacts(),
  key = 'k1',
): void {
  game.observe(
    'deactivate-key',
    { type: 'status', before, after: { ...before, status }, observedAt: T0 + 3_000, requestId: 'req_1' },
    T0 + 3_000,
    key,
  );
}

describe('declaring', () => {
  test('writes who, what and where, asks for the room and the key, and sets one deadline a phase', () => {
    const game = play();
    expect(kinds(game.last.entries)).toEqual(['incident.declared', 'key.reported', 'step.started']);
    const begun = game.last.runs.filter(({ notBefore }) => notBefore === T0);
    expect(begun.map((run) => `${run.step}:${run.subject}:${run.generation}`)).toEqual([
      'identify-key:k1:1',
      'open-room:-:1',
    ]);
    expect(game.last.deadlines).toEqual([
      { phase: 'contain', dueAt: T0 + 5 * 60_000 },
      { phase: 'hour', dueAt: T0 + 3_600_000 },
      { phase: 'week', dueAt: T0 + 7 * 86_400_000 },
    ]);
    expect(game.subject.incident).toMatchObject({
      severity: 1,
      where: 'pasted in a public repository',
      status: 'open',
    });
  });

  test('without a provider no run asks one, and the step is left to its guide', () => {
    const game = play(
      [hintReport()],
      at(T0, (action) => !action.startsWith('anthropic/')),
    );
    const begun = game.runs.filter(({ notBefore }) => notBefore === T0);
    expect(begun.map((run) => run.step)).toEqual(['open-room']);
    expect(game.request(responder, deactivate)).toMatchObject({
      verdict: 'refused',
      refusal: { code: 'KL_STEP_GUIDED' },
    });
  });
});

describe('identifying', () => {
  test('an exact match names the key and completes the step; the severity follows the environment', () => {
    const game = play();
    game.observe(
      'identify-key',
      exactMatch(keyFacts({ name: 'staging-bot', workspace: { id: 'wrkspc_2', name: 'Staging' } })),
    );
    expect(kinds(game.last.entries)).toEqual(['key.identified', 'step.completed']);
    expect(game.subject.incident.severity).toBe(2);
  });

  test('several matches are offered and nothing acts until a person names one', () => {
    const game = play();
    const keys = [keyFacts(), keyFacts({ id: 'apikey_02', name: 'batch' })];
    game.observe('identify-key', {
      type: 'matched',
      listing: { keys, complete: true, readAt: T0 },
      match: { outcome: 'candidates', why: 'several', keys },
    });
    expect(game.request(responder, deactivate)).toMatchObject({ refusal: { code: 'KL_KEY_UNIDENTIFIED' } });
    const second = keys[1] ?? keyFacts();
    expect(game.request(anyone, { type: 'identify', key: 'k1', candidate: second })).toMatchObject({
      refusal: { code: 'KL_NOT_ALLOWED' },
      record: [{ kind: 'access.refused' }],
    });
    game.request(responder, { type: 'identify', key: 'k1', candidate: second });
    expect(kinds(game.last.entries)).toEqual(['key.identified', 'step.completed']);
    expect(game.runs.filter((run) => run.step === 'deactivate-key')).toEqual([]);
    expect(game.subject.incident.keys[0]?.facts?.id).toBe('apikey_02');
  });

  test('a person who named the key while the listing was read is not overruled by it', () => {
    const game = play();
    game.request(responder, { type: 'identify', key: 'k1', candidate: keyFacts({ id: 'apikey_09' }) });
    game.observe('identify-key', exactMatch());
    expect(game.subject.incident.keys[0]?.facts?.id).toBe('apikey_09');
  });
});

describe('deactivating', () => {
  test('asks once: the second press joins the first, and a press after the end joins the result', () => {
    const game = identified();
    expect(game.request(responder, deactivate).verdict).toBe('decided');
    expect(game.runs.at(-1)).toMatchObject({
      step: 'deactivate-key',
      subject: 'k1',
      generation: 1,
      actor: 'U0RESPOND',
    });
    expect(game.request(manager, deactivate).verdict).toBe('joined');
    died(game);
    expect(game.request(responder, deactivate).verdict).toBe('joined');
  });

  test('a button that names the key identifies it and deactivates it in one decision', () => {
    const game = play();
    const verdict = game.request(responder, { ...deactivate, candidate: keyFacts() });
    expect(verdict.verdict).toBe('decided');
    expect(kinds(game.last.entries)).toEqual(['key.identified', 'step.completed', 'step.started']);
  });

  test('a button drawn for another key does nothing', () => {
    const game = identified();
    expect(
      game.request(responder, { ...deactivate, candidate: keyFacts({ id: 'apikey_77' }) }),
    ).toMatchObject({
      verdict: 'refused',
      refusal: { code: 'KL_KEY_CHANGED' },
    });
  });

  test('is refused to everyone but responders and managers, and the refusal is on record', () => {
    const game = identified();
    expect(game.request(anyone, deactivate)).toMatchObject({
      refusal: { code: 'KL_NOT_ALLOWED', message: expect.stringContaining('not allowed') },
      record: [{ kind: 'access.refused', actor: 'U0ANYBODY' }],
    });
  });

  test('is logged only from what the provider said when read back, in the name of who asked', () => {
    const game = identified();
    game.request(responder, deactivate);
    died(game);
    expect(game.last.entries[0]).toMatchObject({
      kind: 'key.deactivated',
      actor: 'U0RESPOND',
      data: { status: 'inactive', already: false, request_id: 'req_1', run: 'deactivate-key:k1:1' },
    });
    expect(game.subject.incident.keys[0]?.dead).toMatchObject({ status: 'inactive', by: 'U0RESPOND' });
  });

  test('a key that still reads active writes nothing', () => {
    const game = identified();
    game.request(responder, deactivate);
    game.observe('deactivate-key', {
      type: 'status',
      before: keyFacts(),
      after: keyFacts(),
      observedAt: T0 + 3_000,
      requestId: null,
    });
    expect(game.last.entries).toEqual([]);
  });

  test('says already when the key was dead before, but not when our own lost attempt may have done it', () => {
    const before = identified();
    before.request(responder, deactivate);
    died(before, 'archived', keyFacts({ status: 'archived' }));
    expect(before.last.entries[0]).toMatchObject({ data: { status: 'archived', already: true } });

    const doubtful = identified();
    doubtful.request(responder, deactivate);
    const run = doubtful.runs.at(-1);
    if (run === undefined) throw new Error('no run');
    const inactive = keyFacts({ status: 'inactive' });
    const decision = decideObserved(
      doubtful.subject,
      claimed(run, { doubtful: true, attempt: 2 }),
      { type: 'status', before: inactive, after: inactive, observedAt: T0, requestId: null },
      at(T0),
    );
    expect(decision.entries[0]).toMatchObject({ kind: 'key.deactivated', data: { already: false } });
  });

  test('a key that is no longer what was confirmed is left alone until a person confirms it as it is now', () => {
    const game = identified();
    game.request(responder, deactivate);
    const renamed = keyFacts({ name: 'renamed meanwhile' });
    game.observe('deactivate-key', { type: 'changed', found: renamed, readAt: T0 + 1_500 });
    expect(kinds(game.last.entries)).toEqual(['action.failed', 'candidates.found']);
    expect(game.request(responder, deactivate)).toMatchObject({ refusal: { code: 'KL_STEP_TOO_EARLY' } });
    game.request(responder, { type: 'identify', key: 'k1', candidate: renamed });
    expect(kinds(game.last.entries)).toEqual(['key.identified', 'step.completed']);
    expect(game.request(responder, { type: 'identify', key: 'k1', candidate: renamed }).verdict).toBe(
      'joined',
    );
    expect(game.request(responder, deactivate).verdict).toBe('decided');
    expect(game.subject.incident.keys[0]?.facts?.name).toBe('renamed meanwhile');
    expect(game.runs.at(-1)).toMatchObject({ step: 'deactivate-key', generation: 2 });
  });

  test('marking it done by hand is checked with the provider, never believed', () => {
    const game = identified();
    game.request(responder, { type: 'complete', step: 'deactivate-key', key: 'k1' });
    expect(game.runs.at(-1)).toMatchObject({ step: 'deactivate-key', input: { mode: 'check' } });
    expect(game.subject.incident.keys[0]?.dead).toBeNull();
  });

  test('after a failure the next press is a new generation', () => {
    const game = identified();
    game.request(responder, deactivate);
    const run = game.runs.at(-1);
    if (run === undefined) throw new Error('no run');
    const error = new RemoteError('KL_ANTHROPIC_FORBIDDEN', 'No.', 'By hand.', {
      outcome: 'refused',
      reason: '403',
    });
    game.take(
      decideFailed(game.subject, claimed(run), error, { state: 'needs_human', notBefore: T0 }, at(T0)),
    );
    expect(game.subject.incident.steps['deactivate-key/k1']).toMatchObject({
      status: 'needs_human',
      error: { code: 'KL_ANTHROPIC_FORBIDDEN' },
    });
    game.request(responder, deactivate);
    expect(game.runs.at(-1)).toMatchObject({ generation: 2 });
  });

  test('several keys each have their own run and their own state', () => {
    const game = play([hintReport(), hintReport('Q9Z', 'zzAA')]);
    game.observe('identify-key', exactMatch());
    game.observe('identify-key', exactMatch(keyFacts({ id: 'apikey_02' })), T0, 'k2');
    game.request(responder, deactivate);
    game.request(responder, { ...deactivate, key: 'k2' });
    const second = game.runs.at(-1);
    if (second === undefined) throw new Error('no run');
    const error = new RemoteError('KL_ANTHROPIC_FORBIDDEN', 'No.', 'By hand.', {
      outcome: 'refused',
      reason: '403',
    });
    game.take(
      decideFailed(game.subject, claimed(second), error, { state: 'needs_human', notBefore: T0 }, at(T0)),
    );
    died(game);
    const [first, other] = game.subject.incident.keys;
    expect(first?.dead).not.toBeNull();
    expect(other?.dead).toBeNull();
    if (other === undefined) throw new Error('no key');
    expect(isLive(game.subject.incident, other)).toBe(true);
  });
});

describe('skipping and closing over a live key', () => {
  const skip = {
    type: 'skip',
    step: 'deactivate-key',
    key: 'k1',
    reason: 'rotated upstream',
    verdict: null,
  } as const;

  test('takes a manager or the verdict false alarm, and always a reason', () => {
    expect(identified().request(responder, skip)).toMatchObject({ refusal: { code: 'KL_NOT_ALLOWED' } });
    expect(identified().request(responder, { ...skip, verdict: 'false_alarm' }).verdict).toBe('decided');
    expect(identified().request(manager, skip).verdict).toBe('decided');
    expect(identified().request(manager, { ...skip, reason: ' ' })).toMatchObject({
      refusal: { code: 'KL_REASON_MISSING' },
    });
    expect(identified().request(anyone, { ...skip, verdict: 'false_alarm' })).toMatchObject({
      refusal: { code: 'KL_NOT_ALLOWED' },
    });
  });

  test('closing follows the same rule, and a dead key needs no reason', () => {
    const close = { type: 'close', verdict: 'resolved', reason: '' } as const;
    expect(identified().request(responder, close)).toMatchObject({ refusal: { code: 'KL_NOT_ALLOWED' } });
    expect(identified().request(manager, close)).toMatchObject({ refusal: { code: 'KL_REASON_MISSING' } });
    const game = identified();
    game.request(responder, deactivate);
    died(game);
    expect(game.request(responder, close).verdict).toBe('decided');
    expect(game.last.settled.map(({ as }) => as)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(game.request(responder, deactivate)).toMatchObject({ refusal: { code: 'KL_INCIDENT_CLOSED' } });
    expect(game.request(anyone, { type: 'note', text: 'afterthought' }).verdict).toBe('decided');
  });
});

describe('the room', () => {
  test('gets what happened before there was one: owner, candidates, a missed deadline, containment', () => {
    const game = play([hintReport(), hintReport('Q9Z', 'zzAA')]);
    game.observe('open-room', {
      type: 'room',
      room: { place: 'channel', channel: 'C1', thread: null, name: 'kl-1-x' },
    });
    game.observe('identify-key', exactMatch());
    const owner = { id: 'user_1', type: 'user', name: 'Dana', slack_user: 'U0DANA' } as const;
    game.observe('find-owner', { type: 'owner', owner });
    const keys = [keyFacts({ id: 'apikey_02' }), keyFacts({ id: 'apikey_03' })];
    const listing = { keys, complete: true, readAt: T0 };
    game.observe(
      'identify-key',
      { type: 'matched', listing, match: { outcome: 'candidates', why: 'several', keys } },
      T0,
      'k2',
    );
    game.take(decideDeadline(game.subject, 'contain', at(T0 + 301_000)), T0 + 301_000);
    expect(game.runs.map(({ step }) => step)).not.toContain('invite-owner');
    game.observe('post-card', { type: 'card', channel: 'C1', ts: '1.1' }, T0 + 400_000);
    expect(game.last.runs.map(({ step, subject }) => `${step}:${subject}`)).toEqual([
      'pin-card:-',
      'invite-people:-',
      'post-witness:-',
      'post-missed:-',
      'invite-owner:k1',
      'post-candidates:k2',
    ]);
  });
});

describe('deadlines', () => {
  test('a missed one is written with how late it was noticed, and once', () => {
    const game = identified();
    const decision = decideDeadline(game.subject, 'contain', at(T0 + 5 * 60_000 + 7_000));
    expect(decision.entries).toMatchObject([
      { kind: 'deadline.missed', data: { phase: 'contain', late_ms: 7_000 } },
    ]);
    game.take(decision, T0 + 5 * 60_000 + 7_000);
    expect(decideDeadline(game.subject, 'contain', at(T0 + 6 * 60_000)).entries).toEqual([]);
  });

  test('after the clock was put back it is not missed before its time', () => {
    const game = identified();
    const early = decideDeadline(game.subject, 'contain', at(T0 + 5 * 60_000 - 1));
    expect([early.entries, early.settled]).toEqual([[], []]);
    expect(kinds(decideDeadline(game.subject, 'contain', at(T0 + 5 * 60_000)).entries)).toEqual([
      'deadline.missed',
    ]);
  });

  test('a phase whose steps are all settled is complete and its deadline is met', () => {
    const game = identified();
    game.request(responder, deactivate);
    died(game);
    for (const step of ['replace-key', 'deploy-replacement', 'verify-containment']) {
      game.request(responder, { type: 'complete', step, key: 'k1' });
    }
    expect(kinds(game.last.entries)).toEqual(['step.completed', 'phase.completed']);
    expect(game.last.settled).toEqual([{ phase: 'contain', as: 'met' }]);
    expect(decideDeadline(game.subject, 'contain', at(T0 + 5 * 60_000)).entries).toEqual([]);
  });
});

describe('after a failed attempt', () => {
  const run = claimed({
    step: 'post-card',
    subject: '-',
    generation: 5,
    action: 'slack/post-card@1',
    input: {},
    actor: 'keyleak',
    notBefore: 0,
  });
  const failure = (outcome: RemoteError['outcome'], retryAfterMs: number | null = null): RemoteError =>
    new RemoteError('KL_X', 'x', 'y', { outcome, reason: 'x', retryAfterMs });

  test('a creation in doubt waits out the grace before anyone looks for it', () => {
    expect(afterFailure(run, { effect: 'creation', maxAttempts: Infinity }, failure('unknown'), T0)).toEqual({
      state: 'unknown',
      // Measured: what Slack did not answer has landed by then, or does not land.
      notBefore: T0 + 30_000,
    });
  });

  test('a creation that the service itself answered to have failed is looked for soon', () => {
    const answered = new RemoteError('KL_X', 'x', 'y', { outcome: 'unknown', reason: 'x', answered: true });
    expect(afterFailure(run, { effect: 'creation', maxAttempts: Infinity }, answered, T0)).toEqual({
      state: 'unknown',
      notBefore: T0 + 3_000,
    });
  });

  test('what Slack refuses is tried again for about a day, ever later up to five minutes', () => {
    const post = { effect: 'creation', maxAttempts: Infinity, needs: 'chat' } as const;
    const waits = [1, 2, 10, 299].map((attempt) => {
      const next = afterFailure({ ...run, attempt }, post, failure('refused'), T0);
      expect(next.state).toBe('pending');
      return next.notBefore - T0;
    });
    expect(waits).toEqual([30_000, 60_000, 300_000, 300_000]);
    expect(afterFailure({ ...run, attempt: 300 }, post, failure('refused'), T0).state).toBe('needs_human');
  });

  test('an idempotent effect in doubt is tried again within a second', () => {
    const next = afterFailure(
      run,
      { effect: 'idempotent', maxAttempts: MAX_ATTEMPTS },
      failure('unknown'),
      T0,
    );
    expect(next.state).toBe('unknown');
    expect(next.notBefore - T0).toBeLessThanOrEqual(1_000);
  });

  test('a service that asked for a pause gets it, and a refusal goes to a person', () => {
    expect(
      afterFailure(run, { effect: 'read', maxAttempts: 8 }, failure('rate_limited', 7_000), T0).notBefore,
    ).toBe(T0 + 7_000);
    expect(afterFailure(run, { effect: 'read', maxAttempts: 8 }, failure('refused'), T0).state).toBe(
      'needs_human',
    );
  });

  test('a provider that lets few requests through loses no key: what kills asks as told, what informs stands back', () => {
    const provider = { effect: 'idempotent', maxAttempts: MAX_ATTEMPTS, needs: 'provider' } as const;
    const limited = failure('rate_limited', 1_000);
    const later = { ...run, attempt: 3 * MAX_ATTEMPTS };
    expect(afterFailure({ ...later, step: 'deactivate-key' }, provider, limited, T0)).toEqual({
      state: 'pending',
      notBefore: T0 + 1_000,
    });
    expect(afterFailure({ ...later, step: 'measure-impact' }, provider, limited, T0)).toEqual({
      state: 'pending',
      notBefore: T0 + 20_000,
    });
    expect(afterFailure({ ...later, attempt: 200 }, provider, limited, T0).state).toBe('needs_human');
  });

  test('attempts of a provider action are bounded', () => {
    const last = { ...run, attempt: MAX_ATTEMPTS };
    expect(
      afterFailure(last, { effect: 'read', maxAttempts: MAX_ATTEMPTS }, failure('unknown'), T0).state,
    ).toBe('needs_human');
  });
});

describe('in any zone, across any change of its clocks', () => {
  const home = process.env.TZ;
  afterEach(() => {
    if (home === undefined) delete process.env.TZ;
    else process.env.TZ = home;
  });

  test.each([
    ['Europe/Berlin', '2026-10-25T00:58:00Z'],
    ['America/New_York', '2026-03-08T06:58:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T14:58:00Z'],
    ['Asia/Kathmandu', '2026-12-31T18:13:00Z'],
    ['Pacific/Apia', '2026-11-23T10:00:00Z'],
  ])('%s: five minutes are five minutes', (zone, declared) => {
    process.env.TZ = zone;
    const moment = Date.parse(declared);
    const game = play([hintReport()], at(moment));
    const missed = decideDeadline(game.subject, 'contain', at(moment + 300_000)).entries;
    expect(missed).toMatchObject([
      { data: { due_at: new Date(moment + 300_000).toISOString(), late_ms: 0 } },
    ]);
    expect(decideDeadline(game.subject, 'contain', at(moment + 299_999)).entries).toEqual([]);
  });
});

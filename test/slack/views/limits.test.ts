// Every message and form that keyleak draws is within Slack's limits, whatever the incident and whatever people and
// providers call things; and nothing from outside stands where it could be a mention, a link or formatting.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideDeadline } from '../../../src/domain/decide-deadline.ts';
import { afterFailure, decideFailed } from '../../../src/domain/decide-observed.ts';
import { keyState } from '../../../src/domain/incident.ts';
import type { KeyFacts } from '../../../src/domain/key.ts';
import { RemoteError } from '../../../src/domain/remote-error.ts';
import { lintMessageBlocks, lintView } from '../../../src/sandbox/slack/lint.ts';
import { declaredAnswer, helpAnswer, refusalAnswer, statusAnswer } from '../../../src/slack/views/answers.ts';
import type { Message } from '../../../src/slack/views/message.ts';
import {
  addKeyModal,
  closeModal,
  declareModal,
  guideModal,
  nameKeyModal,
  noteModal,
  noticeModal,
  skipModal,
} from '../../../src/slack/views/modals.ts';
import { draw } from '../../../src/slack/views/posts.ts';
import { runbookModal } from '../../../src/slack/views/runbook-choice.ts';
import {
  at,
  claimed,
  exactMatch,
  hintReport,
  keyFacts,
  type Play,
  person,
  play,
  T0,
} from '../../support/cases.ts';
import { thorough } from '../../support/thorough.ts';

const HOSTILE = [
  '<!channel>',
  '*bold* _it_ `code` ~s~',
  '<https://evil.example|click>',
  '\u202eright to left',
  'x'.repeat(3_000),
  '🔥'.repeat(700),
  '\ud800 half a pair',
  '&lt;@U1&gt; \n\n\n lines \t',
  '',
  '   ',
];
const outside = fc.constantFrom(...HOSTILE);

interface Deed {
  readonly kind:
    | 'exact'
    | 'offer'
    | 'none'
    | 'press'
    | 'die'
    | 'fail'
    | 'note'
    | 'skip'
    | 'close'
    | 'miss'
    | 'owner'
    | 'seen'
    | 'replaced'
    | 'used'
    | 'impact'
    | 'assign'
    | 'deployed';
  readonly key: number;
  readonly words: string;
}

const deed: fc.Arbitrary<Deed> = fc.record({
  kind: fc.constantFrom(
    'exact',
    'offer',
    'none',
    'press',
    'die',
    'fail',
    'note',
    'skip',
    'close',
    'miss',
    'owner',
    'seen',
    'replaced',
    'used',
    'impact',
    'assign',
    'deployed',
  ),
  key: fc.nat(19),
  words: outside,
});

const manager = person('U0MANAGER', 'manager');

function named(id: number, words: string): KeyFacts {
  return keyFacts({
    id: `apikey_${id}`,
    name: words,
    hint: words === '' ? null : words,
    workspace: { id: 'w', name: words },
  });
}

/** As long as the configuration lets it be. */
function systemName(index: number, words: string): string {
  return `${index} ${words}`.slice(0, 100);
}

function act(game: Play, { kind, key, words }: Deed): void {
  const { incident } = game.subject;
  const subject = `k${(key % incident.keys.length) + 1}`;
  const facts = named(key, words);
  const listing = { keys: [facts], complete: true, readAt: T0 };
  const searched = game.runs.some((run) => run.step === 'identify-key' && run.subject === subject);
  const pressed = game.runs.some((run) => run.step === 'deactivate-key' && run.subject === subject);
  const asked = (step: string): boolean =>
    game.runs.some((run) => run.step === step && run.subject === subject);
  switch (kind) {
    case 'exact':
      if (searched) game.observe('identify-key', exactMatch(facts), T0, subject);
      return;
    case 'offer': {
      const keys = Array.from({ length: 30 }, (_, index) => named(100 + index, words));
      const match = { outcome: 'candidates', why: 'name', keys } as const;
      if (searched) game.observe('identify-key', { type: 'matched', listing, match }, T0, subject);
      return;
    }
    case 'none':
      if (searched)
        game.observe('identify-key', { type: 'matched', listing, match: { outcome: 'none' } }, T0, subject);
      return;
    case 'press':
      game.request(manager, { type: 'perform', step: 'deactivate-key', key: subject, candidate: null });
      return;
    case 'die': {
      const before = keyState(incident, subject)?.facts;
      if (!pressed || !before) return;
      const after = { ...before, status: 'inactive' } as const;
      game.observe(
        'deactivate-key',
        { type: 'status', before, after, observedAt: T0, requestId: null },
        T0,
        subject,
      );
      return;
    }
    case 'fail': {
      const run = game.runs.findLast((one) => one.step === 'deactivate-key' && one.subject === subject);
      if (run === undefined) return;
      const error = new RemoteError('KL_X', words, words, { outcome: 'refused', reason: 'x' });
      const result = afterFailure(claimed(run), { effect: 'idempotent', maxAttempts: 8 }, error, T0);
      game.take(decideFailed(game.subject, claimed(run), error, result, at(T0)));
      return;
    }
    case 'note':
      game.request(manager, { type: 'note', text: words });
      return;
    case 'skip':
      game.request(manager, {
        type: 'skip',
        step: 'replace-key',
        key: subject,
        reason: words,
        verdict: null,
      });
      return;
    case 'close':
      game.request(manager, { type: 'close', verdict: 'resolved', reason: words });
      return;
    case 'miss':
      game.take(decideDeadline(game.subject, 'contain', at(T0 + 301_000)), T0 + 301_000);
      return;
    case 'seen':
      if (asked('watch-replacement')) {
        const found = Array.from({ length: 9 }, (_, index) => named(200 + index, words));
        game.observe('watch-replacement', { type: 'successors', listing, found, again: null }, T0, subject);
      }
      return;
    case 'replaced': {
      const request = { type: 'perform', step: 'replace-key', key: subject, candidate: null } as const;
      const seen = {
        type: 'replacement',
        listing,
        key: named(300 + key, words),
        warnings: ['name', 'workspace'],
      } as const;
      if (game.request(manager, request).verdict === 'decided')
        game.observe('replace-key', seen, T0, subject);
      return;
    }
    case 'used': {
      const moment = new Date(T0).toISOString();
      const replacement = { id: 'apikey_9', requests: 3, first_at: moment };
      const checked = {
        dead_since: moment,
        refreshed_at: moment,
        covered: key % 3 === 0,
        requests: key % 2,
        uncounted: key % 5 === 0,
        first_at: moment,
        last_at: moment,
        replacement,
      };
      if (asked('watch-containment'))
        game.observe('watch-containment', { type: 'containment', checked, again: null }, T0, subject);
      return;
    }
    case 'impact': {
      const moment = new Date(T0).toISOString();
      const models = Array.from({ length: 5 }, () => ({ model: words, requests: 1 }));
      const times = { starting_at: moment, ending_at: moment, refreshed_at: moment };
      const impact = { ...times, requests: 1e15, uncounted: true, models };
      if (asked('measure-impact')) game.observe('measure-impact', { type: 'impact', impact }, T0, subject);
      return;
    }
    case 'assign':
      for (const step of ['replace-key', 'deploy-replacement', 'verify-containment'])
        game.request(manager, { type: 'assign', step, key: subject, assignee: 'U0RIO' });
      return;
    case 'deployed':
      game.request(manager, { type: 'deployed', key: subject, system: systemName(0, words) });
      return;
    case 'owner': {
      const owner = { id: 'user_1', type: 'user', name: words, slack_user: null } as const;
      if (asked('find-owner')) game.observe('find-owner', { type: 'owner', owner }, T0, subject);
      return;
    }
  }
}

/** Texts of all mrkdwn elements. */
function mrkdwn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwn);
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value && value.type === 'mrkdwn' && 'text' in value ? [String(value.text)] : [];
  return [...own, ...Object.values(value).flatMap(mrkdwn)];
}

function checkMessage(what: string, { text, blocks }: Message): void {
  expect(lintMessageBlocks(JSON.parse(JSON.stringify(blocks))), what).toBeNull();
  expect(text.length, what).toBeGreaterThan(0);
  expect(text.length, what).toBeLessThan(4_000);
  for (const words of [text, ...mrkdwn(blocks)]) {
    expect(words, what).not.toMatch(/<!channel>|<https:\/\/evil|\*bold\*/);
    expect(words.isWellFormed(), what).toBe(true);
  }
}

/** All keys are somebody's with a long name, and were used. */
const LORE = { ownerName: () => 'x'.repeat(300), lastUsed: () => T0 - 86_400_000 };

test('every view is within the limits, and nothing from outside is more than text', () => {
  fc.assert(
    fc.property(
      fc.nat(19),
      fc.array(deed, { maxLength: 80 }),
      outside,
      fc.boolean(),
      fc.nat(21),
      (extra, deeds, words, can, count) => {
        const reports = Array.from({ length: extra + 1 }, (_, index) => ({
          ...hintReport(`A${index}`, 'zzAA'),
          words,
        }));
        const systems = Array.from({ length: count }, (_, index) => ({
          name: systemName(index, words),
          owner: index % 2 === 0 ? 'U0DANA' : null,
          how: index % 3 === 0 ? words.slice(0, 300) : null,
        }));
        const rules = { containment: () => 'confirm' as const, systems: () => systems };
        const game = play(reports, { ...at(T0), rules });
        for (const one of deeds) act(game, one);
        const { subject } = game;
        const { incident, runbook } = subject;
        const automated = (): boolean => can;
        checkMessage('card', draw({ type: 'card', case: subject }, T0, automated, LORE));
        checkMessage(
          'missed',
          draw({ type: 'missed', case: subject, phase: 'contain', key: null }, T0, automated, LORE),
        );
        const people = Array.from({ length: 40 }, (_, index) => `U0PERSON${index}`);
        const callers = [
          { type: 'nudge', case: subject, phase: 'contain', key: null, people },
          { type: 'call', case: subject, people },
          { type: 'undo', case: subject, key: 'k1' },
          { type: 'managers', case: subject, reason: 'missed', phase: 'contain' },
          {
            type: 'assigned',
            case: subject,
            step: 'replace-key',
            key: 'k1',
            assignee: 'U0RIO',
            by: 'U0MANAGER',
            place: 'room',
            refused: words,
          },
        ] as const;
        for (const caller of callers) checkMessage(caller.type, draw(caller, T0, automated, LORE));
        const witness = {
          count: 7,
          head: 'ab'.repeat(32),
          fingerprint: 'cd'.repeat(32),
          occasion: 'opening',
        };
        checkMessage('witness', draw({ type: 'witness', case: subject, ...witness }, T0, automated, LORE));
        for (const { subject: key } of incident.keys)
          checkMessage('candidates', draw({ type: 'candidates', case: subject, key }, T0, automated, LORE));
        for (const role of ['participant', 'manager'] as const) {
          const match = {
            outcome: 'candidates',
            why: 'name',
            keys: [named(1, words), named(2, words)],
          } as const;
          const keys = incident.keys.map((key) => ({ subject: key.subject, words, match }));
          checkMessage(
            'answer',
            declaredAnswer({
              case: subject,
              role,
              how: 'declared',
              keys,
              masked: 1,
              automated: can,
              unread: null,
              lore: { known: LORE, now: T0 },
            }),
          );
          checkMessage('status', statusAnswer(subject, role));
          checkMessage('help', helpAnswer(role, subject));
        }
        checkMessage('refusal', refusalAnswer({ code: 'KL_X', message: words, next: words }, ['U0RIO']));
        const about = { incident: incident.id, step: 'deactivate-key', key: 'k1', candidate: null };
        const modals = [
          declareModal({ key: words, where: words }, { search: false }),
          declareModal({ key: words, where: words }, { search: true }),
          nameKeyModal(about, subject, { search: false }),
          nameKeyModal(about, subject, { search: true }),
          noteModal(about),
          addKeyModal(about, { search: true }),
          runbookModal(about, subject, [runbook, { ...runbook, id: 'other', title: words }]),
          skipModal(about, subject),
          closeModal(about, subject),
          noticeModal('Not done', words),
          ...runbook.phases.flatMap(({ steps }) =>
            steps.map(({ id }) => guideModal({ ...about, step: id }, subject)),
          ),
        ];
        for (const view of modals) {
          expect(lintView(JSON.parse(JSON.stringify(view)), 'modal'), view.callback_id).toBeNull();
          for (const one of mrkdwn(view)) expect(one).not.toMatch(/<!channel>|<https:\/\/evil|\*bold\*/);
        }
      },
    ),
    { numRuns: thorough(150) },
  );
});

/** Every key of a full incident as far as it can come with every step still open, all of them side by side. */
function full(count: number, systems: number, words: string): Play {
  const named21 = Array.from({ length: systems }, (_, index) => ({
    name: systemName(index, words),
    owner: 'U0DANA',
    how: words.slice(0, 300),
  }));
  const rules = { containment: () => 'confirm' as const, systems: () => named21 };
  const reports = Array.from({ length: count }, (_, index) => ({
    ...hintReport(`A${index}`, 'zzAA'),
    words,
  }));
  const game = play(reports, { ...at(T0), rules });
  for (let key = 0; key < count; key += 1) {
    act(game, { kind: 'exact', key, words });
    act(game, { kind: 'impact', key, words });
    if (key % 3 > 0) act(game, { kind: 'seen', key, words });
    if (key % 3 === 1) act(game, { kind: 'replaced', key, words });
    if (key % 2 > 0) act(game, { kind: 'press', key, words });
    if (key % 2 > 0) act(game, { kind: 'die', key, words });
  }
  return game;
}

test.each([
  [1, 0],
  [1, 21],
  [3, 21],
  [20, 0],
  [20, 21],
])(
  'a card of %i keys with %i systems each fits, and keeps the buttons that matter most',
  (count, systems) => {
    for (const words of ['checkout', ...HOSTILE]) {
      const game = full(count, systems, words);
      const message = draw({ type: 'card', case: game.subject }, T0, () => true, LORE);
      checkMessage('card', message);
      const drawn = JSON.stringify(message.blocks);
      for (const label of ['Deactivate key', 'Confirm replacement', 'Add note', 'Close incident'])
        if (count < 20 || label !== 'Confirm replacement') expect(drawn, label).toContain(`"${label}"`);
      if (count > 2) expect(drawn).toContain('"Deactivate all"');
    }
  },
);

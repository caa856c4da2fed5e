// The questions before a key dies: everything that a person must know fits, whatever things are called.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Incident, KeyState } from '../../../src/domain/incident.ts';
import type { KeyFacts } from '../../../src/domain/key.ts';
import { deactivateAllDialog, deactivateDialog, impactWords } from '../../../src/slack/views/dialogs.ts';
import { exactMatch, hintReport, keyFacts, play, T0 } from '../../support/cases.ts';
import { thorough } from '../../support/thorough.ts';

type Impact = NonNullable<KeyState['impact']>;

const impact = (change: Partial<Impact> = {}): Impact => ({
  starting_at: new Date(T0 - 3_600_000).toISOString(),
  ending_at: new Date(T0).toISOString(),
  refreshed_at: new Date(T0 - 300_000).toISOString(),
  requests: 1_204,
  uncounted: false,
  models: [
    { model: 'claude-opus-5-5', requests: 1_200 },
    { model: 'claude-haiku-5-5', requests: 4 },
  ],
  ...change,
});

function known(facts: KeyFacts, owner: string | null, used: Impact | null): Incident {
  const game = play([hintReport()]);
  game.observe('identify-key', exactMatch(facts));
  if (owner !== null)
    game.observe('find-owner', {
      type: 'owner',
      owner: { id: 'u', type: 'user', name: owner, slack_user: null },
    });
  if (used !== null) game.observe('measure-impact', { type: 'impact', impact: used });
  return game.subject.incident;
}

test('whose key it is, what it was used for, and what stops', () => {
  const facts = keyFacts();
  const { text, title } = deactivateDialog(known(facts, 'Dana Reyes', impact()), 'k1', facts);
  expect(title?.text).toBe('Deactivate this key?');
  expect(text.text.split('\n')).toEqual([
    'prod-api-gateway-2026-04-25',
    'Workspace: Production',
    'Environment: production',
    'Owner: Dana Reyes',
    'Last hour: 1,204 requests, claude-opus-5-5, claude-haiku-5-5; figures until 02:55 UTC',
    'Everything that uses this key stops working. It can be undone in the Console.',
  ]);
});

describe('the last hour', () => {
  test.each([
    ['nothing was measured', null, 'Last hour: not known'],
    [
      'the figures end before it',
      impact({ requests: 0, models: [], refreshed_at: new Date(T0 - 4e6).toISOString() }),
      'Last hour: not known; figures until 01:53 UTC',
    ],
    ['no use', impact({ requests: 0, models: [] }), 'Last hour: no requests; figures until 02:55 UTC'],
    [
      'no use, by figures of unknown age',
      impact({ requests: 0, models: [], refreshed_at: null }),
      'Last hour: no use seen; freshness not known',
    ],
    [
      'use that is not counted',
      impact({ requests: 0, uncounted: true, refreshed_at: null, models: [] }),
      'Last hour: used, requests not counted; freshness not known',
    ],
    [
      'use of which some is not counted',
      impact({ requests: 3, uncounted: true, models: [] }),
      'Last hour: at least 3 requests; figures until 02:55 UTC',
    ],
    ['one request', impact({ requests: 1, models: [] }), 'Last hour: 1 request; figures until 02:55 UTC'],
    [
      'millions',
      impact({ requests: 12_345_678, models: [] }),
      'Last hour: 12,345,678 requests; figures until 02:55 UTC',
    ],
  ])('%s', (_, given, words) => {
    expect(impactWords(given)[0]).toBe(words);
  });

  test('is told shorter by whole models, never by part of a number or a word', () => {
    expect(impactWords(impact())).toEqual([
      'Last hour: 1,204 requests, claude-opus-5-5, claude-haiku-5-5; figures until 02:55 UTC',
      'Last hour: 1,204 requests, claude-opus-5-5 and 1 more; figures until 02:55 UTC',
      'Last hour: 1,204 requests; figures until 02:55 UTC',
    ]);
  });
});

const long = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.constantFrom('x'.repeat(300), '🔥'.repeat(99)),
);

test('whatever the lengths, it fits, and impact, environment and warning stand in it whole', () => {
  fc.assert(
    fc.property(long, long, long, long, fc.nat(), (name, workspace, owner, model, requests) => {
      const facts = keyFacts({ name, workspace: { id: 'w', name: workspace } });
      const used = impact({ requests, models: Array.from({ length: 5 }, () => ({ model, requests: 1 })) });
      const { text } = deactivateDialog(known(facts, owner, used), 'k1', facts);
      expect(text.text.length).toBeLessThanOrEqual(300);
      expect(text.text.isWellFormed()).toBe(true);
      expect(text.text).toMatch(/\nWorkspace: .*\nEnvironment: \w+\nOwner: .*\nLast hour: .*UTC\nEverything/);
      expect(impactWords(used).some((words) => text.text.includes(`\n${words}\n`))).toBe(true);
      expect(text.text).toMatch(/stops working\. It can be undone in the Console\.$/);
    }),
    { numRuns: thorough(40) },
  );
});

test('two long names that differ at their end stay apart', () => {
  const texts = ['east', 'west'].map((end) => {
    const facts = keyFacts({ name: `${'prod-service-'.repeat(10)}${end}` });
    return deactivateDialog(known(facts, null, null), 'k1', facts).text.text;
  });
  expect(texts[0]).not.toBe(texts[1]);
});

test('of several keys the names as far as they fit, then how many more, and what they have in common', () => {
  const game = play([hintReport()]);
  const keys = Array.from({ length: 20 }, (_, n) => ({
    subject: `k${n + 1}`,
    facts: keyFacts({
      id: `apikey_${n}`,
      name: n < 12 ? `prod-service-number-${n}` : `staging-${n}`,
      workspace: { id: n < 12 ? 'w1' : 'w2', name: n < 12 ? 'Production' : 'Staging' },
    }),
  }));
  const { title, text } = deactivateAllDialog(game.subject.incident, keys);
  expect(title?.text).toBe('Deactivate all 20 keys?');
  expect(text.text).toMatch(/^prod-service-number-0, prod-service-number-1.* and 1\d more\n/);
  expect(text.text).toContain('Workspaces: 2 · owners: 1\nEnvironments: 12 production, 8 staging');
  expect(text.text.length).toBeLessThanOrEqual(300);
});

test('names of any length leave room for what stops', () => {
  fc.assert(
    fc.property(fc.array(long, { minLength: 2, maxLength: 20 }), (names) => {
      const keys = names.map((name, n) => ({ subject: `k${n}`, facts: keyFacts({ id: `${n}`, name }) }));
      const { text } = deactivateAllDialog(play().subject.incident, keys);
      expect(text.text.length).toBeLessThanOrEqual(300);
      expect(text.text).toMatch(
        /Everything that uses these keys stops working\. It can be undone in the Console\.$/,
      );
    }),
    { numRuns: thorough(40) },
  );
});

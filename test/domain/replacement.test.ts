import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  replacementWarnings,
  sameWorkspace,
  successorsOf,
  suggestedName,
} from '../../src/domain/replacement.ts';
import { keyFacts, T0 } from '../support/cases.ts';

const staging = { id: 'wrkspc_01staging', name: 'Staging' };

test.each([
  ['prod-api-gateway-2026-04-25', 'Production', 'prod-api-gateway-2026-11-23'],
  ['checkout', 'Production', 'prod-checkout-2026-11-23'],
  ['Search Index 2026-04', 'Staging', 'staging-search-index-2026-11-23'],
  ['dana-laptop', 'Development', 'dev-dana-laptop-2026-11-23'],
  ['internal-tools', 'Default', 'internal-tools-2026-11-23'],
  ['billing', 'Default', 'default-billing-2026-11-23'],
  ['7', '42', 'key-7-2026-11-23'],
  ['🔥', 'Production', 'prod-service-2026-11-23'],
])('%s in %s is suggested to become %s', (name, workspace, suggested) => {
  expect(suggestedName(keyFacts({ name, workspace: { id: 'w', name: workspace } }), T0)).toBe(suggested);
});

test('a key that is replaced on the day it was made is not given its own name again', () => {
  const made = keyFacts({ name: 'prod-checkout-2026-11-23' });
  expect(suggestedName(made, T0)).toBe('prod-checkout-new-2026-11-23');
});

test('whatever a key is called, the suggested name is short, new, and one that brings no warning', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.string(), (name, place) => {
      const leaked = keyFacts({ name, workspace: { id: 'w', name: place } });
      const suggested = suggestedName(leaked, T0);
      expect(replacementWarnings(leaked, { ...leaked, name: suggested })).toEqual([]);
      expect(suggested).not.toBe(name);
      expect(suggested.length).toBeLessThan(150);
    }),
  );
});

test('successors are active keys made since then, newest first, and none of the leaked ones', () => {
  const made = (id: string, seconds: number, change = {}) =>
    keyFacts({ id, created_at: new Date(T0 + seconds * 1_000).toISOString(), ...change });
  const keys = [
    made('early', -3_600),
    made('skewed', -30),
    made('dead', 10, { status: 'inactive' }),
    made('leaked', 10),
    made('first', 10),
    made('second', 20),
    made('undated', 0, { created_at: null }),
  ];
  expect(successorsOf(keys, ['leaked'], T0).map(({ id }) => id)).toEqual(['second', 'first', 'skewed']);
});

test('a name without environment, service and date is odd, and so is another workspace', () => {
  const leaked = keyFacts();
  expect(replacementWarnings(leaked, keyFacts({ name: 'prod-api-2026-11-23' }))).toEqual([]);
  expect(replacementWarnings(leaked, keyFacts({ name: 'new key' }))).toEqual(['name']);
  expect(replacementWarnings(leaked, keyFacts({ name: 'x', workspace: staging }))).toEqual([
    'name',
    'workspace',
  ]);
});

test('an organisation’s key is of no workspace, not even of one without an id', () => {
  const whole = keyFacts({ scope: 'organization', workspace: null });
  expect(sameWorkspace(whole, keyFacts({ scope: 'organization', workspace: null }))).toBe(true);
  expect(sameWorkspace(whole, keyFacts({ workspace: null }))).toBe(false);
});

import { expect, test } from 'vitest';
import { candidateFacts } from '../../src/slack/candidates.ts';
import { exactMatch, keyFacts, play, T0 } from '../support/cases.ts';

const listing = (name: string, id = keyFacts().id) => ({
  keys: [keyFacts({ id, name })],
  complete: true,
  readAt: T0 + 60_000,
});

test('a key that the room offers is the one that was shown there, not what a newer listing makes of it', () => {
  const offered = play([{ query: { shape: 'name', name: 'prod' }, words: 'prod' }]);
  offered.observe('identify-key', {
    type: 'matched',
    listing: listing('prod-as-shown'),
    match: { outcome: 'candidates', why: 'name', keys: [keyFacts({ name: 'prod-as-shown' })] },
  });
  expect(candidateFacts(offered.subject, 'k1', keyFacts().id, listing('prod-renamed'))?.name).toBe(
    'prod-as-shown',
  );
});

test('of a key that changed, its picture as offered anew counts before the one that was confirmed', () => {
  const changed = play();
  changed.observe('identify-key', exactMatch());
  changed.request(
    { actor: 'U0RESPONDER', role: 'responder', grounds: { by: 'configured', listAgeMs: null } },
    { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null },
  );
  changed.observe('deactivate-key', {
    type: 'changed',
    found: keyFacts({ name: 'moved' }),
    readAt: T0 + 3_000,
  });
  expect(candidateFacts(changed.subject, 'k1', keyFacts().id, null)?.name).toBe('moved');
});

test('what is in neither room nor listing is nothing', () => {
  const { subject } = play();
  expect(candidateFacts(subject, 'k1', 'apikey_gone', listing('x'))).toBeNull();
  expect(candidateFacts(subject, 'k1', 'apikey_other', listing('other', 'apikey_other'))?.name).toBe('other');
  expect(candidateFacts(subject, 'k9', keyFacts().id, null)).toBeNull();
});

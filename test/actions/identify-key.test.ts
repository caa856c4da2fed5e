// identify-key: a fresh and whole listing, and only an exact match names a key.

import { expect, test } from 'vitest';
import { identifyKey } from '../../src/actions/identify-key.ts';
import type { Case } from '../../src/domain/incident.ts';
import { failureOf, rig } from '../providers/anthropic-rig.ts';
import { hintReport, play, T0 } from '../support/cases.ts';
import { runOf, world } from './anthropic-world.ts';

function reported(start: string, end: string): Case {
  return play([hintReport(start, end)]).subject;
}

test('a hint with both ends that only one key fits is an exact match, found in a fresh listing', async () => {
  const { provider, sent } = rig();
  const seen = await identifyKey.perform(world(reported('R2D', 'igAA'), runOf('identify-key'), provider));
  expect(seen).toMatchObject({
    type: 'matched',
    listing: { complete: true, readAt: T0 },
    match: { outcome: 'exact', key: { id: 'apikey_01ProdGateway', workspace: { name: 'Production' } } },
  });
  expect(sent).toContain('GET /v1/organizations/api_keys');
});

test('a key that died before is found too', async () => {
  const { provider } = rig();
  const seen = await identifyKey.perform(world(reported('B6s', 'm1AA'), runOf('identify-key'), provider));
  expect(seen).toMatchObject({ match: { outcome: 'exact', key: { status: 'inactive' } } });
});

test('an end that two keys share names neither: both are offered', async () => {
  const { provider } = rig();
  const subject = play([
    { query: { shape: 'end', family: null, start: null, end: '9kAA' }, words: '...9kAA' },
  ]).subject;
  expect(await identifyKey.perform(world(subject, runOf('identify-key'), provider))).toMatchObject({
    match: {
      outcome: 'candidates',
      why: 'single_end',
      keys: [{ name: 'prod-search-index' }, { name: 'staging-search-index' }],
    },
  });
});

test('no key that fits is an observation, not an error', async () => {
  const { provider } = rig();
  const seen = await identifyKey.perform(world(reported('zzz', 'zzAA'), runOf('identify-key'), provider));
  expect(seen).toMatchObject({ type: 'matched', match: { outcome: 'none' } });
});

test('a listing that could not be read to its end identifies nothing', async () => {
  const { provider } = rig({ between: () => Promise.resolve(new Response('{"data":[', { status: 200 })) });
  const work = identifyKey.perform(world(reported('R2D', 'igAA'), runOf('identify-key'), provider));
  expect(await failureOf(work)).toMatchObject({ code: 'KL_ANTHROPIC_UNREADABLE', outcome: 'unknown' });
});

test('without a provider the step is for a person', async () => {
  const work = identifyKey.perform(world(reported('R2D', 'igAA'), runOf('identify-key'), null));
  expect(await failureOf(work)).toMatchObject({ code: 'KL_PROVIDER_MISSING', outcome: 'refused' });
});

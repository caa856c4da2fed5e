// What a key was used for in the last hour, for whoever is about to stop it.

import { expect, test } from 'vitest';
import { measureImpact } from '../../src/actions/measure-impact.ts';
import { failureOf, never, rig } from '../providers/anthropic-rig.ts';
import { exactMatch, play } from '../support/cases.ts';
import { NOW, runOf, world } from './anthropic-world.ts';

const ID = 'apikey_01ProdGateway';
const MINUTE = 60_000;

async function measured(
  parts: Parameters<typeof rig>[0] = {},
  use: (it: ReturnType<typeof rig>) => void = () => undefined,
) {
  const it = rig({ clock: { now: () => NOW }, ...parts });
  const key = (await it.provider.list(never)).keys.find(({ id }) => id === ID);
  if (key === undefined) throw new Error('no key');
  const game = play();
  game.observe('identify-key', exactMatch(key));
  use(it);
  return measureImpact.perform(world(game.subject, runOf('measure-impact'), it.provider));
}

test('requests of the last hour, of this key alone, models by use, and how fresh the figures are', async () => {
  const seen = await measured({}, ({ practice }) => {
    practice.use(ID, { at: NOW - 20 * MINUTE, requests: 4, model: 'claude-haiku-5-5' });
    practice.use(ID, { at: NOW - 30 * MINUTE, requests: 1_200, model: 'claude-opus-5-5' });
    practice.use(ID, { at: NOW - 90 * MINUTE, requests: 9 });
    practice.use('apikey_01ProdWorker', { at: NOW - 20 * MINUTE, requests: 70 });
  });
  expect(seen).toMatchObject({
    type: 'impact',
    impact: {
      requests: 1_204,
      uncounted: false,
      refreshed_at: new Date(NOW - 5 * MINUTE).toISOString(),
      models: [
        { model: 'claude-opus-5-5', requests: 1_200 },
        { model: 'claude-haiku-5-5', requests: 4 },
      ],
    },
  });
});

test('the older report tells of use that it does not count, and not how fresh it is', async () => {
  const seen = await measured({ analytics: 'not_enrolled' }, ({ practice }) =>
    practice.use(ID, { at: NOW - 20 * MINUTE, requests: 4 }),
  );
  expect(seen).toMatchObject({ impact: { requests: 0, uncounted: true, refreshed_at: null } });
});

test('no figures at all are a failure, never an hour without use', async () => {
  const failure = await failureOf(
    measured({
      between: (request, next) =>
        /usage/.test(request.url) ? Promise.resolve(new Response('{}', { status: 403 })) : next(),
    }),
  );
  expect(failure.code).toBe('KL_ANTHROPIC_USAGE_UNAVAILABLE');
});

// Whoever needs a listing shares the one that is fresh enough for them, and nobody is held up by one that hangs.

import { expect, test, vi } from 'vitest';
import { sharedListing } from '../../src/providers/shared-listing.ts';
import { T0 } from '../support/cases.ts';
import { failureOf, type Rig, rig } from './anthropic-rig.ts';

const listings = ({ sent }: Rig) => sent.filter((what) => what.endsWith('/api_keys')).length;
const patient = () => new AbortController();

function shared(between?: Parameters<typeof rig>[0]) {
  let now = T0;
  const under = rig({ ...between, clock: { now: () => now } });
  return {
    under,
    provider: sharedListing(under.provider, { now: () => now }),
    step: (ms: number) => {
      now += ms;
    },
  };
}

test('fifty who ask at the same moment cost one listing, and whoever comes later with an older need none', async () => {
  const { provider, under, step } = shared();
  const all = await Promise.all(Array.from({ length: 50 }, () => provider.list(patient().signal, T0)));
  expect(new Set(all).size).toBe(1);
  expect(listings(under)).toBe(1);
  step(60_000);
  expect(await provider.list(patient().signal, T0 - 1)).toBe(all[0]);
  expect(listings(under)).toBe(1);
});

test('one that began before the need does not serve it, even under way', async () => {
  const { provider, under, step } = shared();
  const first = provider.list(patient().signal);
  step(1);
  const second = provider.list(patient().signal);
  expect(await second).not.toBe(await first);
  expect((await second).readAt).toBe(T0 + 1);
  expect(await provider.list(patient().signal, T0 + 1)).not.toBe(await second);
  expect(listings(under)).toBe(3);
});

test('one that hangs is joined for two seconds only, and goes on while anybody waits', async () => {
  let aborted = 0;
  let hanging = true;
  const { provider, under, step } = shared({
    between: (request, next) =>
      hanging
        ? new Promise((_, reject) => {
            request.signal.addEventListener('abort', () => {
              aborted += 1;
              reject(request.signal.reason as Error);
            });
          })
        : next(),
  });
  const [one, two] = [patient(), patient()];
  const first = failureOf(provider.list(one.signal, T0));
  step(2_000);
  const second = failureOf(provider.list(two.signal, T0));
  await vi.waitFor(() => expect(listings(under)).toBe(1), 10_000);
  one.abort();
  expect(await first).toMatchObject({ code: 'KL_ANTHROPIC_TIMEOUT' });
  expect(aborted).toBe(0);
  hanging = false;
  step(1);
  expect((await provider.list(patient().signal, T0)).complete).toBe(true);
  two.abort();
  await second;
  expect(aborted).toBeGreaterThan(0);
  expect(listings(under)).toBe(2);
});

test('one that failed fails for all who waited, and the next asks anew', async () => {
  let broken = true;
  const { provider, under } = shared({
    between: async (_, next) => (broken ? new Response('{}', { status: 500 }) : next()),
  });
  const failures = await Promise.all([1, 2].map(() => failureOf(provider.list(patient().signal, T0))));
  expect(failures.map(({ code }) => code)).toEqual(['KL_ANTHROPIC_UNAVAILABLE', 'KL_ANTHROPIC_UNAVAILABLE']);
  expect(listings(under)).toBe(1);
  broken = false;
  expect((await provider.list(patient().signal, T0)).complete).toBe(true);
});

test('a clock that was put back makes no old listing a new one', async () => {
  const { provider, under, step } = shared();
  await provider.list(patient().signal);
  step(-60_000);
  await provider.list(patient().signal);
  expect(listings(under)).toBe(2);
});

test('whoever has left already asks for nothing', async () => {
  const { provider, under } = shared();
  await failureOf(provider.list(AbortSignal.abort(), T0));
  expect(listings(under)).toBe(0);
});

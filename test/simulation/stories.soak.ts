// Stories from seed to seed until the time is over; every failure is reported, none ends the soak.

import { expect, test } from 'vitest';
import { endingOf, report, shortest } from './run-seeds.ts';

test('stories without end keep every promise', async () => {
  const until = Date.now() + Number(process.env.SOAK_MINUTES) * 60_000;
  const first = Number(process.env.SOAK_FIRST);
  const began = performance.now();
  const sum = { seeds: 0, incidents: 0, crashes: 0, failures: 0 };
  for (let seed = first; performance.timeOrigin + performance.now() < until; seed += 1) {
    const ending = await endingOf({ seed });
    sum.seeds += 1;
    sum.incidents += ending.incidents;
    sum.crashes += ending.crashes;
    if (ending.failure === null) continue;
    sum.failures += 1;
    const again = report('test/simulation/seeds-1.slow.test.ts', { seed }, await shortest({ seed }, ending));
    process.stderr.write(`${again.message}\n`);
  }
  const perSecond = (sum.incidents / ((performance.now() - began) / 1_000)).toFixed(1);
  process.stderr.write(
    `${JSON.stringify({ first, ...sum, incidents_per_second_and_core: Number(perSecond) })}\n`,
  );
  expect(sum.failures).toBe(0);
});

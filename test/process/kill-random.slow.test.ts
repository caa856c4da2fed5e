// The bot dies by SIGKILL fifty times, wherever chance will have it.

import { expect, test } from 'vitest';
import { seeded } from '../support/virtual-time.ts';
import { openOrdeal, rest } from './ordeal.ts';

test('a bot that dies at fifty random boundaries loses nothing and does nothing twice', {
  timeout: 600_000,
}, async () => {
  const chance = seeded(23);
  const ordeal = await openOrdeal();
  let deaths = 0;
  for (let life = 0; life < 200 && deaths < 50; life += 1)
    if ((await ordeal.live({ DIE_AFTER: String(1 + chance.below(40)) })) !== null) deaths += 1;
  expect(deaths).toBe(50);
  await rest(ordeal);
});

// Brings one bot up over its database, and down again: what `start` and `demo` have in common.

import { createKeyleak, type Keyleak, type World } from '../app.ts';
import type { BotConfig } from '../config.ts';
import { KeyleakError } from '../domain/errors.ts';
import { loadRunbooks } from '../runbook/load.ts';
import { openSigningKey } from '../store/signing-key.ts';
import { openStore } from '../store/store.ts';
import { RUNBOOK_ID, SHIPPED } from './world.ts';

/** The bot, not yet started, with its database open and held. Throws the error that keeps it from starting. */
export async function boot(config: BotConfig, world: World, holder: string): Promise<Keyleak> {
  const runbook = (await loadRunbooks(SHIPPED.runbooks)).get(RUNBOOK_ID);
  if (runbook === undefined) {
    throw new KeyleakError(
      'KL_RUNBOOK_MISSING',
      `The runbook ${RUNBOOK_ID} is not among the runbooks that ship with keyleak.`,
      'Install keyleak again, or restore its folder runbooks.',
    );
  }
  const signer = await openSigningKey(config.signingKey);
  const store = await openStore({
    path: config.database,
    migrations: SHIPPED.migrations,
    signer,
    clock: world.clock,
    randomness: world.randomness,
    boundary: world.boundary,
    holder,
  });
  return createKeyleak({ config, store, signer, runbook, world });
}

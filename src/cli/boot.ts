// Brings one bot up over its database, and down again: what `start` and `demo` have in common. While it runs the command
// line reaches it by the socket beside the database.

import { createKeyleak, type Keyleak, type World } from '../app.ts';
import type { BotConfig, Config } from '../config.ts';
import { type Control, serveControl } from '../control/server.ts';
import { controlPath } from '../control/socket-path.ts';
import { KeyleakError } from '../domain/errors.ts';
import type { Signer, Store } from '../domain/ports.ts';
import { type Runbooks, runbooks } from '../engine/runbooks.ts';
import { loadRunbooks } from '../runbook/load.ts';
import { openSigningKey } from '../store/signing-key.ts';
import { openStore } from '../store/store.ts';
import { RUNBOOK_ID, SHIPPED } from './world.ts';

/** The bot, not yet started, with its database open and held. Throws the error that keeps it from starting. */
export async function boot(config: BotConfig, world: World, holder: string): Promise<Keyleak> {
  const bot = createKeyleak({ config, world, ...(await openLog(config, world, holder)) });
  let control: Control | null = null;
  return {
    ...bot,
    async start() {
      await bot.start();
      control = await openControl(bot, config.database, world);
    },
    async stop() {
      try {
        await control?.close();
      } catch (error) {
        world.log.error(error);
      }
      await bot.stop();
    },
  };
}

/** Without the socket the bot still does its work, so what forbids it is no more than told. */
async function openControl(bot: Keyleak, database: string, { log }: World): Promise<Control | null> {
  const onFault = (error: unknown): void => log.error(error);
  try {
    return await serveControl({ engine: bot.engine, path: controlPath(database), onFault });
  } catch (error) {
    onFault(error);
    return null;
  }
}

/** The database, open and held, with what an engine needs beside it. Throws as `boot` does. */
export async function openLog(
  config: Pick<Config, 'database' | 'signingKey'>,
  world: Pick<World, 'clock' | 'randomness' | 'boundary'>,
  holder: string,
): Promise<{ store: Store; signer: Signer; runbooks: Runbooks }> {
  const all = await loadRunbooks(SHIPPED.runbooks);
  const runbook = all.get(RUNBOOK_ID);
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
  return { store, signer, runbooks: runbooks(all, runbook) };
}

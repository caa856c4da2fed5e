// The engine without Slack, in a process that holds the database's lock: it finds and kills keys. Everything else stays
// in the log as it is, for the bot that comes after it.

import { ACTIONS, automatedWith, PATIENT_ACTIONS } from '../actions/registry.ts';
import { keyProviderOf, type World } from '../app.ts';
import type { Config } from '../config.ts';
import { carryOut } from '../control/desk.ts';
import type { Command, Told } from '../control/protocol.ts';
import type { Store } from '../domain/ports.ts';
import { createEngine } from '../engine/engine.ts';
import { createKeyCache } from '../engine/key-cache.ts';
import { createRunner } from '../engine/runner.ts';
import { createOutbound } from '../outbound.ts';
import { openLog } from './boot.ts';

export type LocalWorld = Omit<World, 'receiver'>;

export interface LockHolder {
  readonly log: Pick<Store, 'load' | 'runbook'>;
  /** False without a provider: then nothing can be found or killed here. */
  readonly acts: boolean;
  carryOut(command: Command): Promise<Told>;
  /** Looks for runs that became due. */
  kick(): void;
  /** Finishes what is in hand and gives the lock back. */
  close(): Promise<void>;
}

/** Runs that are carried out here: who needs Slack, or can wait, waits for the bot. */
const URGENT = /\/(?:identify|deactivate)-key@\d+$/;

/** Takes the lock. Throws KL_DATABASE_HELD, and what opening the database throws. */
export async function holdLock(config: Config, world: LocalWorld, holder: string): Promise<LockHolder> {
  const { clock, alarm, randomness, boundary, log } = world;
  const { store, signer, runbooks } = await openLog(config, world, holder);
  const outbound = createOutbound({ fetch: world.fetch, clock, onAlarm: (found) => log.alarm(found) });
  const provider = keyProviderOf(config.anthropic, { outbound, clock, alarm });
  const keys = createKeyCache();
  const engine = createEngine({
    store,
    runbooks,
    rules: config.policy.rules,
    clock,
    randomness,
    // Whatever is wanted is written down, also what only the bot can do.
    automated: automatedWith({ provider: true, chat: true, pager: config.paging !== null }),
    keys,
    boundary,
  });
  const runner = createRunner({
    store,
    engine,
    actions: ACTIONS,
    providerFor: () => provider,
    chat: null,
    pager: null,
    keys,
    clock,
    alarm,
    fingerprint: signer.fingerprint,
    except: [...ACTIONS.keys()].filter((name) => provider === null || !URGENT.test(name)),
    boundary,
    onFault: (error) => log.error(error),
  });
  engine.onChange(() => runner.kick());
  await store.reclaim(clock.now(), PATIENT_ACTIONS);
  runner.kick();
  return {
    log: store,
    acts: provider !== null,
    carryOut: (command) => carryOut(engine, command),
    kick: () => runner.kick(),
    async close() {
      await runner.stop();
      await store.close();
    },
  };
}

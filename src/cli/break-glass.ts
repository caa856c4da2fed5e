// How the command line gets something done when Slack cannot help: through the running bot, or as the holder of the
// database's lock if none runs. Should the bot die meanwhile, the same command is asked again of what comes after it.

import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../config.ts';
import { askBot } from '../control/client.ts';
import type { Command, Told, Wish } from '../control/protocol.ts';
import { controlPath } from '../control/socket-path.ts';
import type { LoggedEntry } from '../domain/entry.ts';
import { type ErrorFacts, KeyleakError } from '../domain/errors.ts';
import { foldIncident } from '../domain/evolve.ts';
import type { Case } from '../domain/incident.ts';
import { createLog } from '../log.ts';
import { openReader } from '../store/reader.ts';
import type { Io } from './io.ts';
import { holdLock, type LocalWorld, type LockHolder } from './lock-holder.ts';
import { realWorld } from './world.ts';

/** What a break-glass command takes from the machine besides `Io`. */
export interface Machine {
  readonly world: LocalWorld;
  pause(ms: number): Promise<void>;
}

export function realMachine(): Machine {
  const log = createLog({ level: 'error', destination: process.stderr });
  return { world: realWorld({ log, receiver: neverReceives }), pause: (ms) => pause(ms) };
}

/** An incident as it is at this moment. */
export interface Sight {
  readonly case: Case;
  readonly entries: readonly LoggedEntry[];
}

export interface BreakGlass {
  /** bot: it does the work, Slack included. lock: this process does it, and the bot what is left when it starts again. */
  through(): 'bot' | 'lock';
  /** False where this process would have to reach the provider and has no admin key. */
  acts(): boolean;
  ask(wish: Wish): Promise<Accepted | Refusal>;
  /** Null when there is no such incident. */
  look(incident: string): Promise<Sight | null>;
  pause(ms: number): Promise<void>;
}

export type Accepted = Extract<Told, { outcome: 'done' | 'duplicate' }>;
export type Refusal = { readonly outcome: 'refused'; readonly refusal: ErrorFacts };

/** A bot that starts or stops holds the lock for a moment without listening. */
const REACH_WITHIN_MS = 15_000;
const REACH_EVERY_MS = 500;
/** How often a bot that works for us is asked whether it still lives. */
const ALIVE_EVERY_MS = 2_000;

type Line = { readonly bot: true } | { readonly bot: false; readonly holder: LockHolder };

/**
 * Does `work` by way of whoever can do it. `as` names the operator and the command, such as `keyleak deactivate`.
 * Throws KL_STORE_MISSING, KL_CONTROL_BUSY, and what `askBot` and `holdLock` throw.
 */
export async function breakGlass<T>(
  io: Io,
  machine: Machine,
  as: { readonly operator: string; readonly command: string },
  work: (glass: BreakGlass) => Promise<T>,
): Promise<T> {
  const { database } = loadConfig({ env: io.env, cwd: io.cwd, need: 'store' });
  if (!existsSync(database)) throw noLog(database);
  const place = { path: controlPath(database), database, alarm: machine.world.alarm };
  let line: Line | null = null;
  let heardAt = 0;

  async function overSocket(command: Command): Promise<Told | null> {
    const told = await askBot(place, command);
    heardAt = io.now();
    return told;
  }

  async function reach(): Promise<Line> {
    const until = io.now() + REACH_WITHIN_MS;
    for (let first = true; ; first = false) {
      try {
        if ((await overSocket({ call: 'hello' })) !== null) return { bot: true };
        return { bot: false, holder: await hold(io, machine, as.command) };
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (io.now() >= until) throw busy(error);
        if (first) await io.err(`${error.message} Waiting for it …\n`);
        await machine.pause(REACH_EVERY_MS);
      }
    }
  }

  /** The answer to a command that may be asked more than once. */
  async function asked(command: Command): Promise<Told> {
    for (;;) {
      line ??= await reach();
      if (!line.bot) return line.holder.carryOut(command);
      try {
        const told = await overSocket(command);
        if (told !== null) return told;
      } catch (error) {
        if (!(error instanceof KeyleakError) || error.code !== 'KL_CONTROL_LOST') throw error;
      }
      await io.err('The bot went away. Looking for who goes on …\n');
      line = null;
    }
  }

  const glass: BreakGlass = {
    through: () => (line?.bot === false ? 'lock' : 'bot'),
    acts: () => line?.bot !== false || line.holder.acts,
    async ask(wish) {
      const delivery = `cli:${Buffer.from(machine.world.randomness.bytes(16)).toString('hex')}`;
      const told = await asked({ ...wish, operator: as.operator, delivery } as Command);
      if (told.outcome === 'hello') throw new Error('a command was answered with hello');
      return told;
    },
    async look(incident) {
      if (line?.bot !== false && io.now() - heardAt >= ALIVE_EVERY_MS) await asked({ call: 'hello' });
      if (line?.bot === false) {
        line.holder.kick();
        return sightOf(line.holder.log, incident);
      }
      const reader = openReader(database);
      try {
        return await sightOf(reader, incident);
      } finally {
        await reader.close();
      }
    },
    pause: (ms) => machine.pause(ms),
  };

  try {
    line = await reach();
    return await work(glass);
  } finally {
    await closeLine(line);
  }
}

function closeLine(line: Line | null): Promise<void> {
  return line === null || line.bot ? Promise.resolve() : line.holder.close();
}

async function hold(io: Io, machine: Machine, command: string): Promise<LockHolder> {
  const config = loadConfig({ env: io.env, cwd: io.cwd, need: 'provider' });
  const holder = await holdLock(config, machine.world, command);
  for (const warning of config.warnings) await io.err(`Warning: ${warning}\n`);
  await io.err('No bot runs; this command does the work itself.\n');
  return holder;
}

async function sightOf(log: LockHolder['log'], id: string): Promise<Sight | null> {
  const entries = await log.load(id);
  const incident = entries === null ? null : foldIncident(entries);
  const runbook = incident === null ? null : await log.runbook(incident.runbook.sha256);
  return entries === null || incident === null || runbook === null
    ? null
    : { case: { incident, runbook }, entries };
}

/** What is over when a bot has come up or gone down. */
function isPassing(error: unknown): error is KeyleakError {
  return (
    error instanceof KeyleakError && (error.code === 'KL_DATABASE_HELD' || error.code === 'KL_CONTROL_LOST')
  );
}

function busy(cause: KeyleakError): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_BUSY',
    `${cause.message} It does not listen to the command line.`,
    'If it is a bot, see its log for why it opened no socket, or stop it and run the command again: then it does the work itself.',
    { cause },
  );
}

function noLog(database: string): KeyleakError {
  return new KeyleakError(
    'KL_STORE_MISSING',
    `There is no database at ${database}.`,
    'Name the bot’s own file with KEYLEAK_DB, so that the bot and its people see what you do. Only where no bot ever ran, run keyleak start once: it makes the file even while Slack is down.',
  );
}

function neverReceives(): never {
  throw new Error('the command line has no receiver');
}

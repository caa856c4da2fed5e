// One seed is one story: people in a hurry, a network with weather, a clock that steps, a disk that fills up, channels
// that are archived, deliveries that come twice, and a bot that may crash at any named boundary. Every third is told over
// HTTP. The same seed tells the same story, byte for byte.

import Database from 'better-sqlite3';
import type { Channel } from '../../src/sandbox/slack/world.ts';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { seeded } from '../support/virtual-time.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';
import { type Crowd, crowd } from './crowd.ts';
import { repeating } from './deliveries.ts';
import { disguises } from './disguises.ts';
import { weather } from './weather.ts';

export interface Told extends Pick<Crowd, 'noted' | 'opened'> {
  readonly workspace: Workspace;
  /** What people did and what came of it, a line each. */
  readonly trace: readonly string[];
  readonly canary: string;
  /** Channels that somebody archived for a while. */
  readonly archived: readonly Channel[];
  readonly crashes: number;
  readonly moves: number;
}

export interface Plot {
  readonly seed: number;
  /** At most so many moves; the story before them is the same. */
  readonly moves?: number;
  /** One incident at a time and few moves: many of these fit into a minute. */
  readonly short?: boolean;
  /** Told of every boundary that is passed. */
  readonly passed?: (boundary: string) => void;
}

/** Long enough for every attempt and deadline of the first five minutes, and for what is swept up ten minutes later. */
const EPILOGUE_MS = 12 * 60_000;

export async function tell(plot: Plot): Promise<Told> {
  const { seed, short = false } = plot;
  const chance = seeded(seed);
  const trace: string[] = [];
  const canary = anthropicKey(seed + 1);
  let crashes = 0;
  let countdown = Number.POSITIVE_INFINITY;
  let dead = false;
  let full = false;

  const sky = weather(chance, () => workspace.time);
  const workspace: Workspace = await openWorkspace({
    seed,
    inMemory: true,
    wrap: sky.wrap,
    ...(seed % 3 === 0
      ? { http: { replayed: () => chance.next() < 0.2 } }
      : { link: repeating(chance, () => workspace.time) }),
    boundary(name) {
      plot.passed?.(name);
      if (full && name === 'store:written')
        throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
      countdown -= 1;
      if (countdown > 0 || dead) return;
      dead = true;
      crashes += 1;
      trace.push(`crash at ${name}`);
      workspace.kill();
      throw new Error(`crash at ${name}`);
    },
  });
  const people = crowd({
    workspace,
    chance,
    size: short ? 1 : 8,
    pasted: disguises(canary),
    seed,
    dead: () => dead,
    say: (line) => trace.push(line),
  });
  if (chance.next() < 0.6) countdown = 1 + chance.below(150);

  async function recover(): Promise<void> {
    if (!dead) return;
    await workspace.crash();
    // What is on its way lands while the bot is down.
    await workspace.pass(1_000 + chance.below(400_000));
    dead = false;
    countdown = chance.next() < 0.4 ? 1 + chance.below(150) : Number.POSITIVE_INFINITY;
    try {
      await workspace.start();
    } catch (error) {
      if (!dead) throw error;
      await recover();
    }
  }

  const archived: Channel[] = [];
  function misfortune(): void {
    const drawn = chance.next();
    if (drawn < 0.03) {
      const room = workspace.slack.channels().find((one) => one.name.startsWith('kl-') && !one.archived);
      if (room === undefined) return;
      room.archived = true;
      archived.push(room);
      trace.push(`${room.name} is archived`);
    } else if (drawn < 0.06) {
      const ms = chance.next() < 0.5 ? chance.below(300_000) : -chance.below(30_000);
      workspace.time.step(ms);
      trace.push(`the clock steps by ${ms} ms`);
    } else if (drawn < 0.09) {
      full = true;
      trace.push('the disk is full');
    }
  }

  const moves = Math.min(plot.moves ?? 99, short ? 2 + chance.below(4) : 6 + chance.below(14));
  for (let move = 0; move < moves; move += 1) {
    if (move > 0) misfortune();
    await Promise.race([people.act(move === 0), workspace.pass(4_000)]);
    await workspace.pass(chance.pick([0, 500, 3_000, 20_000, 90_000]));
    full = false;
    await recover();
  }
  sky.clear();
  for (const room of archived) room.archived = false;
  countdown = Number.POSITIVE_INFINITY;
  await workspace.pass(60_000);
  await recover();
  await workspace.pass(EPILOGUE_MS);
  const { noted, opened } = people;
  return { workspace, trace, noted, opened, archived, canary, crashes, moves };
}

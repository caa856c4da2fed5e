// keyleak demo: the real bot in a practice workspace, played from /keyleak to dead keys and a post-mortem, with what Slack
// shows printed step by step. No account, no token, no network beyond this machine.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { KeyleakError } from '../domain/errors.ts';
import { exportMarkdown } from '../export/markdown.ts';
import { openReader } from '../store/reader.ts';
import { play } from './demo-play.ts';
import { bold, createStage, type Stage } from './demo-stage.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';
import { EXIT, type Io } from './io.ts';
import { readDossier } from './open-log.ts';

/** Many times what it takes, with a person reading along. */
const LONGEST_MS = 90_000;

export async function demo(io: Io, options: { script?: boolean; directory?: string }): Promise<number> {
  const paced = options.script !== true && process.stdout.isTTY === true;
  const world = await openDemoWorld(io.cwd, options.directory ?? 'keyleak-demo', { now: () => io.now() });
  await io.out(
    `${bold('PRACTICE · a practice Slack and a practice Anthropic on this machine; the bot is the real one.')}\n`,
  );
  const stage = createStage((text) => io.out(text), paced, world);
  try {
    await inTime(play(stage, world));
  } finally {
    await world.close();
  }
  await leaveFiles(stage, world);
  return EXIT.ok;
}

/** Throws KL_DEMO_STUCK where the play does not come to its end. */
async function inTime(played: Promise<void>): Promise<void> {
  const giveUp = new AbortController();
  const late = pause(LONGEST_MS, 'late', { signal: giveUp.signal }).catch(() => 'ended');
  const ended = await Promise.race([played, late]).finally(() => giveUp.abort());
  if (ended === 'late')
    throw new KeyleakError(
      'KL_DEMO_STUCK',
      'The demo did not come to its end: something that it waits for did not show.',
      'Run it again. If it stays so, report it with what it printed.',
    );
}

async function leaveFiles(stage: Stage, world: DemoWorld): Promise<void> {
  const reader = openReader(world.database);
  try {
    const dossier = await readDossier(reader, 'KL-1', world.time.clock.now());
    const file = join(world.folder, 'KL-1.md');
    await writeFile(file, exportMarkdown(dossier));
    const { incident } = dossier.case;
    const [key] = incident.keys;
    const took =
      key?.dead == null ? 'never' : `${((key.dead.at - incident.declaredAt) / 1_000).toFixed(1)} s`;
    await stage.say(`\nFrom /keyleak to the provider’s word that the first key is dead: ${bold(took)}.`);
    await stage.say(`\nThe files are in ${world.folder}`);
    await stage.say(`   KL-1.md      the timeline and post-mortem`);
    await stage.say(`   keyleak.db   the log. Check it yourself:`);
    await stage.say(`   KEYLEAK_DB=${world.database} node dist/cli/keyleak.js verify KL-1`);
  } finally {
    await reader.close();
  }
}

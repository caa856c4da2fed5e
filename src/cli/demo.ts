// keyleak demo: the real bot in a practice workspace, played from /keyleak to a dead key and a post-mortem, with what Slack
// shows printed step by step. No account, no token, no network beyond this machine.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';
import { isLive } from '../domain/progress.ts';
import { exportMarkdown } from '../export/markdown.ts';
import { PRACTICE } from '../sandbox/slack/people.ts';
import type { SeenMessage } from '../sandbox/slack/screen.ts';
import { messageWords } from '../sandbox/slack/words.ts';
import { openReader } from '../store/reader.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';
import { EXIT, type Io } from './io.ts';
import { readDossier } from './open-log.ts';

const HINT = 'R2D...igAA';
const LEAKED = 'prod-api-gateway-2026-04-25';

export async function demo(io: Io, options: { script?: boolean; directory?: string }): Promise<number> {
  const paced = options.script !== true && process.stdout.isTTY === true;
  const stage: Stage = {
    say: (text) => io.out(`${text}\n`),
    beat: () => (paced ? pause(1_200) : Promise.resolve()),
  };
  await stage.say(
    bold('PRACTICE · a practice Slack and a practice Anthropic on this machine; the bot is the real one.'),
  );
  const world = await openDemoWorld(io.cwd, options.directory ?? 'keyleak-demo', { now: () => io.now() });
  try {
    await play(stage, world);
  } finally {
    await world.close();
  }
  await leaveFiles(io, stage, world);
  return EXIT.ok;
}

interface Stage {
  say(text: string): Promise<void>;
  /** Time to read, at a terminal. */
  beat(): Promise<void>;
}

const bold = (text: string): string => styleText('bold', text);
const dim = (text: string): string => styleText('dim', text);

async function play(stage: Stage, world: DemoWorld): Promise<void> {
  const { slack, anthropic, bot } = world;
  const rio = slack.as(PRACTICE.rio);
  const mei = slack.as(PRACTICE.mei);
  const settled = async (): Promise<void> => {
    await bot.idle();
    await bot.board.idle();
  };

  await act(stage, '03:00. Rio, on call, sees a key in a public repository and types:');
  await stage.say(`   rio   /keyleak ${HINT} https://github.com/acme/api/pull/42`);
  const { answer } = await rio.slash('engineering', `${HINT} https://github.com/acme/api/pull/42`);
  if (answer !== null) await show(stage, world, 'only rio sees', answer);

  const room = await slack.until(() => slack.channels().find(({ name }) => name.startsWith('kl-1-')));
  await slack.until(() => JSON.stringify(cardOf(world, room.id)?.blocks ?? []).includes(PRACTICE.dana));
  await slack.until(() => room.members.has(PRACTICE.dana));
  await settled();
  await act(
    stage,
    `keyleak opens a private channel, #${room.name}, calls the responders and the key’s owner, and pins a card:`,
  );
  await showCard(stage, world, room.id);

  await act(stage, 'Rio presses the red button and is asked once:');
  const pressing = await rio.click({ text: 'Deactivate key', channel: room.id });
  if (pressing.dialog !== null) {
    const { title, text, confirm, deny } = pressing.dialog;
    await box(stage, 'dialog', [title, ...text.split('\n'), `[ ${deny} ]  [ ${confirm} ]`]);
  }
  await slack.until(() => cardOf(world, room.id)?.text.startsWith('DEAD'));
  await settled();
  await act(stage, 'The provider was asked, and then asked again what it says now. The card:');
  await showCard(stage, world, room.id);
  const key = anthropic.keys().find(({ name }) => name === LEAKED);
  await stage.say(`   Anthropic says of ${LEAKED}: ${bold(key?.status ?? 'nothing')}`);

  await act(stage, 'Every step is in the log; people add what they see:');
  await stage.say('   rio   /keyleak note Replacement stored in the secrets manager and deployed.');
  await rio.slash(room.id, 'note Replacement stored in the secrets manager and deployed.');
  for (const step of ['replace-key', 'deploy-replacement', 'verify-containment']) {
    await bot.engine.request('KL-1', asResponder(), { type: 'complete', step, key: 'k1' }, null);
  }
  await settled();
  await act(stage, 'The first five minutes are done, and the log has a witness in the channel:');
  for (const message of rio.sees(room.id).filter(({ text }) => text.startsWith('Witness')))
    await show(stage, world, `#${room.name}`, message);

  await act(stage, 'In the morning Mei, the manager, closes the incident:');
  await mei.click({ text: 'Close incident', channel: room.id });
  await slack.until(() => mei.modal());
  await mei.submit({ 'In a sentence': 'The key is dead and replaced; the repository was cleaned.' });
  await settled();
  const subject = await bot.engine.view('KL-1');
  const live = subject?.incident.keys.filter((one) => isLive(subject.incident, one)) ?? [];
  if (subject?.incident.status !== 'closed' || live.length > 0 || key?.status !== 'inactive')
    throw new Error('the demo did not end as it should: the key is not known to be dead');
  await stage.say('   KL-1 is closed.');
}

function asResponder() {
  return { actor: PRACTICE.rio, role: 'responder', grounds: { by: 'group', listAgeMs: 0 } } as const;
}

async function act(stage: Stage, words: string): Promise<void> {
  await stage.beat();
  await stage.say(`\n${bold(words)}`);
}

function cardOf({ slack }: DemoWorld, channel: string): SeenMessage | undefined {
  return slack
    .as(PRACTICE.rio)
    .sees(channel)
    .find(({ pinned }) => pinned);
}

async function showCard(stage: Stage, world: DemoWorld, channel: string): Promise<void> {
  const card = cardOf(world, channel);
  if (card !== undefined) await show(stage, world, 'pinned card', card);
}

async function show(stage: Stage, { slack }: DemoWorld, where: string, message: SeenMessage): Promise<void> {
  await box(stage, where, messageWords(message, slack.reader(PRACTICE.rio), 92));
}

async function box(stage: Stage, title: string, lines: readonly string[]): Promise<void> {
  await stage.say(dim(`   ┌─ ${title}`));
  for (const line of lines.flatMap((one) => one.split('\n'))) await stage.say(`${dim('   │')} ${line}`);
  await stage.say(dim('   └─'));
}

async function leaveFiles(io: Io, stage: Stage, world: DemoWorld): Promise<void> {
  const reader = openReader(world.database);
  try {
    const dossier = await readDossier(reader, 'KL-1', io.now());
    const file = join(world.folder, 'KL-1.md');
    await writeFile(file, exportMarkdown(dossier));
    const { incident } = dossier.case;
    const [key] = incident.keys;
    const took =
      key?.dead == null ? 'never' : `${((key.dead.at - incident.declaredAt) / 1_000).toFixed(1)} s`;
    await stage.say(`\nFrom /keyleak to the provider’s word that the key is dead: ${bold(took)}.`);
    await stage.say(`\nThe files are in ${world.folder}`);
    await stage.say(`   KL-1.md      the timeline and post-mortem`);
    await stage.say(`   keyleak.db   the log. Check it yourself:`);
    await stage.say(`   KEYLEAK_DB=${world.database} node dist/cli/keyleak.js verify KL-1`);
  } finally {
    await reader.close();
  }
}

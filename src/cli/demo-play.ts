// The incident that the demo plays: two keys in a public pull request, one of them told by one end only; both die, are
// replaced, and the provider's figures prove it. Every sentence and press goes through the practice Slack as a person's
// would.

import { isLive } from '../domain/progress.ts';
import { PRACTICE } from '../sandbox/slack/people.ts';
import type { SeenMessage } from '../sandbox/slack/screen.ts';
import { messageWords } from '../sandbox/slack/words.ts';
import { bold, type Stage } from './demo-stage.ts';
import type { DemoWorld } from './demo-world.ts';

const SEEN_AT = 'https://github.com/acme/api/pull/42';
const GATEWAY = 'apikey_01ProdGateway';
const SEARCH = 'apikey_01ProdSearch';
const MINUTE_MS = 60_000;
/** Enough for figures that prove a death, and within the five minutes of the first phase. */
const LATER_MS = 3 * MINUTE_MS + 10_000;

/** Throws where anything does not come as it should. */
export async function play(stage: Stage, world: DemoWorld): Promise<void> {
  const room = await declare(stage, world);
  await kill(stage, world, room);
  await nameTheSecond(stage, world, room);
  await replace(stage, world, room);
  await prove(stage, world, room);
  await close(stage, world, room);
}

async function declare(stage: Stage, world: DemoWorld): Promise<string> {
  const { slack, anthropic, time } = world;
  anthropic.use(GATEWAY, { at: time.clock.now() - 20 * MINUTE_MS, requests: 1_204 });
  await stage.act(
    '03:00. Rio, on call, sees two keys in a public pull request; of one only the end is legible:',
  );
  const words = `R2D...igAA, ...9kAA ${SEEN_AT}`;
  await stage.types('rio', `/keyleak ${words}`);
  const { answer } = await slack.as(PRACTICE.rio).slash('engineering', words);
  if (answer !== null) await stage.show('only rio sees', answer);

  const channel = await slack.until(() => slack.channels().find(({ name }) => name.startsWith('kl-1-')));
  await slack.until(() => cardWords(world, channel.id).includes('owner @dana'));
  await slack.until(() => channel.members.has(PRACTICE.dana));
  await settled(world);
  await stage.act(
    `keyleak opens a private channel, #${channel.name}, calls the responders and the key’s owner, and pins a card:`,
  );
  await showCard(stage, world, channel.id);
  return channel.id;
}

async function kill(stage: Stage, world: DemoWorld, room: string): Promise<void> {
  const { slack, anthropic } = world;
  await stage.act('Rio presses the red button and is asked once:');
  const near = 'prod-api-gateway';
  const { dialog } = await slack.as(PRACTICE.rio).click({ text: 'Deactivate key', near, channel: room });
  if (dialog !== null)
    await stage.box('dialog', [
      dialog.title,
      ...dialog.text.split('\n'),
      `[ ${dialog.deny} ]  [ ${dialog.confirm} ]`,
    ]);
  await slack.until(() => cardWords(world, room).includes('the provider says inactive'));
  await settled(world);
  await stage.say(`   The provider was asked, and then asked again what it says now.`);
  await stage.say(`   Anthropic says of prod-api-gateway-2026-04-25: ${bold(statusOf(anthropic, GATEWAY))}`);
}

async function nameTheSecond(stage: Stage, world: DemoWorld, room: string): Promise<void> {
  const { slack, anthropic } = world;
  const rio = slack.as(PRACTICE.rio);
  await stage.act('Two keys end in 9kAA. keyleak never guesses: it offers both by name.');
  const offer = await slack.until(() =>
    messages(world, room).find(({ text }) => text.includes('which key is')),
  );
  await stage.show('in the channel', offer);
  await stage.say('   Rio presses prod-search-index, and then its red button.');
  await rio.click({
    text: buttonNamed(offer, 'prod-search-index'),
    near: 'Which key is k2?',
    channel: room,
  });
  await slack.until(() => card(world, room)?.buttons.includes('Deactivate key'));
  await settled(world);
  await rio.click({ text: 'Deactivate key', near: 'prod-search-index', channel: room });
  await slack.until(() => card(world, room)?.text.startsWith('DEAD'));
  await settled(world);
  await stage.say(`   Anthropic says of prod-search-index: ${bold(statusOf(anthropic, SEARCH))}`);
}

async function replace(stage: Stage, world: DemoWorld, room: string): Promise<void> {
  const { slack, anthropic, time } = world;
  const rio = slack.as(PRACTICE.rio);
  await stage.act(
    'Dana, who owns both, makes a new key for each in the Console, by the name that the card suggests.',
  );
  await stage.say(
    '   Rio presses Confirm replacement; keyleak lists the keys afresh and names what it found.',
  );
  const date = new Date(time.clock.now()).toISOString().slice(0, 10);
  const made: string[] = [];
  for (const name of ['prod-api-gateway', 'prod-search-index']) {
    const key = anthropic.createKey({ name: `${name}-${date}`, by: 'user_01Dana' });
    made.push(key.id);
    const near = `Create a replacement key (k${made.length})`;
    await rio.click({ text: 'Confirm replacement', near, channel: room });
    await slack.until(() => cardWords(world, room).includes(`Replaced by ${key.name}`));
    await settled(world);
  }
  await stage.say('   Then Mark done for each system that has its new key. The card:');
  for (const system of ['api-gateway', 'search'])
    await rio.click({ text: 'Mark done', near: `${system}: kubectl`, channel: room });
  await slack.until(() => cardWords(world, room).includes('First 5 minutes: 8 of 10'));
  await showCard(stage, world, room);
  await stage.types('rio', '/keyleak note Both services run with the new keys.');
  await rio.slash(room, 'note Both services run with the new keys.');
  for (const id of made) anthropic.use(id, { requests: 40 });
}

async function prove(stage: Stage, world: DemoWorld, room: string): Promise<void> {
  const { slack, anthropic, time } = world;
  await stage.act(
    'Three minutes later (the demo puts its clock forward, and the practice Anthropic reports without delay):',
  );
  anthropic.setLag(0);
  time.forward(LATER_MS);
  await slack.until(() => cardWords(world, room).includes('First 5 minutes: 10 of 10'));
  await settled(world);
  await stage.say(
    '   The usage figures reach beyond both deaths: no request since, and the new keys are in use.',
  );
  await showCard(stage, world, room);
  await stage.say(
    '   The log has a witness in the channel: whoever changes it later cannot change this line.',
  );
  const witness = messages(world, room).findLast(({ text }) => text.startsWith('Witness'));
  if (witness !== undefined) await stage.show('in the channel', witness);
}

async function close(stage: Stage, world: DemoWorld, room: string): Promise<void> {
  const { slack, anthropic, bot } = world;
  const mei = slack.as(PRACTICE.mei);
  await stage.act('In the morning Mei, the manager, reads what happened and closes the incident.');
  await stage.types('mei', '/keyleak timeline');
  const { answer } = await mei.slash(room, 'timeline');
  if (answer !== null) await stage.show('only mei sees', answer);
  await mei.click({ text: 'Close incident', channel: room });
  await slack.until(() => mei.modal());
  await mei.submit({ 'In a sentence': 'Both keys are dead and replaced; the pull request was cleaned.' });
  await settled(world);
  const subject = await bot.engine.view('KL-1');
  const live = subject?.incident.keys.filter((one) => isLive(subject.incident, one)) ?? [];
  const dead = [GATEWAY, SEARCH].every((id) => anthropic.key(id)?.status === 'inactive');
  if (subject?.incident.status !== 'closed' || live.length > 0 || !dead)
    throw new Error('the demo did not end as it should: the keys are not known to be dead');
  await stage.say('   KL-1 is closed.');
}

/** All that the bot has begun is done and shows in Slack. */
async function settled({ bot }: DemoWorld): Promise<void> {
  await bot.idle();
  await bot.board.idle();
}

function messages({ slack }: DemoWorld, room: string): readonly SeenMessage[] {
  return slack.as(PRACTICE.rio).sees(room);
}

function card(world: DemoWorld, room: string): SeenMessage | undefined {
  return messages(world, room).find(({ pinned }) => pinned);
}

function cardWords(world: DemoWorld, room: string): string {
  const pinned = card(world, room);
  return pinned === undefined
    ? ''
    : messageWords(pinned, world.slack.reader(PRACTICE.rio), 10_000).join('\n');
}

async function showCard(stage: Stage, world: DemoWorld, room: string): Promise<void> {
  const pinned = card(world, room);
  if (pinned !== undefined) await stage.show('pinned card', pinned);
}

function buttonNamed({ buttons }: SeenMessage, start: string): string {
  const found = buttons.find((label) => label.startsWith(start));
  if (found === undefined) throw new Error(`no button is called ${start}`);
  return found;
}

function statusOf(anthropic: DemoWorld['anthropic'], id: string): string {
  return anthropic.key(id)?.status ?? 'nothing';
}

// What one person has before their eyes, and where in it something can be pressed.

import { elementsOf, type Placed, rawText, wordsAround } from './blocks-walk.ts';
import { innerText, type Json, textOf, type WireBlock } from './json.ts';
import { topOf } from './views.ts';
import { type Channel, canSee, type Ephemeral, type Message, type View, type World } from './world.ts';

/** A message as one person sees it. */
export interface SeenMessage {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly WireBlock[];
  /** Only this person sees it. */
  readonly ephemeral: boolean;
  readonly thread: string | null;
  readonly subtype: string | null;
  readonly pinned: boolean;
  /** Labels of what can be pressed in it. */
  readonly buttons: readonly string[];
}

/** A modal or a Home tab as its person sees it. */
export interface SeenView {
  readonly id: string;
  readonly title: string;
  readonly submit: string | null;
  readonly close: string | null;
  readonly blocks: readonly WireBlock[];
  /** Objections at the last attempt to submit, by the label of the input. */
  readonly errors: Readonly<Record<string, string>>;
  readonly buttons: readonly string[];
  readonly hash: string;
}

export type At =
  | { readonly place: 'view'; readonly view: View }
  | {
      readonly place: 'message';
      readonly channel: Channel;
      readonly message: Message;
      readonly ephemeral: null;
    }
  | {
      readonly place: 'message';
      readonly channel: Channel;
      readonly message: null;
      readonly ephemeral: Ephemeral;
    };

/** Something that can be pressed, and where it stands. */
export interface Spot extends Placed {
  readonly at: At;
  /** The words beside it. */
  readonly near: string;
  /** All words of the message or view. */
  readonly whole: string;
}

/** How a person points at something: by its label, and where needed by the words near it and the place. */
export interface Match {
  readonly text: string;
  readonly near?: string;
  readonly channel?: string;
  readonly in?: 'modal' | 'home' | 'message' | 'ephemeral';
  /** Of several that fit, counted from the top, from 0. */
  readonly nth?: number;
}

export function labelOf(element: Json): string {
  return innerText(element.text) || innerText(element.placeholder);
}

function buttonsIn(blocks: readonly WireBlock[]): readonly string[] {
  return blocks
    .flatMap(elementsOf)
    .filter(({ element }) => textOf(element.type).includes('button'))
    .map(({ element }) => labelOf(element));
}

export function seenMessages(world: World, user: string, channel: Channel): readonly SeenMessage[] {
  if (!canSee(world, user, channel)) return [];
  const pinned = new Set(channel.pins.map(({ ts }) => ts));
  const public_ = channel.messages.map((message) => ({
    channel: channel.id,
    ts: message.ts,
    user: message.user,
    text: message.text,
    blocks: message.blocks,
    ephemeral: false,
    thread: message.thread,
    subtype: message.subtype,
    pinned: pinned.has(message.ts),
    buttons: buttonsIn(message.blocks),
  }));
  const own = world.ephemerals
    .filter((one) => one.user === user && one.channel === channel.id)
    .map((one) => seenEphemeral(world, one));
  return [...public_, ...own].sort((a, b) => Number(a.ts) - Number(b.ts));
}

export function seenEphemeral(world: World, one: Ephemeral): SeenMessage {
  const { channel, ts, text, blocks, thread } = one;
  return {
    channel,
    ts,
    text,
    blocks,
    thread,
    user: world.bot.user,
    ephemeral: true,
    subtype: null,
    pinned: false,
    buttons: buttonsIn(blocks),
  };
}

export function seenView(view: View): SeenView {
  const labels = new Map(view.blocks.map((block) => [block.block_id, innerText(block.label)]));
  return {
    id: view.id,
    title: innerText(view.body.title),
    submit: view.body.submit === undefined ? null : innerText(view.body.submit),
    close: view.body.close === undefined ? null : innerText(view.body.close),
    blocks: view.blocks,
    errors: Object.fromEntries(
      Object.entries(view.errors).map(([block, words]) => [labels.get(block) || block, words]),
    ),
    buttons: buttonsIn(view.blocks),
    hash: view.hash,
  };
}

/** Everything before this person's eyes that can be pressed. An open modal covers all else. */
function spots(world: World, user: string, match: Match): readonly Spot[] {
  const top = topOf(world, user);
  const home = world.homes.get(user);
  if (match.in === 'home')
    return home === undefined ? [] : spotsIn({ place: 'view', view: home }, home.blocks);
  if (top !== null) return spotsIn({ place: 'view', view: top }, top.blocks);
  if (match.in === 'modal') return [];
  return [...world.channels.values()]
    .filter((channel) => match.channel === undefined || isNamed(channel, match.channel))
    .filter((channel) => canSee(world, user, channel))
    .flatMap((channel) => spotsOfChannel(world, user, channel, match.in));
}

export function isNamed(channel: Channel, name: string): boolean {
  return channel.id === name || (channel.name !== '' && channel.name === name.replace(/^#/, ''));
}

function spotsOfChannel(world: World, user: string, channel: Channel, only: Match['in']): readonly Spot[] {
  const messages = channel.messages.flatMap((message) =>
    spotsIn({ place: 'message', channel, message, ephemeral: null }, message.blocks),
  );
  const ephemerals = world.ephemerals
    .filter((one) => one.user === user && one.channel === channel.id)
    .flatMap((ephemeral) =>
      spotsIn({ place: 'message', channel, message: null, ephemeral }, ephemeral.blocks),
    );
  if (only === 'message') return messages;
  return only === 'ephemeral' ? ephemerals : [...messages, ...ephemerals];
}

function spotsIn(at: At, blocks: readonly WireBlock[]): readonly Spot[] {
  const whole = rawText(blocks);
  return blocks.flatMap((block, index) =>
    elementsOf(block).map((placed) => ({ ...placed, at, near: wordsAround(blocks, index), whole })),
  );
}

/** The one thing that `match` points at. Throws when there is none, or more than one. */
export function findSpot(world: World, user: string, match: Match, types: RegExp): Spot {
  const pressable = spots(world, user, match).filter(({ element }) => types.test(textOf(element.type)));
  const named = pressable.filter(({ element }) => labelOf(element) === match.text);
  const { near } = match;
  const beside = near === undefined ? named : named.filter((spot) => spot.near.includes(near));
  const found =
    beside.length > 0 || near === undefined ? beside : named.filter((spot) => spot.whole.includes(near));
  const only = found[match.nth ?? 0];
  if (only !== undefined && (match.nth !== undefined || found.length === 1)) return only;
  const what = `"${match.text}"${near === undefined ? '' : ` near "${near}"`}`;
  const seen = pressable.map(({ element }) => `"${labelOf(element)}"`).join(', ');
  throw new Error(
    only === undefined
      ? `${user} sees nothing to press named ${what}; what can be pressed: ${seen || 'nothing'}`
      : `${user} sees ${found.length} of ${what}: say near what, or in which channel`,
  );
}

// What a message is made of when the bot sends one, whichever way: text, blocks and metadata, read and judged; and how Slack
// shows a message to the bot afterwards.

import { isJson, type Json, type WireBlock } from './json.ts';
import { keptBlocks, lintMessageBlocks } from './lint.ts';
import { type Arguments, refuse } from './wire.ts';
import type { Message, Metadata, World } from './world.ts';

/** Source: docs.slack.dev/reference/methods/chat.postMessage. */
export const POST_TEXT = 40_000;
/** Source: docs.slack.dev/reference/methods/chat.update. */
export const UPDATE_TEXT = 4_000;

export interface Content {
  readonly text: string;
  readonly blocks: readonly WireBlock[];
}

/** Text and blocks of a new message. A message of blocks alone is refused, where Slack would only warn. */
export function contentOf(world: World, args: Arguments, limit = POST_TEXT): Content {
  const blocks = blocksOf(world, args);
  const text = args.text('text') ?? '';
  if (text === '') return refuse('no_text', complaint('text is the fallback that notifications show'));
  if (text.length > limit) return refuse('msg_too_long');
  return { text, blocks: blocks ?? [] };
}

/** The blocks that were sent, judged; null when none were. */
export function blocksOf(world: World, args: Arguments): readonly WireBlock[] | null {
  if (args.raw.attachments !== undefined)
    return refuse('invalid_attachments', complaint('attachments are not practised here'));
  const blocks = args.json('blocks', 'invalid_blocks_format');
  if (blocks === null) return null;
  const objection = lintMessageBlocks(blocks);
  if (objection !== null)
    return refuse(objection.error, {
      errors: objection.messages,
      response_metadata: { messages: objection.messages },
    });
  return keptBlocks(blocks, () => world.id('b'));
}

/** Metadata that was sent: undefined when none was, null when an empty object takes it away. */
export function metadataOf(args: Arguments): Metadata | null | undefined {
  const value = args.json('metadata', 'invalid_metadata_format');
  if (value === null) return undefined;
  if (!isJson(value)) return refuse('invalid_metadata_format');
  if (Object.keys(value).length === 0) return null;
  const { event_type, event_payload } = value;
  if (typeof event_type !== 'string' || event_type === '' || !isJson(event_payload))
    return refuse('invalid_metadata_schema');
  return { event_type, event_payload };
}

/** A message as the bot reads it. Metadata is there only when it was asked for. */
export function shownMessage(world: World, message: Message, withMetadata = false) {
  const own = message.user === world.bot.user;
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: world.team.id,
    ...(own && message.subtype === null ? { bot_id: world.bot.id, app_id: world.bot.app } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.thread !== null ? { thread_ts: message.thread } : {}),
    ...(message.subtype !== null ? { subtype: message.subtype } : {}),
    ...(message.edited !== null ? { edited: { user: message.user, ts: message.edited } } : {}),
    ...(message.files.length > 0 ? { files: message.files.map((id) => ({ id })) } : {}),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
    ...(message.reactions.length > 0 ? { reactions: message.reactions.map(shownReaction) } : {}),
  };
}

function shownReaction({ name, users }: Message['reactions'][number]) {
  return { name, users: [...users], count: users.length };
}

function complaint(words: string): Json {
  return { response_metadata: { messages: [`[ERROR] ${words}`] } };
}

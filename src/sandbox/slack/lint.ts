// The limits linter: what Slack would refuse in a message or a view, with the place. Where Slack only warns, this refuses:
// a message without a plain text cannot be read aloud or shown in a notification.

import { isJson, type Json, listOf, textOf, type WireBlock } from './json.ts';
import { BLOCK_OF, oneFocus, uniqueIds } from './lint-blocks.ts';
import { plain } from './lint-elements.ts';
import { fields, flag, list, objection, oneOf, text } from './lint-rule.ts';

const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
/** Text of all blocks together. Not documented; seen in slackapi/bolt-js#2509 and #2867. */
const MESSAGE_TEXT = 13_200;
const TABLE_TEXT = 10_000;
const MARKDOWN_TEXT = 12_000;
const VIEW_BYTES = 250_000;

export interface Objection {
  readonly error: string;
  readonly messages: readonly string[];
}

/** What is wrong with the blocks of a message; null when nothing is. */
export function lintMessageBlocks(blocks: unknown): Objection | null {
  const found: string[] = [];
  list(BLOCK_OF.message, MESSAGE_BLOCKS, 0)(blocks, '/blocks', found);
  if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format', messages: found };
  uniqueIds(blocks, '/blocks', found);
  oneFocus(blocks, '/blocks', found);
  tables(blocks, found);
  if (found.length > 0) return { error: 'invalid_blocks', messages: found };
  if (textIn(blocks) > MESSAGE_TEXT) return { error: 'msg_blocks_too_long', messages: [] };
  return null;
}

const modal = fields(
  { title: plain(24), blocks: list(BLOCK_OF.modal, VIEW_BLOCKS) },
  {
    submit: plain(24),
    close: plain(24),
    callback_id: text(255),
    private_metadata: text(3_000, 0),
    external_id: text(255),
    clear_on_close: flag,
    notify_on_close: flag,
    submit_disabled: flag,
  },
);

const home = fields(
  { blocks: list(BLOCK_OF.home, VIEW_BLOCKS, 0) },
  { callback_id: text(255), private_metadata: text(3_000, 0), external_id: text(255) },
);

/** What is wrong with a view of this type; null when nothing is. */
export function lintView(view: unknown, type: 'modal' | 'home'): Objection | null {
  const found: string[] = [];
  if (!isJson(view)) return { error: 'invalid_arguments', messages: ['[ERROR] view must be an object'] };
  oneOf(type)(view.type, '/view/type', found);
  (type === 'modal' ? modal : home)(view, '/view', found);
  const blocks = listOf(view.blocks);
  uniqueIds(blocks, '/view/blocks', found);
  oneFocus(blocks, '/view/blocks', found);
  if (type === 'modal' && view.submit === undefined && blocks.some((block) => block.type === 'input'))
    objection(found, 'a view with an input block needs a submit button', '/view/submit');
  if (found.length > 0) return { error: 'invalid_arguments', messages: found };
  return Buffer.byteLength(JSON.stringify(view)) > VIEW_BYTES
    ? { error: 'view_too_large', messages: [] }
    : null;
}

function tables(blocks: readonly unknown[], found: string[]): void {
  const all = listOf(blocks);
  const cells = textIn(all.filter(({ type }) => type === 'table' || type === 'data_table'));
  if (cells > TABLE_TEXT) objection(found, `tables may hold ${TABLE_TEXT} characters`, '/blocks');
  const markdown = textIn(all.filter(({ type }) => type === 'markdown'));
  if (markdown > MARKDOWN_TEXT) objection(found, `markdown may hold ${MARKDOWN_TEXT} characters`, '/blocks');
  if (all.filter(({ type }) => type === 'table').length > 1)
    objection(found, 'only one table is allowed', '/blocks');
}

/** Characters that a reader would see, wherever they stand. */
function textIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textIn(item), 0);
  if (!isJson(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, field]) =>
      sum + (name === 'text' && typeof field === 'string' ? field.length : textIn(field)),
    0,
  );
}

/** The blocks as Slack keeps them: ids filled in, every plain text with its emoji flag. Lint them first. */
export function keptBlocks(blocks: unknown, newId: () => string): readonly WireBlock[] {
  return listOf(blocks).map((block) => ({
    ...keptFields(block, newId),
    type: textOf(block.type),
    block_id: textOf(block.block_id) || newId(),
  }));
}

const ACTIONABLE = /button|select|picker|checkboxes|overflow|input$/;

function keptFields(object: Json, newId: () => string): Json {
  return Object.fromEntries(Object.entries(object).map(([name, field]) => [name, keptField(field, newId)]));
}

function keptField(field: unknown, newId: () => string): unknown {
  if (Array.isArray(field)) return field.map((item) => keptField(item, newId));
  if (!isJson(field)) return field;
  const kept = keptFields(field, newId);
  if (field.type === 'plain_text') return { emoji: true, ...kept };
  return ACTIONABLE.test(textOf(field.type)) && field.action_id === undefined
    ? { action_id: newId(), ...kept }
    : kept;
}

// Words for Slack. Text from outside stands only in plain text or rich text, where nothing in it is a mention, a link or
// formatting; our own words may be mrkdwn.

import type {
  ContextBlock,
  HeaderBlock,
  PlainTextElement,
  RichTextBlock,
  RichTextElement,
  RichTextSection,
  SectionBlock,
} from '@slack/types';

/** Controls, line separators, bidirectional and zero-width characters. */
const INVISIBLE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from outside in at most `length` UTF-16 units, on one line, without what cannot be seen. Never empty. */
export function outside(text: string, length: number): string {
  const line = text.toWellFormed().replace(/\s+/g, ' ').replace(INVISIBLE, '').trim();
  if (line === '') return '-';
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed()}…`;
}

/** Text from outside where only mrkdwn is possible: nothing in it has a meaning there. */
export function inert(text: string, length: number): string {
  return outside(text, length)
    .replace(/[*~`]/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}

export function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: true };
}

/** Our own words. */
export function section(id: string, text: string): SectionBlock {
  return { type: 'section', block_id: id, text: { type: 'mrkdwn', text: text.slice(0, 3_000) } };
}

export function context(id: string, text: string): ContextBlock {
  return { type: 'context', block_id: id, elements: [{ type: 'mrkdwn', text: text.slice(0, 3_000) }] };
}

export function header(id: string, text: string): HeaderBlock {
  return { type: 'header', block_id: id, text: plain(text.slice(0, 150)) };
}

/** A piece of a line: our own word, bold or not, or an element such as a person. */
export type Piece = string | RichTextElement;

export function bold(text: string): RichTextElement {
  return { type: 'text', text, style: { bold: true } };
}

export function code(text: string): RichTextElement {
  return { type: 'text', text, style: { code: true } };
}

/** Who did something: a mention for people of Slack, plain words for operators and the bot. */
export function person(actor: string): RichTextElement {
  return /^[UW][A-Z0-9]{2,}$/.test(actor)
    ? { type: 'user', user_id: actor }
    : { type: 'text', text: outside(actor, 80) };
}

/** A moment that everyone reads in their own zone. `ms` since the epoch. */
export function date(ms: number): RichTextElement {
  return {
    type: 'date',
    timestamp: Math.floor(ms / 1_000),
    format: '{date_short_pretty} {time_secs}',
    fallback: utc(ms),
  };
}

/** The same inside mrkdwn. */
export function dateMrkdwn(ms: number): string {
  return `<!date^${Math.floor(ms / 1_000)}^{date_short_pretty} {time}|${utc(ms)}>`;
}

export function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Lines of pieces as one rich text block. Strings are literal: nothing in them is interpreted. */
export function lines(id: string, rows: readonly (readonly Piece[])[]): RichTextBlock {
  const elements: RichTextSection['elements'] = rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [{ type: 'text', text: '\n' } as const]),
    ...row
      .filter((piece) => piece !== '')
      .map((piece) => (typeof piece === 'string' ? literal(piece) : piece)),
  ]);
  return { type: 'rich_text', block_id: id, elements: [{ type: 'rich_text_section', elements }] };
}

function literal(text: string): RichTextElement {
  return { type: 'text', text };
}

export function emoji(name: string): RichTextElement {
  return { type: 'emoji', name };
}

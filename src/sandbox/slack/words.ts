// Messages and modals as lines of text, as a person would read them on the screen. Pure. The demo on a terminal shows these, and
// what it does not know it shows as an error, never as nothing.

import { innerText, isJson, type Json, listOf, textOf, type WireBlock } from './json.ts';
import { dateWords, emoji, mrkdwnWords, plainWords, type Reader } from './words-text.ts';

const WIDTH = 100;

/** What a message shows: its blocks, or its text when it has none. */
export function messageWords(
  message: { readonly text: string; readonly blocks: readonly WireBlock[] },
  reader: Reader,
  width = WIDTH,
): readonly string[] {
  const lines =
    message.blocks.length > 0
      ? message.blocks.flatMap((block) => blockLines(block, reader, width))
      : mrkdwnWords(message.text, reader).split('\n');
  return lines.flatMap((line) => wrapped(line, width));
}

/** What a modal shows: title, blocks, objections, and its buttons. */
export function viewWords(
  view: {
    readonly title: string;
    readonly submit: string | null;
    readonly close: string | null;
    readonly blocks: readonly WireBlock[];
    readonly errors: Readonly<Record<string, string>>;
  },
  reader: Reader,
  width = WIDTH,
): readonly string[] {
  const buttons = [view.close ?? 'Close', ...(view.submit === null ? [] : [view.submit])];
  const errors = Object.entries(view.errors).map(([label, words]) => `! ${label}: ${words}`);
  return [
    `== ${plainWords(view.title)} ==`,
    ...view.blocks.flatMap((block) => blockLines(block, reader, width)),
    ...errors,
    buttons.map((label) => `[ ${plainWords(label)} ]`).join('  '),
  ].flatMap((line) => wrapped(line, width));
}

/** The lines of one block, before wrapping. */
function blockLines(block: Json, reader: Reader, width: number): readonly string[] {
  switch (block.type) {
    case 'header':
      return ['', `# ${words(block.text, reader)}`];
    case 'divider':
      return ['─'.repeat(Math.min(width, 60))];
    case 'section':
      return section(block, reader);
    case 'context':
      return [
        listOf(block.elements)
          .map((one) => words(one, reader))
          .join('  '),
      ];
    case 'actions':
    case 'context_actions':
      return [
        listOf(block.elements)
          .map((one) => element(one, reader))
          .join('  '),
      ];
    case 'input':
      return input(block, reader);
    case 'image':
      return [`(picture: ${textOf(block.alt_text)})`];
    case 'rich_text':
      return richLines(block, reader);
    case 'markdown':
      return textOf(block.text).split('\n');
    case 'alert':
      return [`! ${words(block.text, reader)}`];
    case 'table':
    case 'data_table':
      return table(block, reader);
    case 'container':
      return [
        words(block.title, reader),
        ...listOf(block.child_blocks).flatMap((child) => blockLines(child, reader, width)),
      ].filter(Boolean);
    case 'card':
      return card(block, reader);
    case 'carousel':
      return listOf(block.elements).flatMap((one) => card(one, reader));
    case 'task_card':
      return [`${task(block)} ${textOf(block.title)}`];
    case 'plan':
      return [
        textOf(block.title),
        ...listOf(block.tasks).map((one) => `  ${task(one)} ${textOf(one.title)}`),
      ];
    case 'file':
    case 'video':
      return [`(${block.type}: ${innerText(block.title) || textOf(block.external_id)})`];
    default:
      return [`!! a block of the unknown type ${String(block.type)} cannot be shown`];
  }
}

function words(value: unknown, reader: Reader): string {
  if (!isJson(value)) return '';
  if (value.type === 'mrkdwn') return mrkdwnWords(textOf(value.text), reader);
  if (value.type === 'image') return `(${textOf(value.alt_text)})`;
  return plainWords(textOf(value.text));
}

function section(block: Json, reader: Reader): readonly string[] {
  const text = block.text === undefined ? [] : words(block.text, reader).split('\n');
  const pressed = isJson(block.accessory) ? element(block.accessory, reader) : '';
  const first = [text[0] ?? '', pressed].filter(Boolean).join('   ');
  const fields = listOf(block.fields).map((one) => `  ${words(one, reader).replaceAll('\n', ' ')}`);
  return [...(first === '' ? [] : [first]), ...text.slice(1), ...fields];
}

/** `[ Label ]`; `[* Label *]` stands out, `[! Label !]` is dangerous. */
function element(one: Json, reader: Reader): string {
  const label = words(one.text, reader) || words(one.placeholder, reader);
  const type = textOf(one.type);
  if (type === 'image') return `(${textOf(one.alt_text)})`;
  if (type.includes('button')) {
    const mark = one.style === 'danger' ? '!' : one.style === 'primary' ? '*' : '';
    return `[${mark} ${label} ${mark}]`;
  }
  const options = listOf(one.options).map(({ text }) => words(text, reader));
  if (type === 'radio_buttons') return options.map((option) => `( ) ${option}`).join('  ');
  if (type === 'checkboxes') return options.map((option) => `[ ] ${option}`).join('  ');
  if (type === 'overflow') return '[ … ]';
  return `[ ${label || type.replaceAll('_', ' ')} ▾ ]`;
}

function input(block: Json, reader: Reader): readonly string[] {
  const one = isJson(block.element) ? block.element : {};
  const optional = block.optional === true ? ' (optional)' : '';
  const hint = block.hint === undefined ? [] : [`  ${words(block.hint, reader)}`];
  const start = textOf(one.initial_value);
  const field = textOf(one.type).endsWith('input')
    ? `  ▏${start || words(one.placeholder, reader)}`
    : `  ${element(one, reader)}`;
  return [`${words(block.label, reader)}${optional}`, field, ...hint];
}

function richLines(block: Json, reader: Reader): readonly string[] {
  return listOf(block.elements).flatMap((part) => {
    switch (part.type) {
      case 'rich_text_list':
        return listOf(part.elements).map((item, index) => {
          const bullet = part.style === 'ordered' ? `${index + 1}.` : '•';
          return `${'  '.repeat(Number(part.indent ?? 0))}${bullet} ${richWords(item, reader)}`;
        });
      case 'rich_text_quote':
        return richWords(part, reader)
          .split('\n')
          .map((line) => `> ${line}`);
      case 'rich_text_preformatted':
        return richWords(part, reader)
          .split('\n')
          .map((line) => `    ${line}`);
      default:
        return richWords(part, reader).split('\n');
    }
  });
}

function richWords(part: Json, reader: Reader): string {
  return listOf(part.elements)
    .map((one) => {
      switch (one.type) {
        case 'user':
          return `@${reader.person(textOf(one.user_id))}`;
        case 'usergroup':
          return `@${reader.group(textOf(one.usergroup_id))}`;
        case 'channel':
          return `#${reader.channel(textOf(one.channel_id))}`;
        case 'broadcast':
          return `@${textOf(one.range)}`;
        case 'emoji':
          return emoji(textOf(one.name));
        case 'link':
          return one.text === undefined ? textOf(one.url) : `${textOf(one.text)} (${textOf(one.url)})`;
        case 'date':
          return dateWords(Number(one.timestamp) * 1_000, textOf(one.format), reader);
        default:
          return textOf(one.text);
      }
    })
    .join('');
}

function table(block: Json, reader: Reader): readonly string[] {
  const caption = textOf(block.caption);
  const rows = (Array.isArray(block.rows) ? block.rows : []).map((row) =>
    listOf(row)
      .map((one) =>
        one.type === 'rich_text'
          ? richLines(one, reader).join(' ')
          : textOf(one.text) || numberWords(one.value),
      )
      .join(' | '),
  );
  return [...(caption === '' ? [] : [caption]), ...rows];
}

function numberWords(value: unknown): string {
  return typeof value === 'number' ? String(value) : textOf(value);
}

function card(block: Json, reader: Reader): readonly string[] {
  const buttons = listOf(block.actions).map((one) => element(one, reader));
  return [
    words(block.title, reader),
    words(block.subtitle, reader),
    words(block.body, reader),
    buttons.join('  '),
  ].filter(Boolean);
}

function task(one: Json): string {
  const marks: Readonly<Record<string, string>> = { complete: '✅', error: '❌', in_progress: '▶' };
  return marks[textOf(one.status)] ?? '⚪';
}

/** Breaks at spaces; a word longer than the width stays whole. Continuations keep the indentation. */
function wrapped(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trimStart().split(' ')) {
    const next = current.trim() === '' ? `${indent}${word}` : `${current} ${word}`;
    if (next.length > width && current.trim() !== '') {
      lines.push(current);
      current = `${indent}${word}`;
    } else current = next;
  }
  return [...lines, current];
}

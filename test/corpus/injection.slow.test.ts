// Nothing that somebody writes takes effect where it is shown: each sink is read by the parser that reads it for people.

import { parse as parseCsv } from 'csv-parse/sync';
import MarkdownIt from 'markdown-it';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { expect, test } from 'vitest';
import { printable } from '../../src/cli/printable.ts';
import { exportCsv } from '../../src/export/csv.ts';
import { exportHtml } from '../../src/export/html.ts';
import { exportNdjson } from '../../src/export/json.ts';
import { exportMarkdown } from '../../src/export/markdown.ts';
import { createLog } from '../../src/log.ts';
import { inert, lines, outside } from '../../src/slack/views/words.ts';
import { exactMatch, keyFacts, play, T0 } from '../support/cases.ts';
import { dossierOf, logBook } from '../support/sealed-log.ts';
import { seeded } from '../support/virtual-time.ts';
import { INJECTIONS } from './injections.ts';

/** Controls, and what turns or hides other characters. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** An incident in which `text` is a note, the words of the key, its name and its workspace. */
function dossierWith(written: string) {
  // What comes in is well-formed by then.
  const text = written.toWellFormed();
  const game = play();
  const book = logBook(seeded(4));
  book.commit('KL-1', game.last.entries, T0);
  game.observe(
    'identify-key',
    exactMatch(keyFacts({ name: text, workspace: { id: 'wrkspc_1', name: text } })),
    T0,
  );
  book.commit('KL-1', game.last.entries, T0);
  const note = { kind: 'note.added', actor: 'U0RIOA', occurredAt: T0, data: {}, texts: { text } } as const;
  book.commit('KL-1', [note], T0);
  return dossierOf(book, 'KL-1');
}

const records = (csv: string): string[][] => parseCsv(csv, { recordDelimiter: '\r\n' }) as string[][];

test('there are three hundred and more', () => {
  expect(new Set(INJECTIONS).size).toBeGreaterThanOrEqual(300);
});

test('in mrkdwn of Slack nothing is a mention, a link or formatting', () => {
  for (const text of INJECTIONS) {
    const shown = inert(text, 2_000);
    expect(shown, text).not.toMatch(/[<>*~`\n]/);
    expect(shown.replace(/&(?:amp|lt|gt);/g, ''), text).not.toContain('&');
    expect(UNSEEN.test(shown), text).toBe(false);
  }
});

test('in blocks of Slack it is one literal text element', () => {
  for (const text of INJECTIONS) {
    const block: unknown = JSON.parse(JSON.stringify(lines('x', [['before ', outside(text, 2_000)]])));
    expect(block).toMatchObject({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text' }, { type: 'text' }] }],
    });
    expect(UNSEEN.test(outside(text, 2_000)), text).toBe(false);
  }
});

test('in the Markdown export it is text: no link, mention, picture, heading, list, table or HTML comes of it', () => {
  const parser = new MarkdownIt({ html: true, linkify: true });
  const shape = (text: string) =>
    parser
      .parse(exportMarkdown(dossierWith(text)), {})
      .flatMap((token) => [token, ...(token.children ?? [])])
      .map(({ type, tag }) => `${type} ${tag}`)
      .filter((one) => !/^text(_special)? $/.test(one));
  const plain = shape('nothing but words');
  expect(plain.length).toBeGreaterThan(20);
  for (const text of INJECTIONS) expect(shape(text), JSON.stringify(text)).toEqual(plain);
});

test('nor does GitHub call anybody, close anything or link to anything from it', () => {
  for (const text of INJECTIONS) {
    const added = exportMarkdown(dossierWith(text));
    expect(added, text).not.toMatch(/(?<![\\\w/])@(?:acme|octocat|everyone|SUM)/);
    expect(added, text).not.toMatch(/(?<!\\)#(?:12|7)\b/);
    expect(added, text).not.toMatch(/https?:\/\/evil|<!-- keyleak/);
  }
});

test('in the HTML export it is text: no element and no attribute comes of it, and the page runs and loads nothing', () => {
  const shape = (text: string): string => {
    const seen: string[] = [];
    const walk = (node: DefaultTreeAdapterTypes.Node): void => {
      if (node.nodeName === '#comment') seen.push('comment');
      if ('attrs' in node) seen.push(`${node.nodeName} ${node.attrs.map(({ name }) => name).join(' ')}`);
      if ('childNodes' in node) for (const child of node.childNodes) walk(child);
    };
    walk(parse(exportHtml(dossierWith(text))));
    return seen.join('\n');
  };
  const plain = shape('nothing but words');
  expect(plain).not.toMatch(/\b(?:script|img|iframe|link|href|src|on[a-z]+|comment)\b/);
  for (const text of INJECTIONS) expect(shape(text), JSON.stringify(text)).toBe(plain);
});

test('the words themselves are all there in HTML', () => {
  const text = 'a <b> & "c" \'d\'';
  const html = exportHtml(dossierWith(text));
  const body = parse(html.replace(/<style>[\s\S]*?<\/style>/, ''));
  const words: string[] = [];
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('value' in node) words.push(node.value);
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  walk(body);
  expect(words.join('').split(text)).toHaveLength(5);
});

test('in the CSV export it is one cell of its line, and no formula', () => {
  const plain = records(exportCsv(dossierWith('nothing but words')));
  for (const text of INJECTIONS) {
    const rows = records(exportCsv(dossierWith(text)));
    expect(rows.map((row) => row.length)).toEqual(plain.map((row) => row.length));
    expect(rows.map((row) => row.slice(0, 5))).toEqual(plain.map((row) => row.slice(0, 5)));
    for (const cell of rows.flat()) expect(cell, text).not.toMatch(/^[=+\-@\t\r]/);
    expect(UNSEEN.test(rows.flat().join('')), text).toBe(false);
  }
});

test('in the NDJSON export it is a value of its line', () => {
  for (const text of INJECTIONS) {
    const parsed = exportNdjson(dossierWith(text.toWellFormed()))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind?: string; texts?: { text?: { text: string } } });
    const notes = parsed.filter(({ kind }) => kind === 'note.added');
    expect(notes.map(({ texts }) => texts?.text?.text)).toEqual([text.toWellFormed()]);
  }
});

test('in the log of the process it is a value of one line', () => {
  for (const text of INJECTIONS) {
    const written: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line: string) => written.push(line) } });
    log.note(text);
    expect(written).toHaveLength(1);
    expect(written[0]?.trimEnd()).not.toContain('\n');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ level: 'info' });
  }
});

test('at a terminal it moves no cursor, colours nothing and turns nothing round', () => {
  for (const text of INJECTIONS) expect(UNSEEN.test(printable(text)), text).toBe(false);
});

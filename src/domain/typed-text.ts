// What people type, made fit to keep: Slack's escapes undone, secrets masked, nothing invisible, well formed, not too long.

import { mask } from './redaction.ts';

/** Characters (UTF-16 units) of one text that are kept. */
export const KEPT = 3_000;

/** Slack's own markup, or one of the three characters that it escapes. One pass, so that nothing is undone twice. */
const SLACK = /<([^<>\n]{1,4000})>|&(amp|lt|gt);/g;
const ESCAPED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>' };

/** Controls but tab and line break, marks of writing direction, and characters of no width (but the joiner of emoji). */
const INVISIBLE =
  /(?![\t\n])[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;
/** With the `u` flag only halves of pairs are surrogates. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** `words` as text: links as their address, channels as `#name`, people and groups as `@name`, inert. */
function withoutSlackMarkup(words: string): string {
  return words.replace(SLACK, (whole, markup: string | undefined, escaped: string | undefined) => {
    if (escaped !== undefined) return ESCAPED[escaped] ?? whole;
    return markup === undefined ? whole : withoutSlackMarkup(markupText(markup));
  });
}

function markupText(markup: string): string {
  const bar = markup.indexOf('|');
  const target = bar === -1 ? markup : markup.slice(0, bar);
  const label = bar === -1 ? '' : markup.slice(bar + 1);
  const sigil = target[0];
  if (sigil === '#' || sigil === '@')
    return sigil + (label === '' ? target.slice(1) : label).replace(/^[#@]/, '');
  if (sigil === '!') {
    if (target.startsWith('!date^')) return label;
    const name = label === '' ? target.slice(1).replace(/^subteam\^/, '') : label;
    return `@${name.replace(/^@/, '')}`;
  }
  return target.replace(/^(?:mailto|tel):/, '');
}

/** `words` as they arrived from Slack or a terminal, fit to be parsed. `masked` counts the secrets that were taken out. */
export function typedText(words: string): { readonly text: string; readonly masked: number } {
  const plain = withoutSlackMarkup(words).replace(LONE_SURROGATE, '\ufffd');
  const clean = mask(plain);
  return {
    text: clean.text
      .replace(/\r\n?|[\u2028\u2029]/g, '\n')
      .replace(INVISIBLE, '')
      .trim(),
    masked: clean.masked,
  };
}

/** At most 3,000 characters; a cut is told by `…`, never goes through a character, and is masked again. */
export function kept(text: string): string {
  if (text.length <= KEPT) return text;
  return mask(`${text.slice(0, KEPT - 1).replace(/[\ud800-\udbff]$/, '')}…`).text.slice(0, KEPT);
}

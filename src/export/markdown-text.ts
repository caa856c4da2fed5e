// Text from outside, made harmless for Markdown: it is shown as it was written and nothing in it takes effect.

const SPECIAL = /[\\`*_{}[\]()#+\-.!|<>~@&$:]/g;
/** C0 and C1 controls, line separators, bidirectional controls and zero-width characters. */
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One line of inert Markdown: every character with a meaning is escaped, line breaks become spaces. */
export function inert(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(INVISIBLE, '')
    .replace(SPECIAL, '\\$&');
}

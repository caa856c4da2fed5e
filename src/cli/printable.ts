// Text from outside, made harmless for a terminal: one line, no escape sequences, no reordering.

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function printable(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(CONTROLS, '');
}

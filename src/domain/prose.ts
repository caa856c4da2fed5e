// Tells a word that follows a broken secret from more of the secret.

const WORD = /^(?:[a-z]{0,15}|[A-Z][a-z]{1,14}|[A-Z]{1,15}|\d{1,4})$/;

/** True for words, words-with-hyphens and dates; false for what looks like more of a key. */
export function isProse(token: string): boolean {
  return !token.endsWith('AA') && token.split(/[-_]/).every((part) => WORD.test(part));
}

// What an operator types at the command line, fit for the log: a safe name, texts without secrets, keys as in Slack.

import { userInfo } from 'node:os';
import type { Report } from '../domain/decide-declare.ts';
import { KeyleakError } from '../domain/errors.ts';
import { parseDeclaration, parseKeys, parseWhere } from '../domain/key-words.ts';
import { kept, typedText } from '../domain/typed-text.ts';

/** In characters. */
const LONGEST_NAME = 64;

/** Who acts, as the log names them after `operator:`: the given name, else the user of the operating system. Throws KL_OPERATOR. */
export function operatorName(given: string | undefined): string {
  const safe = typedText(given ?? loginName())
    .text.normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  const name = Array.from(safe).slice(0, LONGEST_NAME).join('');
  if (/[\p{L}\p{N}]/u.test(name)) return name;
  throw new KeyleakError(
    'KL_OPERATOR',
    'It is not known who you are, and the log has to name you.',
    'Give your name: --operator dana.reyes.',
  );
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return '';
  }
}

/** What was typed, and how many secrets were taken out of it. */
export interface Typed<T> {
  readonly value: T;
  readonly masked: number;
}

/** A text that the log needs. `missing` is what to say where it is empty. */
export function neededText(words: string, missing: KeyleakError): Typed<string> {
  const { text, masked } = typedText(words);
  if (text === '') throw missing;
  return { value: kept(text), masked };
}

/** Throws KL_REASON_MISSING. */
export function reasonText(words: string): Typed<string> {
  return neededText(
    words,
    new KeyleakError(
      'KL_REASON_MISSING',
      'A reason is needed at the command line.',
      'Add --reason and one sentence that a reader in nine months will understand.',
    ),
  );
}

/** `keyleak declare` reads its words as `/keyleak` does; an argument with spaces is a name in quotes. */
export function declaredWords(
  words: readonly string[],
  where: string,
): Typed<{ readonly reports: readonly Report[]; readonly where: string }> {
  const declared = parseDeclaration(joined(words));
  const place = parseWhere(where);
  return {
    value: {
      reports: declared.reports,
      where: kept([declared.where, place.where].filter((text) => text !== '').join(' ')),
    },
    masked: declared.masked + place.masked,
  };
}

function joined(words: readonly string[]): string {
  const [only, ...others] = words;
  // One argument may be the whole sentence that would follow /keyleak.
  if (only !== undefined && others.length === 0 && namesKey(only)) return only;
  return words.map((word) => (/\s/.test(word) && !/["\n]/.test(word) ? `"${word}"` : word)).join(' ');
}

function namesKey(words: string): boolean {
  return parseDeclaration(words).reports.some(({ query }) => query.shape === 'id' || query.shape === 'hint');
}

/** One key, as it is named after `--key`. */
export function namedKey(words: string): Typed<Report> {
  const { reports, masked } = parseKeys(words.replace(/[,\n]+/g, ' '));
  return { value: reports[0] ?? { query: { shape: 'none' }, words: '' }, masked };
}

/** For whoever typed a secret: it is not in the log, but it is elsewhere. */
export const TYPED_A_SECRET =
  'You typed a secret. keyleak keeps only its hint, but your shell’s history has it, and the list of processes had it: clear the history.\n';

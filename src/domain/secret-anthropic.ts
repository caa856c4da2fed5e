// Finds Anthropic's keys (`sk-ant-…`) of every family, also those that are broken over lines, by indentation or into
// pieces of source code. Wide on purpose: a word too much may be masked after a broken key, never a piece too little.

import { isProse } from './prose.ts';
import type { Secret } from './secret-patterns.ts';

/** Characters after the family prefix of an API key: 93 and the `AA` that ends them. Source: facts of gitleaks and TruffleHog. */
const WHOLE = 95;
/** From this many on it is shown as a hint, as the provider shows it; less is part of a key and shows nothing. */
const HINTABLE = 90;
const SHORTEST = 8;
/** Without a family there must be more to tell a key from a word. */
const SHORTEST_BARE = 20;
/** Beyond this no piece is joined to a key any more. */
const LONGEST_BROKEN = 128;

const SPACE = String.raw`(?:\s|\\{1,4}(?:[nrt]|(?=[\r\n])))`;
const QUOTE = String.raw`\\{0,4}["'\x60]{1,3}`;
/** `" + "`, `' . '`, `" \` at the end of a line: the seam of a string that source code puts together. */
const CODE = String.raw`${QUOTE}${SPACE}{0,200}(?:(?:\+|\.{1,2}|&{1,2}|\|\||<>)${SPACE}{0,200})?[bfru]{0,2}${QUOTE}`;
/** White space, and what e-mail, diffs and comments put before a continued line. */
const GAP = String.raw`(?:${CODE}|${SPACE}{1,256}(?:(?<=[\r\n][ \t]{0,120}|\\[nr])(?:(?:[>|#*+]|//)[ \t]{0,16}){1,3})?)`;

const PREFIX = new RegExp(['s', 'k', '-', 'a', 'n', 't', '-'].join(`${GAP}?`), 'gi');
const GAP_HERE = new RegExp(GAP, 'y');
const PIECE_HERE = /[A-Za-z0-9_-]+/y;
const OPERATOR = /["'`]\s*(?:\\[nrt]\s*)*[+.&|<]/;

const FAMILY = /^[a-z0-9]{2,12}-/i;
const KNOWN_FAMILY = /^(?:[a-z]{2,8}\d{2}|req)-/i;

/** Families that are known to exist. Of an unknown one nothing is shown: it could be a piece of the key. */
const PUBLIC_FAMILY = /^(?:(?:api|admin|oat|ort|sid)\d{2}|req)-$/i;

/** A whole key without any prefix: exactly as long as one, and mixed as only chance mixes. */
const BARE = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{93}AA(?![A-Za-z0-9_-])/g;

interface Piece {
  readonly text: string;
  readonly end: number;
  /** What lies before it: nothing, white space, or a seam of source code. */
  readonly after: 'nothing' | 'space' | 'code';
}

/** Anthropic keys in `text`, in order. Hints of any length with `...`, `…`, `***` or `xxxx` in the middle are none. */
export function anthropicSecrets(text: string): Secret[] {
  const found: Secret[] = [];
  PREFIX.lastIndex = 0;
  for (let match = PREFIX.exec(text); match !== null; match = PREFIX.exec(text)) {
    const key = keyAt(text, match.index + match[0].length, match[0]);
    if (key === null) continue;
    found.push({ start: match.index, family: 'anthropic', ...key });
    PREFIX.lastIndex = key.end;
  }
  for (const match of text.matchAll(BARE)) {
    const [body] = match;
    if (!/[a-z]/.test(body) || !/[A-Z]/.test(body.slice(0, -2)) || !/\d/.test(body)) continue;
    const hint = `${body.slice(0, 3)}...${body.slice(-4)}`;
    found.push({
      start: match.index,
      end: match.index + body.length,
      family: 'anthropic',
      hint,
      prefix: null,
    });
  }
  return found;
}

/** What follows `sk-ant-` at `from`: where the key ends and what may be shown of it; null when it is no key. */
function keyAt(text: string, from: number, prefix: string): Pick<Secret, 'end' | 'hint' | 'prefix'> | null {
  const pieces = piecesAt(text, from);
  const [first] = pieces;
  if (first === undefined) return null;
  const joined = pieces.map((piece) => piece.text).join('');
  const ends: number[] = [];
  for (const piece of pieces) ends.push((ends.at(-1) ?? 0) + piece.text.length);

  const family = FAMILY.exec(joined)?.[0] ?? '';
  const broken =
    prefix.length > 'sk-ant-'.length || first.after !== 'nothing' || family.length > first.text.length;
  // Prose may say "sk-ant- style-guide"; a break inside the prefix counts only before a family as keys have it.
  if (broken && !KNOWN_FAMILY.test(family)) return null;
  if (family === '' && first.text.length < SHORTEST_BARE) return null;

  const last = lastPiece(pieces, ends, joined, family.length);
  const body = joined.slice(family.length, ends[last]);
  if (body.length < SHORTEST || isHint(body)) return null;
  const end = pieces[last]?.end ?? first.end;
  return {
    end,
    hint: prefix.startsWith('sk-') && family !== '' ? hintOf(family, body) : null,
    prefix: `sk-ant-${PUBLIC_FAMILY.exec(family)?.[0].toLowerCase() ?? ''}`,
  };
}

function piecesAt(text: string, from: number): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  let length = 0;
  while (length < LONGEST_BROKEN + WHOLE) {
    GAP_HERE.lastIndex = at;
    const gap = GAP_HERE.exec(text)?.[0] ?? '';
    if (gap === '' && pieces.length > 0) break;
    PIECE_HERE.lastIndex = at + gap.length;
    const piece = PIECE_HERE.exec(text)?.[0];
    if (piece === undefined || (pieces.length > 0 && /sk-ant-/i.test(piece))) break;
    at += gap.length + piece.length;
    length += piece.length;
    pieces.push({ text: piece, end: at, after: kindOf(gap) });
  }
  return pieces;
}

function kindOf(gap: string): Piece['after'] {
  if (gap === '') return 'nothing';
  return OPERATOR.test(gap) ? 'code' : 'space';
}

/** Index of the last piece that belongs to the key. Exactly the length of a key, ending as keys end, settles it. */
function lastPiece(
  pieces: readonly Piece[],
  ends: readonly number[],
  joined: string,
  familyLength: number,
): number {
  const started = ends.findIndex((end) => end >= familyLength);
  const whole = ends.findIndex((end) => end - familyLength === WHOLE && joined.slice(end - 2, end) === 'AA');
  if (whole >= started) return whole;
  let last = started;
  for (const [index, piece] of pieces.entries()) {
    if (index <= started) continue;
    const length = (ends[last] ?? 0) - familyLength;
    const finished = length >= WHOLE - 2 && joined.slice(0, ends[last]).endsWith('AA');
    if (finished || length >= LONGEST_BROKEN) break;
    if (piece.after !== 'code' && isProse(piece.text)) break;
    last = index;
  }
  return last;
}

/** `R2Dxxxxxxxxigaa`: somebody masked it already. */
function isHint(body: string): boolean {
  return /^[A-Za-z0-9_-]{0,7}?x{4,}[A-Za-z0-9_-]{0,7}$/i.test(body);
}

/** `family` ends with its dash. A key that runs on after its `AA` is shown with the ends of the key. */
function hintOf(family: string, body: string): string | null {
  if (body.length < HINTABLE || body.length > 2 * LONGEST_BROKEN) return null;
  const key = body.slice(WHOLE - 2, WHOLE) === 'AA' ? body.slice(0, WHOLE) : body;
  return `sk-ant-${family}${key.slice(0, 3)}...${key.slice(-4)}`;
}

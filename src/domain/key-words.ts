// From what people type to the keys they mean. Total: garbage is a name or no name, never an error; a whole key becomes
// the hint of its ends, and nothing that is longer than a hint is kept.

import type { Report } from './decide-declare.ts';
import type { KeyQuery } from './key.ts';
import { hintParts, MIDDLE } from './key-hint.ts';
import { ANY_MASKED, MASKED } from './redaction.ts';
import { kept, typedText } from './typed-text.ts';

/** Keys of one declaration. */
export const MAX_KEYS = 20;
/** More of an end than this is key material, not a hint; providers show three or four characters. */
const LONGEST_END = 12;

export interface Declared {
  /** At least one. */
  readonly reports: readonly Report[];
  /** Where the key was seen, as typed, masked; empty when nothing was said. */
  readonly where: string;
  /** Secrets that were taken out. Tell the person when it is not zero. */
  readonly masked: number;
}

const UNNAMED: Report = { query: { shape: 'none' }, words: '' };

/**
 * Parses `<hint, key id or key name>[, more keys] [where]`. Names with spaces stand in quotes. Text that begins with an
 * address, a channel, a person or a word such as `in` or `found` is all `where`, and the key is not named.
 * A provider's hint with its prefix names the key even in the middle of a sentence. More than 20 keys stay in `where`.
 */
export function parseDeclaration(words: string): Declared {
  const { text, masked } = typedText(words);
  const reports: Report[] = [];
  let fragments = 0;
  let at = /^[\s,]*/.exec(text)?.[0].length ?? 0;
  while (reports.length < MAX_KEYS) {
    const key = startsWhere(text.slice(at)) ? null : readKey(text.slice(at));
    if (key === null) break;
    reports.push(key.report);
    fragments += key.fragment ? 1 : 0;
    at += key.length;
    const step = toNextKey(text.slice(at), isVague(key.report));
    if (step === null) break;
    at += step;
  }
  const pasted = reports.length < 2 && reports.every(isVague) ? pastedKey(text) : null;
  if (pasted !== null) return { reports: [pasted], where: kept(text), masked: masked + fragments };
  return {
    reports: reports.length === 0 ? [UNNAMED] : reports,
    where: kept(text.slice(at).replace(/^[\s,;:]*(?:[-–—]+\s+)?/, '')),
    masked: masked + fragments,
  };
}

/** How far to the next key: over a comma, or from one that can only be a key over white space to another. Null: none. */
function toNextKey(text: string, vague: boolean): number | null {
  const comma = /^\s*(?:[,，、]\s*)+(?:and\s+)?/.exec(text)?.[0].length;
  if (comma !== undefined || vague) return comma ?? null;
  const gap = /^\s+/.exec(text)?.[0].length;
  const next = gap === undefined ? null : readKey(text.slice(gap));
  return gap !== undefined && next !== null && !isVague(next.report) ? gap : null;
}

function isVague({ query }: Report): boolean {
  return query.shape !== 'id' && query.shape !== 'hint';
}

const HINT_INSIDE = /sk-ant-[a-z0-9]{2,12}-[A-Za-z0-9_-]{3}\.\.\.[A-Za-z0-9_-]{4}/;

/** The provider's hint, or what a whole key has become, wherever in the text it stands. */
function pastedKey(text: string): Report | null {
  const hint = HINT_INSIDE.exec(text)?.[0];
  const parts = hint === undefined ? null : hintParts(hint);
  return hint === undefined || parts === null ? null : hintKey(parts, hint).report;
}

/**
 * Parses a field that holds nothing but keys: one on each line, or separated by commas. A name may hold spaces there.
 * The twentieth report keeps the words of all keys beyond, unnamed.
 */
export function parseKeys(words: string): Pick<Declared, 'reports' | 'masked'> {
  const { text, masked } = typedText(words);
  const segments = (text.match(/(?:"[^"\n]*"|“[^”\n]*”|[^,，、\n])+/g) ?? [])
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '');
  if (segments.length === 0) return { reports: [UNNAMED], masked };
  const read = segments.slice(0, segments.length > MAX_KEYS ? MAX_KEYS - 1 : MAX_KEYS).map(keyOfSegment);
  const reports = read.map(({ report }) => report);
  if (segments.length > MAX_KEYS)
    reports.push({ query: { shape: 'none' }, words: kept(segments.slice(MAX_KEYS - 1).join(', ')) });
  return { reports, masked: masked + read.filter(({ fragment }) => fragment).length };
}

/** Parses the field that says where the key was seen. */
export function parseWhere(words: string): Pick<Declared, 'where' | 'masked'> {
  const { text, masked } = typedText(words);
  return { where: kept(text), masked };
}

interface ReadKey {
  readonly report: Report;
  /** How much of the text it took. */
  readonly length: number;
  /** True when key material without a prefix was shortened to a hint. */
  readonly fragment: boolean;
}

function keyOfSegment(segment: string): ReadKey {
  const key = isPlace(segment) ? null : readKey(segment);
  if (key === null) return read({ shape: 'none' }, segment);
  if (key.length === segment.length) return key;
  if (key.report.query.shape !== 'name')
    return { ...key, report: { ...key.report, words: kept(key.report.words + segment.slice(key.length)) } };
  const pasted = pastedKey(segment);
  return pasted === null ? read({ shape: 'name', name: segment }, segment) : { ...key, report: pasted };
}

const PLACE_WORDS = new Set(
  'in on at from found seen leaked committed posted pushed pasted published via inside within'.split(' '),
);

function isPlace(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.|[#@])/i.test(text);
}

function startsWhere(text: string): boolean {
  const [word = ''] = /^[A-Za-z]+(?=\s|$)/.exec(text) ?? [];
  return isPlace(text) || PLACE_WORDS.has(word.toLowerCase());
}

const QUOTED =
  /^(?:"([^"\n]+)"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|`([^`\n]+)`|'([^'\n]+)'|‘([^’\n]+)’)(?=[\s,，、.;:!?)]|$)/;
/** Both ends with spaces round the dots. What follows must look like the end of a key, not like the next word. */
const SPACED = new RegExp(
  `^(?:[A-Za-z0-9_-]{2,64})?(?<before>\\s{0,3})${MIDDLE}(?<after>\\s{0,3})(?<end>[A-Za-z0-9_-]{2,64})(?=[\\s,，、.;:!?)]|$)`,
);
const TOKEN = new RegExp(`^(?:${ANY_MASKED}|[^\\s,，、])+`);
const HOLDS_MASKED = new RegExp(ANY_MASKED);

/** The key that `text` begins with; null when it begins with none. */
function readKey(text: string): ReadKey | null {
  const quoted = QUOTED.exec(text);
  const inner = quoted?.slice(1).find((part) => part !== undefined);
  if (quoted !== null && inner !== undefined) return { ...wordKey(inner), length: quoted[0].length };
  const [spaced, groups] = spacedHint(text);
  const parts = hintParts(spaced.replace(/\s/g, ''));
  if (parts !== null && (groups.after === '' || isEndOfKey(groups.end ?? '')))
    return { ...hintKey(parts, spaced), length: spaced.length };
  const [token] = TOKEN.exec(text) ?? [];
  return token === undefined ? null : { ...wordKey(token), length: token.length };
}

function spacedHint(text: string): readonly [string, Readonly<Record<string, string | undefined>>] {
  const match = SPACED.exec(text);
  const { before = '', after = '' } = match?.groups ?? {};
  return match === null || before + after === '' ? ['', {}] : [match[0], match.groups ?? {}];
}

function isEndOfKey(token: string): boolean {
  return /AA$|[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]/.test(token) && token.length <= LONGEST_END;
}

function read(query: KeyQuery, words: string): ReadKey {
  // The log keeps a name only as its words, so the two are the same.
  if (query.shape !== 'name')
    return { report: { query, words: kept(words) }, length: words.length, fragment: false };
  const name = kept(query.name.replace(/\s+/g, ' ').trim());
  return name === ''
    ? { report: UNNAMED, length: words.length, fragment: false }
    : { report: { query: { shape: 'name', name }, words: name }, length: words.length, fragment: false };
}

/** Reads one word, or what stood in quotes. */
function wordKey(word: string): ReadKey {
  const bare = plain(word);
  const id = /^(apikey_[A-Za-z0-9_-]{1,128})[.;:!?)]*$/.exec(bare)?.[1];
  if (id !== undefined) return read({ shape: 'id', id }, word);
  const parts = hintParts(bare) ?? hintParts(bare.replace(/[.;:!?)]+$/, ''));
  if (parts !== null) return hintKey(parts, word);
  const pasted = pastedKey(bare);
  if (pasted !== null)
    return { report: { ...pasted, words: kept(word) }, length: word.length, fragment: false };
  if (HOLDS_MASKED.test(word)) return read({ shape: 'none' }, word);
  const start = /^sk-ant-[a-z0-9]{2,12}-([A-Za-z0-9_-]{0,7})[.;:!?)]?$/i.exec(bare);
  if (start !== null) return hintKey(hintParts(`${bare.replace(/[.;:!?)]$/, '')}...`) ?? EMPTY, word);
  if (isMaterial(bare)) return { ...read({ shape: 'none' }, MASKED), fragment: true };
  return read({ shape: 'name', name: word }, word);
}

const EMPTY = { family: null, start: '', end: '' };

function hintKey(
  { family, start, end }: { family: string | null; start: string; end: string },
  words: string,
): ReadKey {
  const ends = { start: start.slice(0, LONGEST_END), end: end.slice(-LONGEST_END) };
  const fragment = ends.start !== start || ends.end !== end;
  return {
    ...read(hintQuery(family, ends), fragment ? `${family ?? ''}${ends.start}...${ends.end}` : words),
    fragment,
  };
}

function hintQuery(family: string | null, { start, end }: { start: string; end: string }): KeyQuery {
  if (start !== '' && end !== '') return { shape: 'hint', family, start, end };
  if (start === '' && end === '') return { shape: 'none' };
  return { shape: 'end', family, start: start === '' ? null : start, end: end === '' ? null : end };
}

/** As it would be typed on a plain keyboard: no dressed-up letters, dashes or invisible marks, no brackets round it. */
function plain(word: string): string {
  const typed = word
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-');
  return /^\*([^*].*[^*])\*$/.exec(typed)?.[1] ?? /^[[(<{`'"](.+)[\])>}`'"]$/.exec(typed)?.[1] ?? typed;
}

/** A long piece of a key that lost its prefix: 40 characters or more, with a stretch as only chance mixes them. */
function isMaterial(word: string): boolean {
  if (!/^[A-Za-z0-9_-]{40,}$/.test(word)) return false;
  return word
    .split(/[-_]/)
    .some((part) => part.length > 12 && /[a-z]/.test(part) && /[A-Z]/.test(part) && /\d/.test(part));
}

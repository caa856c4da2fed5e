// Undoes the encodings in which a secret may hide, and remembers which characters of the original carry what was found.

/** A text behind a text. `span` says which stretch of the outer text carries a stretch of `text` (end exclusive). */
export interface Behind {
  readonly text: string;
  span(start: number, end: number): readonly [start: number, end: number];
}

const HEX = '[0-9A-Fa-f]';
const CONTINUED = `(?:[%=][89ABab]${HEX})`;

/** Named entities that can stand inside a key or around it. */
const ENTITIES: Readonly<Record<string, string>> = {
  hyphen: '-',
  dash: '-',
  lowbar: '_',
  UnderBar: '_',
  plus: '+',
  equals: '=',
  sol: '/',
  percnt: '%',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  num: '#',
  bsol: '\\',
  nbsp: ' ',
  Tab: '\t',
  NewLine: '\n',
  shy: '',
  zwj: '',
  zwnj: '',
  ZeroWidthSpace: '',
  NoBreak: '',
};

/** Invisible, or without a meaning of its own inside a key. */
const NOTHING = String.raw`\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cs}\p{Co}\p{M}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f`;
const DASHES = String.raw`\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d`;
/** Blocks in which Unicode has letters and digits that are ASCII ones in another dress (full width, bold, circled, …). */
const DRESSED =
  String.raw`\u00a0\u00aa\u00b2\u00b3\u00b9\u00ba\u02b0-\u02b8\u1d2c-\u1d6a\u2000-\u200a\u202f\u205f\u2070-\u209f` +
  String.raw`\u2100-\u214f\u2460-\u24ff\u2c7c\u3000\ufe4d-\ufe6b\uff01-\uff5e\u{1d400}-\u{1d7ff}\u{1f100}-\u{1f16f}`;

const ESCAPE = new RegExp(
  [
    String.raw`(?<drop>\x1b\[[0-9;]{0,20}[A-Za-z]|=\r?\n|</?[A-Za-z]{1,10} ?/?>)`,
    String.raw`\\{1,8}(?<quoted>[-_.+/=])`,
    `(?:%|=(?=[0-9A-F]{2}))(?<ascii>[0-7]${HEX})`,
    `(?<bytes>[%=][CDcd]${HEX}${CONTINUED}|[%=][Ee]${HEX}${CONTINUED}{2}|[%=][Ff][0-4]${CONTINUED}{3})`,
    String.raw`\\{1,8}(?:u(?<unit>${HEX}{4})|u\{(?<point>${HEX}{1,6})\}|x(?<byte>${HEX}{2})|(?<octal>[01][0-7]{2}))`,
    String.raw`&#(?:[xX]0{0,8}(?<hex>${HEX}{1,6})|0{0,8}(?<decimal>\d{1,7}));?`,
    `&(?<entity>${Object.keys(ENTITIES).join('|')});`,
    `(?<character>[${NOTHING}${DASHES}${DRESSED}])`,
  ].join('|'),
  'gu',
);

const IGNORED = new RegExp(`^[${NOTHING}]$`, 'u');
const DASH = new RegExp(`^[${DASHES}]$`, 'u');

/**
 * `text` with one layer of percent-encoding, quoted-printable, HTML entities and backslash escapes (also those of
 * Markdown) undone, invisible characters, bare tags and terminal colours removed, and dressed-up letters plain. Null when there is nothing to undo.
 */
export function unescaped(text: string): Behind | null {
  if (text.search(ESCAPE) < 0) return null;
  let plain = '';
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  const keep = (until: number): void => {
    plain += text.slice(at, until);
    for (; at < until; at += 1) {
      starts.push(at);
      ends.push(at + 1);
    }
  };
  for (const match of text.matchAll(ESCAPE)) {
    const decoded = decode(match);
    if (decoded === match[0]) continue;
    keep(match.index);
    at = match.index + match[0].length;
    plain += decoded;
    for (let unit = 0; unit < decoded.length; unit += 1) {
      starts.push(match.index);
      ends.push(at);
    }
  }
  if (at === 0) return null;
  keep(text.length);
  return { text: plain, span: (start, end) => [starts[start] ?? 0, ends[end - 1] ?? text.length] };
}

function decode(match: RegExpExecArray): string {
  const { groups = {} } = match;
  const { ascii, bytes, unit, point, byte, octal, hex, decimal, entity, character, quoted } = groups;
  if (quoted !== undefined) return quoted;
  if (character !== undefined) return plainCharacter(character);
  if (bytes !== undefined)
    return plainCharacter(Buffer.from(bytes.replace(/[%=]/g, ''), 'hex').toString('utf8'));
  if (entity !== undefined) return ENTITIES[entity] ?? match[0];
  const sixteen = ascii ?? unit ?? point ?? byte ?? hex;
  if (sixteen !== undefined) return fromCode(Number.parseInt(sixteen, 16));
  if (octal !== undefined) return fromCode(Number.parseInt(octal, 8));
  if (decimal !== undefined) return fromCode(Number.parseInt(decimal, 10));
  return '';
}

function fromCode(code: number): string {
  return code > 0x10_ffff ? '\ufffd' : plainCharacter(String.fromCodePoint(code));
}

function plainCharacter(character: string): string {
  if (IGNORED.test(character)) return '';
  if (DASH.test(character)) return '-';
  const plain = character.normalize('NFKC');
  return /^[\t-\r -~]{1,4}$/.test(plain) ? plain : character;
}

const B64 = '[A-Za-z0-9+/_-]';
const WRAP = String.raw`[ \t]{0,40}(?:\r?\n|(?:\\{1,4}r)?\\{1,4}n)[ \t]{0,120}`;
/** 24 characters of base64 in one piece, or any over several lines. */
const BASE64_RUN = new RegExp(
  `(?<!${B64})(?:${B64}{24,}(?:${WRAP}${B64}{1,})*|${B64}{2,}(?:${WRAP}${B64}{1,})+)`,
  'g',
);
/** Base64 of text never looks like this. */
const HASH = /^[0-9a-f]+$/;
const WRAP_ALL = new RegExp(WRAP, 'g');
/** Hexadecimal of a text that contains `sk-ant-`, with room for what follows. */
const HEX_KEY = /736b2d616e742d(?:[0-9a-f]{2}){8,}/gi;

/** What base64 (also its URL alphabet, at every alignment, wrapped or not) and hexadecimal in `text` say. */
export function* decodedRuns(text: string): Generator<Behind> {
  for (const match of text.matchAll(BASE64_RUN)) {
    const { characters, positions } = unwrapped(match[0], match.index);
    if (characters.length < 24 || HASH.test(characters)) continue;
    const padding = text.startsWith('==', match.index + match[0].length) ? 2 : 1;
    for (let shift = 0; shift < 4; shift += 1) {
      yield {
        text: Buffer.from(characters.slice(shift), 'base64').toString('latin1'),
        span: (start, end) => {
          const last = shift + Math.floor((end * 8 - 1) / 6);
          const padded = last === characters.length - 1 && text[positions(last) + 1] === '=';
          return [
            positions(shift + Math.floor((start * 8) / 6)),
            positions(last) + 1 + (padded ? padding : 0),
          ];
        },
      };
    }
  }
  for (const match of text.matchAll(HEX_KEY)) {
    yield {
      text: Buffer.from(match[0], 'hex').toString('latin1'),
      span: (start, end) => [match.index + start * 2, match.index + end * 2],
    };
  }
}

function unwrapped(run: string, from: number): { characters: string; positions: (index: number) => number } {
  if (!/[\s\\]/.test(run)) return { characters: run, positions: (index) => from + index };
  const at: number[] = [];
  let characters = '';
  let done = 0;
  const take = (until: number): void => {
    characters += run.slice(done, until);
    for (; done < until; done += 1) at.push(from + done);
  };
  for (const wrap of run.matchAll(WRAP_ALL)) {
    take(wrap.index);
    done = wrap.index + wrap[0].length;
  }
  take(run.length);
  return { characters, positions: (index) => at[index] ?? from + run.length - 1 };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyQuery } from '../../src/domain/key.ts';
import { parseDeclaration, parseKeys, parseWhere } from '../../src/domain/key-words.ts';
import { containsSecret, MASKED } from '../../src/domain/redaction.ts';
import { thorough } from '../support/thorough.ts';
import { anthropicKey, hintOf, VENDORS } from './synthetic-secrets.ts';

const R2D: KeyQuery = { shape: 'hint', family: null, start: 'R2D', end: 'igAA' };
const R2D_API: KeyQuery = { ...R2D, family: 'sk-ant-api03-' };

function only(words: string): KeyQuery {
  const { reports } = parseDeclaration(words);
  expect(reports).toHaveLength(1);
  return reports[0]?.query ?? { shape: 'none' };
}

function queries(words: string): KeyQuery[] {
  return parseDeclaration(words).reports.map((report) => report.query);
}

/** The query that stands for a whole key. */
function endsOf(key: string): KeyQuery {
  return { shape: 'hint', family: 'sk-ant-api03-', start: key.slice(13, 16), end: key.slice(-4) };
}

describe('what names a key', () => {
  test.each([
    'R2D...igAA',
    'R2D…igAA',
    'R2D..igAA',
    'R2D......igAA',
    'R2D***igAA',
    'R2Dxxxxxxxxxx' + 'igAA',
    'R2D ... igAA',
    'R2D... igAA',
    'R2D ...igAA',
    'R2D … igAA',
    '"R2D...igAA"',
    '`R2D...igAA`',
    '*R2D...igAA*',
    '(R2D...igAA)',
    'R2D...igAA.',
    'R2D\u200b...igAA',
    'Ｒ２Ｄ...ｉｇＡＡ',
  ])('%s has both ends', (words) => {
    expect(only(words)).toEqual(R2D);
    expect(only(`${words} in the repo`)).toEqual(R2D);
    expect(parseDeclaration(`${words} in the repo`).where).toBe('in the repo');
  });

  test.each([
    'sk-ant-api03-R2D...igAA',
    'SK-ANT-API03-R2D...igAA',
    'api03-R2D…igAA',
    'sk‑ant‑api03‑R2D...igAA',
  ])('%s also names the family', (words) => {
    expect(only(words)).toEqual(R2D_API);
  });

  test('ends are as long as they are typed', () => {
    expect(only('R2...gAA')).toEqual({ ...R2D, start: 'R2', end: 'gAA' });
    expect(only('R2Dab_-c...12igAA')).toEqual({ ...R2D, start: 'R2Dab_-c', end: '12igAA' });
  });

  test.each([
    ['...igAA', null, 'igAA'],
    ['…igAA', null, 'igAA'],
    ['... igAA', null, 'igAA'],
    ['R2D...', 'R2D', null],
    ['R2D…', 'R2D', null],
  ])('%s is a single end', (words, start, end) => {
    expect(only(words)).toEqual({ shape: 'end', family: null, start, end });
  });

  test('a single end before words is not joined with them', () => {
    expect(only('R2D... in the repo')).toEqual({ shape: 'end', family: null, start: 'R2D', end: null });
    expect(parseDeclaration('R2D... in the repo').where).toBe('in the repo');
    expect(only('sk-ant-api03-R2D')).toEqual({
      shape: 'end',
      family: 'sk-ant-api03-',
      start: 'R2D',
      end: null,
    });
  });

  test('an id, with or without the full stop of a sentence', () => {
    expect(only('apikey_01Rj2N8SVvo6')).toEqual({ shape: 'id', id: 'apikey_01Rj2N8SVvo6' });
    expect(only('apikey_01Rj2N8SVvo6.')).toEqual({ shape: 'id', id: 'apikey_01Rj2N8SVvo6' });
  });

  test('anything else is a name, up to the first space or in quotes; the words of a name are the name', () => {
    expect(parseDeclaration('prod-gateway in CI')).toEqual({
      reports: [{ query: { shape: 'name', name: 'prod-gateway' }, words: 'prod-gateway' }],
      where: 'in CI',
      masked: 0,
    });
    for (const words of [
      '"prod gateway" CI',
      '“prod gateway” CI',
      "'prod gateway' CI",
      '«prod  gateway» CI',
    ]) {
      const { reports, where } = parseDeclaration(words);
      expect(reports).toEqual([{ query: { shape: 'name', name: 'prod gateway' }, words: 'prod gateway' }]);
      expect(where).toBe('CI');
    }
    expect(only('👩‍👩‍👧-key')).toEqual({ shape: 'name', name: '👩‍👩‍👧-key' });
    expect(only('"half')).toEqual({ shape: 'name', name: '"half' });
  });

  test('controls and marks of direction are no part of a name', () => {
    expect(only('pr\u202eod\u0007-\u2066key')).toEqual({ shape: 'name', name: 'prod-key' });
  });
});

describe('several keys', () => {
  test('are separated by commas, and the words after the last are where', () => {
    const { reports, where } = parseDeclaration('a, b,c in the repo');
    expect(reports.map((report) => report.words)).toEqual(['a', 'b', 'c']);
    expect(where).toBe('in the repo');
  });

  test('of all kinds together', () => {
    expect(queries('R2D...igAA, "b, c" , apikey_01a, and ...zzAA seen in CI, twice')).toEqual([
      R2D,
      { shape: 'name', name: 'b, c' },
      { shape: 'id', id: 'apikey_01a' },
      { shape: 'end', family: null, start: null, end: 'zzAA' },
    ]);
  });

  test('ids and hints need no comma', () => {
    expect(queries('apikey_01a apikey_01b\nR2D...igAA in CI')).toEqual([
      { shape: 'id', id: 'apikey_01a' },
      { shape: 'id', id: 'apikey_01b' },
      R2D,
    ]);
  });

  test('a comma before the place is punctuation', () => {
    const { reports, where } = parseDeclaration('R2D...igAA, found in acme/web, twice');
    expect(reports).toHaveLength(1);
    expect(where).toBe('found in acme/web, twice');
  });

  test('more than twenty: the rest stays in where', () => {
    const { reports, where } = parseDeclaration(Array.from({ length: 25 }, (_, at) => `k${at}`).join(', '));
    expect(reports).toHaveLength(20);
    expect(where).toBe('k20, k21, k22, k23, k24');
  });
});

describe('where alone', () => {
  test.each([
    ['https://github.com/acme/web/commit/1', 'https://github.com/acme/web/commit/1'],
    ['<https://x.example/a|a label> now', 'https://x.example/a now'],
    ['<#C0123|general>', '#general'],
    ['found in the logs', 'found in the logs'],
    ['in CI', 'in CI'],
    ['<!channel>', '@channel'],
  ])('%s names no key', (words, where) => {
    expect(parseDeclaration(words)).toEqual({
      reports: [{ query: { shape: 'none' }, words: '' }],
      where,
      masked: 0,
    });
  });

  test.each(['', ' ', '\n', ',', ', ,', '\u200b'])('%j is one key without a name', (words) => {
    expect(parseDeclaration(words)).toEqual({
      reports: [{ query: { shape: 'none' }, words: '' }],
      where: '',
      masked: 0,
    });
  });

  test("a provider's hint in the middle of a sentence names the key", () => {
    const { reports, where } = parseDeclaration('found sk-ant-api03-R2D...igAA in #general');
    expect(reports).toEqual([{ query: R2D_API, words: 'sk-ant-api03-R2D...igAA' }]);
    expect(where).toBe('found sk-ant-api03-R2D...igAA in #general');
  });
});

describe("Slack's markup", () => {
  test.each([
    ['k in <https://x.example/?a=1&amp;b=2|label>', 'in https://x.example/?a=1&b=2'],
    ['k in <https://x.example/>', 'in https://x.example/'],
    ['k in <#C0123|general> by <@U0123|dana>', 'in #general by @dana'],
    ['k in <#C0123> by <@U0123>', 'in #C0123 by @U0123'],
    [
      'k told <!here> and <!subteam^S01|@oncall> and <!channel|channel>',
      'told @here and @oncall and @channel',
    ],
    ['k from <mailto:a@b.example|a@b.example>', 'from a@b.example'],
    ['k if a &lt; b &amp;&amp; c &gt; d', 'if a < b && c > d'],
    ['k as &amp;lt; once', 'as &lt; once'],
    ['k on <!date^1764000000^{date}|23 Nov>', 'on 23 Nov'],
  ])('%s', (words, where) => {
    expect(parseDeclaration(words).where).toBe(where);
  });
});

describe('a whole key', () => {
  const key = anthropicKey(31);
  const base64 = Buffer.from(`A=${key}\n`).toString('base64');

  test.each([
    ['as it is', key],
    ['with a line break', `${key.slice(0, 50)}\n  ${key.slice(50)}`],
    ['with a zero-width space', `${key.slice(0, 50)}\u200b${key.slice(50)}`],
    [
      'percent-encoded',
      key
        .split('')
        .map((one) => `%${one.charCodeAt(0).toString(16)}`)
        .join(''),
    ],
    ['in base64', Buffer.from(key).toString('base64')],
    ['in longer base64', base64],
    ['in quotes', `"${key}"`],
    ['as an assignment', `ANTHROPIC_API_KEY=${key}`],
    ['as a link of Slack', `KEY=<https://x.example/?k=${key}|${key.slice(0, 20)}>`],
  ])('%s becomes the hint of its ends and is counted', (_, words) => {
    const parsed = parseDeclaration(`${words} in CI`);
    expect(parsed.reports.map((report) => report.query)).toEqual([endsOf(key)]);
    expect(parsed.where).toBe('in CI');
    expect(parsed.masked).toBe(1);
    expect(containsSecret(JSON.stringify(parsed))).toBeNull();
    expect(JSON.stringify(parsed)).not.toContain(key.slice(20, 28));
  });

  test('in JSON or in a link at the start, with all that stood around it', () => {
    for (const words of [
      JSON.stringify({ key }),
      JSON.stringify({ n: 1, key }, null, 2),
      `https://x.example/?k=${key}`,
      `<https://x.example/?k=${key}>`,
    ]) {
      const parsed = parseDeclaration(words);
      expect(parsed.reports.map((report) => report.query)).toEqual([endsOf(key)]);
      expect(`${parsed.reports[0]?.words} ${parsed.where}`).toContain(
        words.replace(key, hintOf(key)).replace(/[<>]/g, ''),
      );
      expect(parsed.masked).toBe(1);
    }
  });

  test('several pasted one below the other are several keys', () => {
    const keys = [1, 2, 3].map((seed) => anthropicKey(seed));
    const parsed = parseDeclaration(keys.join('\n'));
    expect(parsed.reports.map((report) => report.query)).toEqual(keys.map(endsOf));
    expect(parsed.masked).toBe(3);
  });

  test('without its prefix, whole or in part, is not kept', () => {
    const body = key.slice(13);
    expect(parseDeclaration(body)).toEqual({
      reports: [{ query: { ...endsOf(key), family: null }, words: hintOf(key).slice(13) }],
      where: '',
      masked: 1,
    });
    expect(parseDeclaration(body.slice(0, 60))).toEqual({
      reports: [{ query: { shape: 'none' }, words: MASKED }],
      where: '',
      masked: 1,
    });
  });

  test('in part, or of another vendor, leaves a key without a name', () => {
    for (const [words, left] of [
      [key.slice(0, 60), '[masked sk-ant-api03- key]'],
      [VENDORS.ghp?.(1) ?? '', '[masked ghp_ key]'],
    ] as const) {
      expect(parseDeclaration(`${words} in CI`)).toEqual({
        reports: [{ query: { shape: 'none' }, words: left }],
        where: 'in CI',
        masked: 1,
      });
    }
  });

  test('long ends of a hint are shortened to twelve characters and counted', () => {
    const { reports, masked } = parseDeclaration(`R2D${'a1'.repeat(15)}...${'b2'.repeat(15)}igAA`);
    expect(reports).toEqual([
      {
        query: { shape: 'hint', family: null, start: 'R2Da1a1a1a1a', end: 'b2b2b2b2igAA' },
        words: 'R2Da1a1a1a1a...b2b2b2b2igAA',
      },
    ]);
    expect(masked).toBe(1);
  });

  test('where it was seen is masked too', () => {
    const parsed = parseDeclaration(`prod-key in a log: ${VENDORS.xoxb?.(3)}`);
    expect(parsed.where).toBe('in a log: [masked xoxb- key]');
    expect(parsed.masked).toBe(1);
  });
});

describe('fields of the modal', () => {
  test('Which key? holds only keys: names may have spaces, lines and commas separate', () => {
    const { reports } = parseKeys('prod gateway, R2D...igAA\n"a, b"\napikey_01a\n\n');
    expect(reports).toEqual([
      { query: { shape: 'name', name: 'prod gateway' }, words: 'prod gateway' },
      { query: R2D, words: 'R2D...igAA' },
      { query: { shape: 'name', name: 'a, b' }, words: 'a, b' },
      { query: { shape: 'id', id: 'apikey_01a' }, words: 'apikey_01a' },
    ]);
  });

  test('what follows a hint is kept beside it', () => {
    expect(parseKeys('R2D...igAA from the gateway').reports).toEqual([
      { query: R2D, words: 'R2D...igAA from the gateway' },
    ]);
  });

  test('a key in a sentence, an address, nothing, and too many', () => {
    const key = anthropicKey(32);
    expect(parseKeys(`it is ${key}`)).toEqual({
      reports: [{ query: endsOf(key), words: hintOf(key) }],
      masked: 1,
    });
    expect(parseKeys('https://x.example').reports[0]?.query).toEqual({ shape: 'none' });
    expect(parseKeys('  ')).toEqual({ reports: [{ query: { shape: 'none' }, words: '' }], masked: 0 });
    const many = parseKeys(Array.from({ length: 25 }, (_, at) => `k${at}`).join('\n')).reports;
    expect(many).toHaveLength(20);
    expect(many[19]).toEqual({ query: { shape: 'none' }, words: 'k19, k20, k21, k22, k23, k24' });
  });

  test('Where was it seen? is text', () => {
    expect(parseWhere('  in <#C1|general>,\n line two \u0000')).toEqual({
      where: 'in #general,\n line two',
      masked: 0,
    });
    expect(parseWhere(anthropicKey(33)).masked).toBe(1);
  });
});

describe('for every text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '...',
      ', ',
      '"',
      '<',
      '>',
      '<!channel>',
      '&lt;',
      'sk-ant-',
      '\u202e',
      '\ud800',
      '\n',
      'R2D',
      'AA',
      MASKED,
      '[masked sk-proj- key]',
    ),
    fc.nat(1_000).map((seed) => anthropicKey(seed)),
    fc.nat(1_000).chain((seed) => fc.constantFrom(...Object.values(VENDORS)).map((make) => make(seed))),
    fc.constant('long '.repeat(1_200)),
  );
  const words = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  test('parsing never throws; what comes out is masked, well formed, short and inert', () => {
    fc.assert(
      fc.property(words, (typed) => {
        const declared = parseDeclaration(typed);
        const kept = [
          declared.where,
          parseWhere(typed).where,
          ...[...declared.reports, ...parseKeys(typed).reports].flatMap(({ query, words: said }) => [
            said,
            ...Object.values(query).map(String),
          ]),
        ];
        expect(declared.reports.length).toBeGreaterThan(0);
        expect(declared.reports.length).toBeLessThanOrEqual(20);
        for (const text of kept) {
          expect(text.length).toBeLessThanOrEqual(3_000);
          expect(containsSecret(text)).toBeNull();
          expect(/\p{Surrogate}/u.test(text)).toBe(false);
          expect(/(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text)).toBe(false);
        }
        for (const { query, words: said } of declared.reports) {
          if (query.shape === 'name') expect(said).toBe(query.name);
          if (query.shape === 'hint') expect(Math.max(query.start.length, query.end.length)).toBeLessThan(13);
        }
      }),
      { numRuns: thorough(200) },
    );
  });

  test('a cut is told', () => {
    const { where } = parseDeclaration(`k ${'word '.repeat(2_000)}`);
    expect(where).toHaveLength(3_000);
    expect(where.endsWith('…')).toBe(true);
    expect(parseDeclaration(`k ${'😀'.repeat(2_000)}`).where).toMatch(/^(?:😀)+…$/u);
  });
});

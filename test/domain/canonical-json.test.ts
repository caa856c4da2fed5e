import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { KeyleakError } from '../../src/domain/errors.ts';
import { thorough } from '../support/thorough.ts';

function refusal(value: unknown): KeyleakError {
  try {
    canonicalJson(value);
  } catch (error) {
    if (error instanceof KeyleakError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('vectors of RFC 8785', () => {
  // Sections 3.2.2 and 3.2.4 without the numbers that are not integers. The source text is that of the RFC.
  test('3.2.2: strings, literals and order of names', () => {
    const source = String.raw`{
      "numbers": [333333333, 10],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333,10],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    expect(canonicalJson(JSON.parse(source))).toBe(expected);
  });

  test('3.2.4: the string vector as UTF-8 bytes', () => {
    const text = canonicalJson(JSON.parse(String.raw`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`));
    expect(Buffer.from(text, 'utf8').toString('hex')).toBe(
      '22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f22',
    );
  });

  test('3.2.3: names are sorted by UTF-16 code units, not by code points', () => {
    const source = String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }`;
    const text = canonicalJson(JSON.parse(source));
    const order = ['Carriage Return', 'One', 'Control', 'Latin Small', 'Euro Sign', 'Emoji', 'Hebrew'];
    const positions = order.map((words) => text.indexOf(words));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions).not.toContain(-1);
    expect(text.startsWith(String.raw`{"\r":"Carriage Return","1":"One"`)).toBe(true);
  });

  test('3.2.2.2: control characters have their short form, or lower-case hexadecimal', () => {
    const all = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)).join('');
    expect(canonicalJson(`${all}\u007f"\\/`)).toBe(
      String.raw`"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f` +
        String.raw`\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f` +
        '\u007f\\"\\\\/"',
    );
  });

  test('appendix B: the integers within range', () => {
    expect(canonicalJson([0, -0, 9007199254740991, -9007199254740991])).toBe(
      '[0,0,9007199254740991,-9007199254740991]',
    );
  });

  test('structures.json of the reference implementation, which has only integers', () => {
    const source =
      '{"1":{"f":{"f":"hi","F":5},"\\n":56},"10":{},"":"empty","a":{},"111":[{"e":"yes","E":"no"}],"A":{}}';
    expect(canonicalJson(JSON.parse(source))).toBe(
      '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
    );
  });
});

describe('round trip', () => {
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  })).value;

  test('what is written can be read back and is written the same again', () => {
    fc.assert(
      fc.property(value, (x) => {
        const text = canonicalJson(x);
        expect(JSON.parse(text)).toEqual(x);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { numRuns: thorough(500) },
    );
  });

  test('the order in which members were added does not matter', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer(), { noNullPrototype: true }), (x) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(x).reverse()))).toBe(canonicalJson(x));
      }),
    );
  });

  test('a member named __proto__ is a member like any other', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });
});

describe('refused with the path', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const holes: unknown[] = [1];
  holes[2] = 3;

  test.each([
    ['a fraction', { a: [0.5] }, '$.a[0]'],
    ['an integer beyond the safe range', { n: 2 ** 53 }, '$.n'],
    ['not a number', { n: Number.NaN }, '$.n'],
    ['infinity', [Number.NEGATIVE_INFINITY], '$[0]'],
    ['an undefined member', { a: { b: undefined } }, '$.a.b'],
    ['a hole', { list: holes }, '$.list[1]'],
    ['a function', { f: () => 1 }, '$.f'],
    ['a bigint', [1n], '$[0]'],
    ['a date', { 'due at': new Date(0) }, '$["due at"]'],
    ['a map', { m: new Map() }, '$.m'],
    ['a symbol for a name', { s: { [Symbol('x')]: 1 } }, '$.s'],
    ['half a surrogate pair', { t: 'a\ud800b' }, '$.t'],
    ['half a surrogate pair in a name', { '\udc00': 1 }, String.raw`$["\udc00"]`],
    ['undefined itself', undefined, '$'],
  ])('%s', (_, value, path) => {
    const error = refusal(value);
    expect(error.code).toBe('KL_LOG_NOT_CANONICAL');
    expect(error.message).toContain(`The value at ${path} is`);
    expect(error.next).not.toBe('');
  });

  test('a value that contains itself', () => {
    expect(refusal(cyclic).message).toContain('levels of nesting');
  });
});

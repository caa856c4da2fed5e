import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { declaredWords, namedKey, operatorName, reasonText } from '../../src/cli/operator-words.ts';
import { OPERATOR } from '../../src/control/protocol.ts';
import { anthropicKey, hintOf } from '../domain/synthetic-secrets.ts';

const shapes = (...words: readonly string[]): readonly string[] =>
  declaredWords(words, '').value.reports.map(({ query }) => query.shape);

describe('the words of keyleak declare', () => {
  test('mean what they mean after /keyleak', () => {
    expect(declaredWords(['R2D...igAA', 'https://example.com/x'], '').value).toMatchObject({
      reports: [{ query: { shape: 'hint', start: 'R2D', end: 'igAA' } }],
      where: 'https://example.com/x',
    });
    expect(shapes('R2D...igAA,', 'apikey_01abc')).toEqual(['hint', 'id']);
    expect(shapes()).toEqual(['none']);
    expect(shapes('https://example.com/x')).toEqual(['none']);
  });

  test('are a name where one argument has spaces, and a sentence where it begins with a hint', () => {
    expect(declaredWords(['my key name'], '').value.reports).toEqual([
      { query: { shape: 'name', name: 'my key name' }, words: 'my key name' },
    ]);
    expect(declaredWords(['R2D...igAA found in a log'], '').value).toMatchObject({
      reports: [{ query: { shape: 'hint' } }],
      where: 'found in a log',
    });
  });

  test('and --where are put together', () => {
    expect(declaredWords(['R2D...igAA', 'in', 'CI'], 'job 7').value.where).toBe('in CI job 7');
  });

  test('lose every whole key but its hint, and count it', () => {
    const secret = anthropicKey(3);
    const { value, masked } = declaredWords([secret], `log of ${secret}`);
    expect(masked).toBe(2);
    expect(JSON.stringify(value)).not.toContain(secret.slice(20, 50));
    expect(value.reports[0]?.words).toBe(hintOf(secret));
    expect(namedKey(secret)).toMatchObject({ masked: 1, value: { words: hintOf(secret) } });
    expect(reasonText(secret)).toEqual({ value: hintOf(secret), masked: 1 });
  });
});

describe('the name of an operator', () => {
  test.each([
    ['dana.reyes', 'dana.reyes'],
    ['Dana Reyes', 'Dana-Reyes'],
    ['José Ångström', 'José-Ångström'],
    ['<@U0DANA>', 'U0DANA'],
    ['x\n\u202eadmin', 'x-admin'],
    ['a'.repeat(99), 'a'.repeat(64)],
  ])('%j enters the log as %j', (given, name) => {
    expect(operatorName(given)).toBe(name);
    expect(name).toMatch(OPERATOR);
  });

  test('is that of the user when none is given', () => {
    expect(operatorName(undefined)).toBe(userInfo().username);
  });

  test.each(['', ' ', '---', '…'])('%j is none', (given) => {
    expect(() => operatorName(given)).toThrow(expect.objectContaining({ code: 'KL_OPERATOR' }));
  });
});

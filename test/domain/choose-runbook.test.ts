import { describe, expect, test } from 'vitest';
import { chooseRunbook } from '../../src/domain/choose-runbook.ts';
import { parseDeclaration, parseKeys } from '../../src/domain/key-words.ts';
import { type Runbook, runbookSchema } from '../../src/domain/runbook.ts';
import { ANTHROPIC, pemKey, VENDORS } from './synthetic-secrets.ts';

const CLAIMS: Readonly<Record<string, readonly string[]>> = {
  anthropic: ['sk-ant-api03-', 'sk-ant-'],
  admin: ['sk-ant-admin01-'],
  login: ['sk-ant-oat01-', 'sk-ant-sid'],
  openai: ['sk-proj-', 'sk-'],
  aggregator: ['sk-or-v1-'],
  aws: ['AKIA', 'ASIA', 'ABSK', 'bedrock-api-key-', 'bedrock-api-'],
  google: ['AIza'],
  generic: ['ghp_', 'npm_', 'xoxb-', 'hf_', 'eyJ', '-----BEGIN'],
  silent: [],
};

const RUNBOOKS: ReadonlyMap<string, Runbook> = new Map(
  Object.entries(CLAIMS).map(([id, prefixes]) => [
    id,
    runbookSchema.parse({
      id,
      title: id,
      ...(prefixes.length === 0 ? {} : { prefixes }),
      phases: [
        {
          id: 'now',
          title: 'Now',
          within: '5m',
          steps: [{ id: 'one', title: 'Do one', guide: 'Do it.' }],
        },
      ],
    }),
  ]),
);

/** What `/keyleak <words>` chooses. */
function said(words: string): string | null {
  return chooseRunbook(RUNBOOKS, parseDeclaration(words));
}

describe('a hint', () => {
  test.each([
    ['sk-ant-api03-R2D...igAA', 'anthropic'],
    ['sk-ant-admin01-R2D...igAA', 'admin'],
    ['Sk-ant-admin01-R2D…igAA', 'admin'],
    ['admin01-R2D...igAA', 'admin'],
    ['sk-ant-oat01-R2D', 'login'],
    ['sk-ant-sid02-R2D...igAA', 'login'],
    ['sk-ant-novel-R2D...igAA', 'anthropic'],
    ['sk-proj-R2D...wxyz', 'openai'],
    ['Sk-proj-R2D...wxyz', 'openai'],
    ['sk\u2011proj\u2011R2D…wxyz', 'openai'],
    ['`sk-or-v1-1a2...9f0e`', 'aggregator'],
    ['AKIA...WXYZ', 'aws'],
    ['AKIAR2D2', 'aws'],
    ['bedrock-api-key-YmVk...x1y2', 'aws'],
    ['npm_abcd...wxyz', 'generic'],
    ['sk-proj-', 'openai'],
  ])('%s chooses %s', (words, id) => {
    expect(said(words)).toBe(id);
    expect(chooseRunbook(RUNBOOKS, { ...parseKeys(words), where: '' })).toBe(id);
  });

  test.each([
    ['nothing', ''],
    ['a bare hint', 'R2D...igAA'],
    ['one that lost all but the first three characters', 'sk-...igAA'],
    ['an id', 'apikey_01AKIA'],
    ['a name', 'prod-api-gateway-2026-04-25'],
    ['a name with such a beginning', 'npm_publish-2026'],
    ['a name with such a beginning in capitals', 'ASIA-prod'],
    ['a prefix inside a word', 'risk-proj-R2D...wxyz'],
    ['capitals in the wrong case', 'akia...wxyz'],
  ])('%s says nothing', (_, words) => expect(said(words)).toBeNull());
});

describe('a whole key, masked before anything sees it', () => {
  test.each([
    ['api03', 'anthropic'],
    ['admin01', 'admin'],
    ['oat01', 'login'],
    ['sid01', 'login'],
    ['short', 'anthropic'],
    ['openai_project', 'openai'],
    ['openai_old', 'openai'],
    ['openrouter', 'aggregator'],
    ['aws_access', 'aws'],
    ['bedrock', 'aws'],
    ['bedrock_short', 'aws'],
    ['google', 'google'],
    ['ghp', 'generic'],
    ['xoxb', 'generic'],
    ['jwt', 'generic'],
  ])('of the family %s chooses %s', (family, id) => {
    const key = { ...ANTHROPIC, ...VENDORS }[family]?.(7) ?? '';
    expect(said(key)).toBe(id);
    expect(said(`API_KEY=${key} in CI`)).toBe(id);
    expect(said(`in https://example.com/?key=${key}`)).toBe(id);
    expect(chooseRunbook(RUNBOOKS, { ...parseKeys(`the key is "${key}"`), where: '' })).toBe(id);
  });

  test('a private key too', () => expect(said(`deploy key\n${pemKey(1)}`)).toBe('generic'));
});

describe('several words', () => {
  test('the longest prefix wins, wherever it stands', () => {
    expect(said('sk-ant-api03-R2D...igAA, sk-ant-admin01-Ab1...xyAA')).toBe('admin');
    expect(said('sk-ant-admin01-Ab1...xyAA, sk-ant-api03-R2D...igAA')).toBe('admin');
    expect(said('AKIA...WXYZ, sk-ant-api03-R2D...igAA')).toBe('anthropic');
  });

  test('of equally long ones the first said', () => {
    expect(said('AIza...WXYZ, AKIA...WXYZ')).toBe('google');
    expect(said('AKIA...WXYZ, AIza...WXYZ')).toBe('aws');
  });

  test('the place speaks only where no key is named by its id or ends', () => {
    expect(said('in a file beside AKIA...WXYZ')).toBe('aws');
    expect(said('checkout-key found beside AKIA...WXYZ')).toBe('aws');
    expect(said('R2D...igAA found beside AKIA...WXYZ')).toBeNull();
    expect(said('apikey_01abc found beside AKIA...WXYZ')).toBeNull();
    expect(said('ghp_R2D2...wxyz beside sk-ant-admin01-R2D...igAA')).toBe('generic');
  });

  test('without any runbook that claims a prefix nothing is chosen', () => {
    expect(chooseRunbook(new Map(), parseDeclaration('sk-proj-R2D...wxyz'))).toBeNull();
  });
});

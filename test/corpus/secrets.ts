// Secrets as their vendors publish their form, written from the documents and not from what keyleak looks for. Nothing here
// is shared with the detector or with its own tests.

import type { Chance } from '../support/virtual-time.ts';

export interface Made {
  readonly family: string;
  /** What nobody may read any more. */
  readonly body: string;
  readonly whole: string;
}

const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index)).join('');
const ABC = letters.toUpperCase();
const NUMBERS = '9876543210';

function draw(chance: Chance, count: number, ...alphabets: readonly string[]): string {
  const all = alphabets.join('');
  let drawn = '';
  while (drawn.length < count) drawn += all.charAt(chance.below(all.length));
  return drawn;
}

function joined(family: string, pieces: readonly string[], body: string, after = ''): Made {
  return { family, body, whole: `${pieces.join('')}${body}${after}` };
}

type Maker = (chance: Chance) => Made;

const word = (chance: Chance, count: number): string => draw(chance, count, letters, ABC, NUMBERS);
const safe = (chance: Chance, count: number): string =>
  `${word(chance, 1)}${draw(chance, count - 2, letters, ABC, NUMBERS, '-_')}${word(chance, 1)}`;

/** https://docs.claude.com: `sk-ant-<kind><version>-`, then URL-safe base64 that ends with AA. */
const anthropic =
  (kind: string, count: number): Maker =>
  (chance) =>
    joined(`anthropic ${kind}`, ['sk', '-ant-', kind, '-'], `${safe(chance, count - 2)}AA`);

export const ANTHROPIC_MAKERS: readonly Maker[] = [
  anthropic('api03', 95),
  anthropic('admin01', 95),
  anthropic('oat01', 95),
  anthropic('ort01', 95),
  anthropic('sid01', 108),
];

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

export const VENDOR_MAKERS: readonly Maker[] = [
  (chance) => joined('github classic', ['gh', 'p', '_'], word(chance, 36)),
  (chance) => joined('github app', ['gh', 's', '_'], word(chance, 36)),
  (chance) => joined('github fine-grained', ['github', '_pat_'], `11${word(chance, 20)}_${word(chance, 59)}`),
  (chance) =>
    joined(
      'slack bot',
      ['xo', 'xb-'],
      `${draw(chance, 12, NUMBERS)}-${draw(chance, 13, NUMBERS)}-${word(chance, 24)}`,
    ),
  (chance) =>
    joined(
      'slack app',
      ['xa', 'pp-1-'],
      `A0${draw(chance, 9, ABC, NUMBERS)}-${draw(chance, 13, NUMBERS)}-${draw(chance, 64, 'abcdef', NUMBERS)}`,
    ),
  (chance) => joined('aws access key id', ['AK', 'IA'], draw(chance, 16, ABC, '234567')),
  (chance) =>
    joined('aws secret key', ['aws_secret_access', '_key = '], draw(chance, 40, letters, ABC, NUMBERS, '+/')),
  (chance) => joined('openai', ['sk', '-pro', 'j-'], `${safe(chance, 74)}T3BlbkFJ${safe(chance, 74)}`),
  (chance) => joined('google api', ['AI', 'za'], `Sy${safe(chance, 33)}`),
  (chance) => joined('google oauth secret', ['GOC', 'SPX-'], safe(chance, 28)),
  (chance) => joined('stripe', ['sk', '_li', 've_'], word(chance, 99)),
  (chance) => joined('stripe webhook', ['wh', 'sec_'], word(chance, 32)),
  (chance) => {
    const head = base64url(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: word(chance, 8) }));
    const claims = base64url(JSON.stringify({ sub: word(chance, 12), iat: 1_700_000_000 + chance.below(9) }));
    return joined('jwt', [head, '.'], `${claims}.${safe(chance, 86)}`);
  },
  (chance) => {
    const lines = Array.from({ length: 8 }, () => draw(chance, 64, letters, ABC, NUMBERS, '+/'));
    return joined(
      'private key',
      ['-----BEGIN ', 'EC PRIVATE ', 'KEY-----\n'],
      lines.join('\n'),
      `\n-----END EC PRIVATE ${'KEY'}-----`,
    );
  },
  (chance) => joined('gitlab', ['gl', 'pat-'], word(chance, 20)),
  (chance) => joined('npm', ['np', 'm_'], word(chance, 36)),
  (chance) => joined('hugging face', ['h', 'f_'], draw(chance, 34, letters, ABC)),
];

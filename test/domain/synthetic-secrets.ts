// Made-up secrets of every family, built at run time so that no file holds anything that looks like one.

import { type Chance, seeded } from '../support/virtual-time.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const ALNUM = UPPER + LOWER + DIGITS;
const URL64 = `${ALNUM}-_`;
const STD64 = `${ALNUM}+/`;

function run(chance: Chance, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[chance.below(alphabet.length)]).join('');
}

/** `sk-ant-<family>-` and a body of `length` characters that ends, like every whole key, with `AA`. */
export function anthropicKey(seed: number, family = 'api03', length = 95): string {
  const chance = seeded(seed);
  // The first and last characters are letters and digits, so that tests can tell where a key ends.
  const ends = [run(chance, ALNUM, 1), run(chance, ALNUM, 1)];
  return `sk-${'ant'}-${family}-${ends[0]}${run(chance, URL64, length - 4)}${ends[1]}AA`;
}

/** What may be shown of a whole key: prefix, three characters, three dots, the last four. */
export function hintOf(key: string): string {
  const [, family = '', body = ''] = /^sk-ant-([a-z0-9]+)-(.*)$/s.exec(key) ?? [];
  return `sk-ant-${family}-${body.slice(0, 3)}...${body.slice(-4)}`;
}

export const ANTHROPIC: Readonly<Record<string, (seed: number) => string>> = {
  api03: (seed) => anthropicKey(seed, 'api03'),
  admin01: (seed) => anthropicKey(seed, 'admin01'),
  oat01: (seed) => anthropicKey(seed, 'oat01'),
  ort01: (seed) => anthropicKey(seed, 'ort01', 93),
  sid01: (seed) => anthropicKey(seed, 'sid01', 104),
  req: (seed) => anthropicKey(seed, 'req', 48),
  api04: (seed) => anthropicKey(seed, 'api04', 120),
  short: (seed) => anthropicKey(seed, 'api03', 24),
  unknown: (seed) => anthropicKey(seed, 'novel', 64),
};

function vendor(make: (chance: Chance) => string): (seed: number) => string {
  return (seed) => make(seeded(seed));
}

export const VENDORS: Readonly<Record<string, (seed: number) => string>> = {
  ...Object.fromEntries(
    ['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map((kind) => [
      kind,
      vendor((chance) => `${kind}_${run(chance, ALNUM, 36)}`),
    ]),
  ),
  github_pat: vendor((chance) => `github_${'pat'}_${run(chance, ALNUM, 22)}_${run(chance, ALNUM, 59)}`),
  xoxb: vendor(
    (chance) => `xox${'b'}-${run(chance, DIGITS, 12)}-${run(chance, DIGITS, 13)}-${run(chance, ALNUM, 24)}`,
  ),
  xoxp: vendor((chance) => `xox${'p'}-${run(chance, DIGITS, 12)}-${run(chance, ALNUM, 32)}`),
  xoxa: vendor((chance) => `xox${'a'}-2-${run(chance, DIGITS, 12)}-${run(chance, ALNUM, 32)}`),
  xoxe: vendor((chance) => `xox${'e'}.xoxp-1-${run(chance, UPPER + DIGITS, 160)}`),
  xapp: vendor(
    (chance) =>
      `xapp-1-A${run(chance, UPPER + DIGITS, 10)}-${run(chance, DIGITS, 13)}-${run(chance, '0123456789abcdef', 64)}`,
  ),
  openai_project: vendor((chance) => `sk-${'proj'}-${run(chance, URL64, 120)}`),
  openai_service: vendor((chance) => `sk-${'svcacct'}-${run(chance, URL64, 120)}`),
  openai_admin: vendor((chance) => `sk-${'admin'}-${run(chance, URL64, 120)}`),
  openai_old: vendor((chance) => `sk-${run(chance, ALNUM, 48)}`),
  openrouter: vendor((chance) => `sk-${'or'}-v1-${run(chance, '0123456789abcdef', 64)}`),
  litellm: vendor((chance) => `s${'k'}-aB${run(chance, URL64, 19)}${run(chance, ALNUM, 1)}`),
  bedrock_short: vendor((chance) => `bedrock-api-${'key'}-${run(chance, ALNUM, 200)}`),
  aws_access: vendor((chance) => `AK${'IA'}${run(chance, `${UPPER}234567`, 16)}`),
  aws_session: vendor((chance) => `AS${'IA'}${run(chance, `${UPPER}234567`, 16)}`),
  bedrock: vendor((chance) => `AB${'SK'}${run(chance, STD64, 128)}`),
  google: vendor((chance) => `AI${'za'}${run(chance, URL64, 34)}${run(chance, ALNUM, 1)}`),
  google_token: vendor((chance) => `ya${'29'}.a0${run(chance, URL64, 160)}${run(chance, ALNUM, 1)}`),
  stripe: vendor((chance) => `sk_${'live'}_${run(chance, ALNUM, 24)}`),
  jwt: vendor(
    (chance) =>
      `ey${'J'}${run(chance, ALNUM, 33)}.ey${'J'}${run(chance, URL64, 80)}.${run(chance, URL64, 42)}a`,
  ),
};

/** A private key in PEM form: `lines` lines of 64 characters. */
export function pemKey(seed: number, kind = 'RSA ', lines = 25): string {
  const chance = seeded(seed);
  const body = Array.from({ length: lines }, () => run(chance, STD64, 64)).join('\n');
  return `-----BEGIN ${kind}PRIVATE ${'KEY'}-----\n${body}\n${run(chance, STD64, 22)}==\n-----END ${kind}PRIVATE ${'KEY'}-----`;
}

export { ALNUM, run, STD64 };

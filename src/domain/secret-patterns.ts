// What the tokens of well-known vendors look like. One alternation, matched in one pass; every quantifier that something
// must follow is bounded, so that no text makes it slow.

import { isProse } from './prose.ts';

/** A stretch of a text that carries a secret: `start` inclusive, `end` exclusive, in UTF-16 units. */
export interface Secret {
  readonly start: number;
  readonly end: number;
  /** Name of the family, such as `anthropic` or `github`. */
  readonly family: string;
  /** What may be shown of a whole Anthropic key, in the provider's own form; null for everything else. */
  readonly hint: string | null;
  /** The public beginning that all such secrets share, such as `sk-proj-`, from a closed list; null where there is none. */
  readonly prefix: string | null;
}

/**
 * `literal` with no letter or digit before it. The `n` of an escaped line break (`\n` in JSON) does not count as one.
 * It looks back after the literal was found: a pattern that begins with looking back is tried at every character.
 */
function edge(literal: string, before = '[^A-Za-z0-9]'): string {
  return String.raw`${literal}(?<=(?:^|${before}|\\[nrtbf])${literal})`;
}

/** White space between two lines of a PEM block, also as the escapes of a string literal. */
const BREAK = String.raw`(?:\s|\\{1,4}[nrt])`;
const BASE64 = '[A-Za-z0-9+/=]';

const PEM_HEADER = '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
const PEM_TO_END = String.raw`(?:(?!-----)[\s\S]){30,16000}-----END [A-Z0-9 ]{0,60}-----`;
/** A block that was cut off: header lines if any, then every line that is base64. */
const PEM_CUT =
  String.raw`(?:${BREAK}{0,8}[A-Za-z-]{1,20}: [^\n\\]{0,80}){0,4}` +
  `${BREAK}{0,40}${BASE64}{16,}(?:${BREAK}{1,40}${BASE64}{16,}){0,400}(?:${BREAK}{1,8}[A-Za-z0-9+/]{1,80}={1,2})?`;

/** The start of another line of the same text: in a mail, a diff, a comment, or as an escape. */
const NEXT_LINE = String.raw`[ \t]{0,4}(?:\r?\n|\\{1,4}n)(?:[>|#*+]|//)?[ \t]{0,16}`;

/** A secret access key looks like any 40 characters of base64; it is told by its name. */
const AWS_SECRET =
  String.raw`(?:[sS]ecret_?[aA]ccess_?[kK]ey|SECRET_ACCESS_KEY|secret_key|SECRET_KEY)["'\\]{0,4}[ \t]{0,4}(?:=>|[:=])[ \t]{0,4}["'\\]{0,4}` +
  `(?:[A-Za-z0-9/+](?:${NEXT_LINE})?){40}(?![A-Za-z0-9/+])`;

/**
 * Anthropic's keys with their prefix `sk-ant-` are found in secret-anthropic.ts; here only those that lost part of it.
 * `sign` stands in every text that `source` matches.
 */
const PATTERNS: readonly (readonly [family: string, sign: string, source: string])[] = [
  [
    'anthropic',
    String.raw`(?:api|admin|oat|ort|sid)\d\d-`,
    String.raw`(?:api|admin|oat|ort|sid)\d{2}-[A-Za-z0-9_-]{60,}`,
  ],
  ['github', 'gh[opusr]_|github_pat_', 'gh[opusr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}'],
  [
    'slack',
    String.raw`xox|xapp-|hooks\.slack\.com`,
    String.raw`xox[a-z](?:\.xox[a-z])?-(?=[A-Za-z-]{0,60}\d)[A-Za-z0-9-]{10,}|` +
      String.raw`${edge('xapp-')}(?=[A-Za-z-]{0,60}\d)[A-Za-z0-9-]{10,}|` +
      String.raw`hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{20,}`,
  ],
  ['openrouter', 'sk-or-', 'sk-or-v1-[A-Za-z0-9]{16,}'],
  ['openai', 'sk-', `${edge('sk-')}(?:(?:proj|svcacct|service|admin)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})`],
  // Proxies such as LiteLLM: 22 characters of URL-safe base64, which is never of one case.
  [
    'proxy',
    'sk-',
    `${edge('sk-')}(?!ant-)(?=[a-z0-9_-]{0,40}[A-Z])(?=[A-Z0-9_-]{0,40}[a-z])[A-Za-z0-9_-]{20,}`,
  ],
  [
    'aws',
    'A[KS]IA|ABSK|bedrock-api-key-|[sS]ecret|SECRET',
    `${edge('A[KS]IA')}[A-Z0-9]{16}(?![A-Za-z0-9])|${edge('ABSK')}[A-Za-z0-9+/]{40,}={0,2}|` +
      `bedrock-api-key-[A-Za-z0-9+/=_-]{20,}|${AWS_SECRET}`,
  ],
  [
    'google',
    String.raw`AIza|ya29\.|GOCSPX-`,
    String.raw`${edge('AIza')}[A-Za-z0-9_-]{35}|${edge('ya29')}\.[A-Za-z0-9._-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}`,
  ],
  ['stripe', '[rs]k_', `${edge('[rs]k_')}(?:live|test)_[A-Za-z0-9]{16,}`],
  ['webhook', 'whsec_', 'whsec_[A-Za-z0-9+/]{20,}={0,2}'],
  ['gitlab', 'glpat-', `${edge('glpat-')}[A-Za-z0-9_-]{20,}`],
  ['npm', 'npm_', `${edge('npm_')}[A-Za-z0-9]{36,}`],
  ['huggingface', 'hf_', `${edge('hf_')}[A-Za-z0-9]{30,}`],
  ['groq', 'gsk_', `${edge('gsk_')}[A-Za-z0-9]{40,}`],
  ['sendgrid', String.raw`SG\.`, String.raw`${edge('SG')}\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,}`],
  ['private_key', '-----BEGIN', `${PEM_HEADER}(?:${PEM_TO_END}|${PEM_CUT})`],
  [
    'jwt',
    'eyJ',
    String.raw`${edge('eyJ', '[^A-Za-z0-9_-]')}[A-Za-z0-9_-]{10,4096}\.[A-Za-z0-9_-]{8,16384}\.[A-Za-z0-9_-]{8,}`,
  ],
];

/** The public beginnings, by which a kind of secret is told. Nothing of the secret itself may ever match here. */
const PREFIX = new RegExp(
  [
    String.raw`(?<lost>(?:api|admin|oat|ort|sid)\d{2}-)`,
    String.raw`gh[opusr]_|github_pat_|xox[a-z][.-]|xapp-|hooks\.slack\.com`,
    String.raw`sk-or-v1-|sk-(?:proj|svcacct|service|admin)-|sk-|A[KS]IA|ABSK|bedrock-api-key-|AIza|ya29\.|GOCSPX-`,
    String.raw`whsec_|[rs]k_(?:live|test)_|glpat-|npm_|hf_|gsk_|SG\.|-----BEGIN|eyJ`,
  ]
    .map((source) => `^(?:${source})`)
    .join('|'),
);

function prefixOf(secret: string): string | null {
  const match = PREFIX.exec(secret);
  return match === null ? null : match.groups?.lost === undefined ? match[0] : `sk-ant-${match[0]}`;
}

const ANY = new RegExp(PATTERNS.map(([family, , source]) => `(?<${family}>${source})`).join('|'), 'g');
/** Without one of these there is nothing to look for; most texts have none. */
const SIGN = new RegExp(PATTERNS.map(([, sign]) => sign).join('|'));

const REST_OF_TOKEN = new RegExp(
  String.raw`${NEXT_LINE}([A-Za-z0-9_-]{4,})(?=["'\x60]?[ \t.,;)]{0,4}(?:$|\r?\n|\\{1,4}n))`,
  'y',
);
/** A token of 250 characters in lines of 30. */
const MOST_LINES = 10;

/** Where a token ends that was broken over lines: each of them nothing but a piece that reads like no word. */
function wholeEnd(text: string, end: number): number {
  let at = end;
  for (let count = 0; count < MOST_LINES; count += 1) {
    REST_OF_TOKEN.lastIndex = at;
    const next = REST_OF_TOKEN.exec(text);
    const [line, piece = ''] = next ?? [];
    // A sign begins another secret.
    if (line === undefined || isProse(piece) || SIGN.test(piece)) return at;
    at += line.length;
  }
  return at;
}

/** Vendors' tokens that stand undisguised in `text`, in order. */
export function vendorSecrets(text: string): Secret[] {
  if (!SIGN.test(text)) return [];
  return Array.from(text.matchAll(ANY), (match) => {
    const found = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined);
    return {
      start: match.index,
      end: wholeEnd(text, match.index + match[0].length),
      family: found?.[0] ?? 'unknown',
      hint: null,
      prefix: prefixOf(match[0]),
    };
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANY_MASKED, containsSecret, MASKED, mask } from '../../src/domain/redaction.ts';
import { thorough } from '../support/thorough.ts';
import { seeded } from '../support/virtual-time.ts';
import { ALNUM, ANTHROPIC, anthropicKey, hintOf, pemKey, run, STD64, VENDORS } from './synthetic-secrets.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const each = (text: string, change: (character: string) => string): string =>
  text.split('').map(change).join('');
const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0');
const middle = (text: string): number => Math.floor(text.length / 2);
const split = (text: string, seam: string, at = middle(text)): string =>
  text.slice(0, at) + seam + text.slice(at);

/** Where a secret may stand, undisguised. Written without the secret's own characters next to it where that is realistic. */
const WRAPPINGS: Readonly<Record<string, (secret: string) => string>> = {
  alone: (secret) => secret,
  'end of a sentence': (secret) => `It is ${secret}.`,
  comma: (secret) => `leaked ${secret}, sorry`,
  parentheses: (secret) => `the key (${secret}) leaked`,
  brackets: (secret) => `[${secret}]`,
  'double quotes': (secret) => `"${secret}"`,
  'single quotes': (secret) => `'${secret}'`,
  backticks: (secret) => `\`${secret}\``,
  JSON: (secret) => JSON.stringify({ key: secret, n: 1 }),
  'JSON in JSON': (secret) => JSON.stringify({ body: JSON.stringify({ key: secret }) }),
  'after an escaped line break': (secret) => `{"log":"first\\n${secret}\\nthird"}`,
  environment: (secret) => `export API_KEY=${secret}\nPATH=/usr/bin`,
  YAML: (secret) => `  key: ${secret} # production`,
  header: (secret) => `Authorization: Bearer ${secret}\r\nAccept: */*`,
  'query of a URL': (secret) => `https://api.example.com/v1?key=${secret}&page=2`,
  'path of a URL': (secret) => `https://api.example.com/hook/${secret}/run`,
  'credentials of a URL': (secret) => `https://user:${secret}@example.com/`,
  'Slack link': (secret) => `<https://example.com/?k=${secret}|here>`,
  HTML: (secret) => `<code class="k">${secret}</code>`,
  Markdown: (secret) => `| name | **${secret}** |`,
  semicolon: (secret) => `const key = ${secret}; run();`,
  'question mark': (secret) => `is it ${secret}?`,
  CSV: (secret) => `1,prod,${secret},active`,
  tabs: (secret) => `prod\t${secret}\tactive`,
  log: (secret) => `2026-11-23T03:00:00.000Z ERROR [http] key=${secret} status=401`,
  braces: (secret) => `{${secret}}`,
};

/** Encodings that hide a secret of any family. */
const DISGUISES: Readonly<Record<string, (secret: string) => string>> = {
  'zero-width space': (secret) => split(secret, '\u200b'),
  'zero-width everywhere': (secret) => secret.split('').join('\u200d'),
  'soft hyphen and byte order mark': (secret) => split(split(secret, '\u00ad', 2), '\ufeff', 12),
  'right-to-left mark': (secret) => split(secret, '\u202e'),
  'terminal colours': (secret) => split(secret, '\u001b[31m'),
  'NUL between all (UTF-16)': (secret) => secret.split('').join('\0'),
  'percent-encoded wholly': (secret) => each(secret, (one) => `%${hex(one)}`),
  'percent-encoded partly': (secret) =>
    each(secret, (one) => (/[-_a-d]/.test(one) ? `%${hex(one).toUpperCase()}` : one)),
  'percent-encoded twice': (secret) => each(secret, (one) => `%25${hex(one)}`),
  'percent-encoded zero width': (secret) => split(secret, '%E2%80%8B'),
  base64: (secret) => `data: ${base64(secret)} end`,
  'base64 in longer base64, first alignment': (secret) => base64(`ab ${secret} and more`),
  'base64 in longer base64, second alignment': (secret) => base64(`user:${secret}\n`),
  'base64 in longer base64, third alignment': (secret) => base64(`A=${secret}`),
  'base64 after one character of its alphabet': (secret) => `see /${base64(secret)}`,
  'base64 after two': (secret) => `see x/${base64(secret)}`,
  'base64 after three': (secret) => `see xy/${base64(secret)}`,
  base64url: (secret) => `?state=${base64url(`{"a":"\u00ff\u00fe","k":"${secret}"}`)}&x=1`,
  'base64 in lines': (secret) => `data: |\n${base64(`key=${secret}`).replace(/(.{40})/g, '    $1\n')}`,
  'base64 of UTF-16': (secret) =>
    `powershell -EncodedCommand ${Buffer.from(secret, 'utf16le').toString('base64')}`,
  'base64 of base64': (secret) => base64(base64(secret)),
  'base64, then percent': (secret) => encodeURIComponent(base64(`é${secret}?>`)),
  'decimal entities': (secret) => each(secret, (one) => `&#${one.charCodeAt(0)};`),
  'entities for dashes': (secret) => secret.replaceAll('-', '&#45;').replaceAll('_', '&lowbar;'),
  'hexadecimal entities': (secret) => each(secret, (one) => `&#x${hex(one)};`),
  'full width': (secret) => each(secret, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
  'backslash u': (secret) => each(secret, (one) => `\\u00${hex(one)}`),
  'backslash u in JSON in JSON': (secret) => each(secret, (one) => `\\\\u00${hex(one)}`),
  'backslash x': (secret) => each(secret, (one) => `\\x${hex(one)}`),
  'escaped for Markdown': (secret) => secret.replace(/[-_.]/g, '\\$&'),
  'escaped for Markdown in JSON': (secret) => JSON.stringify(secret.replace(/[-_.]/g, '\\$&')),
  'broken by tags': (secret) => split(split(secret, '<wbr>', 30), '<br />', 5),
  'partly bold': (secret) => `<b>${split(secret, '</b>', 12)}`,
  'quoted-printable': (secret) => split(secret.replaceAll('-', '=2D'), '=\r\n'),
};

/** Breaks that only Anthropic's keys are followed over: whole keys, since a fragment before a word ends anywhere. */
const BREAKS: Readonly<Record<string, (key: string) => string>> = {
  'line break': (key) => split(key, '\n'),
  'line break after each 20': (key) => key.replace(/(.{20})/gs, '$1\r\n'),
  'line break and indentation': (key) => split(key, '\n        '),
  'line break inside the prefix': (key) => split(key, '\n', 9),
  'line break before the last two': (key) => split(key, '\n', key.length - 2),
  'run of spaces': (key) => split(key, '     '),
  'a space between all': (key) => key.split('').join(' '),
  'escaped line break': (key) => JSON.stringify({ text: split(key, '\n') }),
  'shell continuation': (key) => split(key, '\\\n'),
  'quoted mail': (key) => `> ${split(key, '\n> ')}`,
  diff: (key) => `+${split(key, '\n+')}`,
  comment: (key) => `// ${split(key, '\n// ')}`,
  'joined with plus': (key) => `const k = "${split(key, '" + "', 7)}";`,
  'joined with plus over lines': (key) => `const k = '${split(key, "' +\n    '", 40)}';`,
  'joined with dots': (key) => `$k = '${split(key, "' . '", 13)}';`,
  'joined without an operator': (key) => `k = ("${split(key, '"\n     f"', 60)}")`,
};

const FAMILIES = { ...ANTHROPIC, ...VENDORS };

/** No stretch of 12 characters of the secret is left, apart from what its hint and its public beginning show. */
function leftovers(masked: string, secret: string): string[] {
  const rest = masked
    .replaceAll(/sk-ant-[a-z0-9]+-[\w-]{3}\.\.\.[\w-]{4}/g, '')
    .replaceAll(new RegExp(ANY_MASKED, 'g'), '');
  const found: string[] = [];
  for (let at = 0; at + 12 <= secret.length; at += 1) {
    if (rest.includes(secret.slice(at, at + 12))) found.push(secret.slice(at, at + 12));
  }
  return found;
}

function misses(cases: Iterable<readonly [label: string, text: string, secret: string]>): string[] {
  const missed: string[] = [];
  for (const [label, text, secret] of cases) {
    const result = mask(text);
    const clean =
      containsSecret(text) !== null &&
      result.masked === 1 &&
      containsSecret(result.text) === null &&
      leftovers(result.text, secret).length === 0 &&
      leftovers(Buffer.from(result.text, 'base64').toString('latin1'), secret).length === 0;
    if (!clean) missed.push(`${label}: ${result.masked} masked in ${JSON.stringify(result.text)}`);
  }
  return missed;
}

function* corpus(
  families: Readonly<Record<string, (seed: number) => string>>,
  forms: Readonly<Record<string, (secret: string) => string>>,
): Generator<readonly [string, string, string]> {
  let seed = 0;
  for (const [family, make] of Object.entries(families)) {
    for (const [form, wrap] of Object.entries(forms)) {
      seed += 1;
      const secret = make(seed);
      yield [`${family}, ${form}, seed ${seed}`, wrap(secret), secret];
    }
  }
}

describe('the corpus', () => {
  test('is as large as it says: 12 families and more in 20 wrappings and more', () => {
    expect(Object.keys(FAMILIES).length).toBeGreaterThanOrEqual(12);
    expect(Object.keys(WRAPPINGS).length).toBeGreaterThanOrEqual(20);
  });

  test('no secret of any family is missed in any wrapping', () => {
    expect(misses(corpus(FAMILIES, WRAPPINGS))).toEqual([]);
  });

  test('no secret of any family is missed in any encoding', () => {
    expect(misses(corpus(FAMILIES, DISGUISES))).toEqual([]);
  });

  test('no Anthropic key is missed because it is broken over lines, spaces or pieces of code', () => {
    const whole = { api03: FAMILIES.api03, admin01: FAMILIES.admin01, oat01: FAMILIES.oat01 };
    expect(misses(corpus(whole as Record<string, (seed: number) => string>, BREAKS))).toEqual([]);
  });

  test('a whole key in any encoding and then broken, or broken and then encoded', () => {
    const both = {
      'broken, then percent': (key: string) => encodeURIComponent(split(key, '\n  ')),
      'broken, then base64': (key: string) => base64(split(key, '\r\n')),
      'entities, then broken': (key: string) => split(key.replaceAll('-', '&#45;'), '\n', 60),
      'zero width, then base64 in lines': (key: string) => base64(`k: ${key}`).replace(/(.{64})/g, '$1\\n'),
    };
    expect(misses(corpus({ api03: (seed) => anthropicKey(seed) }, both))).toEqual([]);
  });

  test('private keys, whole, cut off, indented, in JSON and in base64', () => {
    for (const kind of ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ']) {
      const pem = pemKey(7, kind);
      const forms = [
        pem,
        pem.replaceAll('\n', '\n    '),
        pem.replaceAll('\n', '\r\n'),
        JSON.stringify({ pem }),
        pem.slice(0, 700),
        base64(pem),
        base64(pem).replace(/(.{76})/g, '$1\n'),
      ];
      for (const form of forms) {
        const result = mask(`before ${form} after`);
        expect(result.masked).toBe(1);
        for (const line of pem.split('\n').slice(1, -1)) expect(result.text).not.toContain(line.slice(0, 20));
        expect(result.text.startsWith('before ')).toBe(true);
        expect(result.text.endsWith(' after')).toBe(true);
      }
    }
  });
});

describe('what is left', () => {
  const key = anthropicKey(11);

  test.each([
    ['a sentence', `I pasted ${key} in #general, sorry.`, `I pasted ${hintOf(key)} in #general, sorry.`],
    ['an assignment', `KEY=${key}\nOTHER=1`, `KEY=${hintOf(key)}\nOTHER=1`],
    ['a key in two lines', `a ${split(key, '\n   ')} b`, `a ${hintOf(key)} b`],
    ['before a word', `${split(key, ' ')} was leaked`, `${hintOf(key)} was leaked`],
    ['pieces of code', `f("${split(key, '" + "', 30)}", 1)`, `f("${hintOf(key)}", 1)`],
    ['percent-encoding', `?k=${each(key, (one) => `%${hex(one)}`)}&n=1`, `?k=${hintOf(key)}&n=1`],
    ['base64 alone', `Secret: ${base64(key)}`, `Secret: ${hintOf(key)}`],
    ['another vendor', `token ${VENDORS.ghp?.(1)} here`, 'token [masked ghp_ key] here'],
    ['part of a key', `starts ${key.slice(0, 60)}.`, 'starts [masked sk-ant-api03- key].'],
    ['two keys', `${key} ${anthropicKey(12)}`, `${hintOf(key)} ${hintOf(anthropicKey(12))}`],
    ['a body without its prefix', `x ${key.slice(13)} y`, `x ${hintOf(key).slice(13)} y`],
  ])('%s stays readable', (_, text, expected) => {
    expect(mask(text).text).toBe(expected);
  });

  test('inside longer base64 the hint stands in brackets, so that its ends are seen', () => {
    const text = base64(`A=${key}\n`);
    expect(mask(text).text).toContain(`[${hintOf(key)}]`);
  });

  test('a key that runs on is shown by the ends of the key', () => {
    expect(mask(`${key}_backup`).text).toContain(hintOf(key));
  });

  test('where two secrets overlap nothing is shown of either', () => {
    const first = `${anthropicKey(13, 'req', 40)}-AB${'SK'}${'a1B2'.repeat(13)}AA`;
    expect(mask(first).text).toBe(hintOf(first));
    expect(mask(`${first}/c3D4+e5F6`).text).toBe(MASKED);
  });

  test.each(
    Object.entries({
      openai_project: 'sk-proj-',
      openai_service: 'sk-svcacct-',
      openai_admin: 'sk-admin-',
      openai_old: 'sk-',
      openrouter: 'sk-or-v1-',
      litellm: 'sk-',
      bedrock_short: 'bedrock-api-key-',
      aws_access: 'AKIA',
      aws_session: 'ASIA',
      bedrock: 'ABSK',
      google: 'AIza',
      google_token: 'ya29.',
      ghs: 'ghs_',
      github_pat: 'github_pat_',
      xoxb: 'xoxb-',
      xoxe: 'xoxe.',
      xapp: 'xapp-',
      stripe: 'sk_live_',
      jwt: 'eyJ',
    }),
  )('of %s the public beginning, however it is disguised', (family, prefix) => {
    const secret = VENDORS[family]?.(5) ?? '';
    expect(secret.startsWith(prefix)).toBe(true);
    for (const text of [secret, base64(secret), each(secret, (one) => `%${hex(one)}`)])
      expect(mask(text)).toEqual({ text: `[masked ${prefix} key]`, masked: 1 });
  });

  test('of a token of this provider that is no API key its family, and nothing of a family that is not known', () => {
    expect(mask(anthropicKey(3, 'oat01', 60)).text).toBe('[masked sk-ant-oat01- key]');
    expect(mask(anthropicKey(3, 'OAT01', 60)).text).toBe('[masked sk-ant-oat01- key]');
    expect(mask(anthropicKey(3, 'novel', 60)).text).toBe('[masked sk-ant- key]');
    expect(mask(`sk-${'ant'}-r2d2c3p0-${'a1B2'.repeat(20)}`).text).toBe('[masked sk-ant- key]');
    expect(mask(anthropicKey(3, 'sid01', 104).slice(7)).text).toBe('[masked sk-ant-sid01- key]');
  });

  test('masked counts secrets, not passes or places that overlap', () => {
    const text = `${key} ${base64(anthropicKey(12))} ${VENDORS.xoxb?.(1)} ${VENDORS.jwt?.(2)}`;
    expect(mask(text).masked).toBe(4);
    expect(mask('nothing here')).toEqual({ text: 'nothing here', masked: 0 });
  });

  test('the family is named, the secret is not', () => {
    expect(containsSecret(`x ${key}`)).toBe('anthropic');
    expect(containsSecret(`x ${VENDORS.gho?.(1)}`)).toBe('github');
    expect(containsSecret(`x ${base64(VENDORS.xapp?.(1) ?? '')}`)).toBe('slack');
    expect(containsSecret(pemKey(1))).toBe('private_key');
  });
});

describe('what survives unchanged', () => {
  const HINTS = [
    'R2D...igAA',
    'R2D…igAA',
    'R2D***igAA',
    'R2DxxxxigAA',
    'R2DxxxxxxxxxxxxxxxxxxxxxxxxxxxxigAA',
  ];

  test('hints, with and without a prefix, in every wrapping', () => {
    const changed: string[] = [];
    for (const hint of HINTS.flatMap((hint) => [hint, `sk-ant-api03-${hint}`, `sk-ant-admin01-${hint}`])) {
      for (const wrap of Object.values(WRAPPINGS)) {
        if (mask(wrap(hint)).text !== wrap(hint)) changed.push(wrap(hint));
      }
    }
    expect(changed).toEqual([]);
  });

  const HAND_WRITTEN = [
    'Keys begin with `sk-ant-api03-`, `sk-ant-admin01-` or `sk-ant-oat01-` and end in AA.',
    'The prefix sk-ant- is followed by the family and 95 characters.',
    'sk-ant- style-guide-2024 is not a key',
    'sk-ant-api03-[a-zA-Z0-9_-]{93}AA',
    'the task and the desk, as ant colonies would',
    'sk-ant-api03-…',
    'apikey_01Rj2N8SVvo6BePZj99NmiT4 was deactivated',
    'wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ and user_01WCz1FkmYMm4gnmykNKUu3Q',
    'commit 0f3c9a7be2d45518a6c0f9e1b2d3c4a5968778ef fixes it',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'd41d8cd98f00b204e9800998ecf8427e  empty.txt',
    'request id req_011CSHoEeqs5C35K2UUqR7Fy',
    '550e8400-e29b-41d4-a716-446655440000',
    '/usr/local/lib/node_modules/@anthropic-ai/sdk/resources/organization/api-keys.mjs:42:13',
    'C:\\Users\\dana\\AppData\\Local\\Temp\\new\\report.txt',
    'https://github.com/acme/gateway/blob/0f3c9a7be2d45518a6c0f9e1b2d3c4a5968778ef/src/index.ts#L10-L20',
    'https://console.anthropic.com/settings/keys?workspace=default&page=2&sort=name',
    'https://acme.slack.com/archives/C0123456789/p1764000000000000?thread_ts=1764000000.000000&cid=C0123456789',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl dana@laptop',
    '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----',
    'a block that starts with -----BEGIN RSA PRIVATE KEY----- is a private key',
    'export ANTHROPIC_API_KEY=$(op read "op://prod/anthropic/credential")',
    `ANTHROPIC_API_KEY: $${'{{'} secrets.ANTHROPIC_API_KEY }}`,
    'xoxb- is the prefix of bot tokens; never paste xoxb-your-token-here',
    'ghp_xxxx and github_pat_… are GitHub tokens',
    'const risk = task - desk; // sk-proj-',
    'aws s3 cp s3://AKIA-backup/2026-11-23.tar.gz .',
    'Быстрая лиса, 素早い狐, الثعلب السريع, 🦊👩‍👩‍👧 and “quotes” – all fine',
    '100% sure; 50%25 and &amp; and &nbsp; and \\u00e9 and =C3=A9',
    '{"seq":7,"prev":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","actor":"U0DANA"}',
    '<https://example.com/a?b=c|label> <@U012ABCDEF> <!channel> <#C0123456789|general>',
    "SELECT * FROM entries WHERE incident = 'KL-7'; DROP TABLE entries; --",
    'KL-7 · prod-api-gateway-2026-04-25 · sk-ant-api03-R2D...igAA · LIVE',
    'eyJ is how the base64 of {" begins, as in eyJhIjoxfQ== for {"a":1}',
    'com.example.SG.internal.service.Registry$Inner.method(Registry.java:120)',
    'x'.repeat(5_000),
    'AB'.repeat(2_000),
  ];

  function generated(): string[] {
    const lines: string[] = [];
    const chance = seeded(2026);
    const WORDS =
      'the key was found in a public repository and a bot read every log line before task risk disk ask and ant desk api admin owner'.split(
        ' ',
      );
    const words = (count: number): string =>
      Array.from({ length: count }, () => chance.pick(WORDS)).join(' ');
    for (let line = 0; line < 80; line += 1) {
      const bytes = Buffer.from(chance.bytes(48));
      lines.push(
        words(30),
        `${bytes.toString('hex')} ${words(3)}`,
        bytes.toString('base64'),
        bytes.toString('base64url'),
        base64(words(20)),
        encodeURIComponent(`${words(8)} / é`),
        `https://example.com/${words(3).replaceAll(' ', '/')}?id=${run(chance, ALNUM, 22)}&h=${bytes.toString('hex')}`,
        JSON.stringify({
          seq: line,
          hash: bytes.toString('hex'),
          text: words(12),
          salt: run(chance, STD64, 86),
        }),
        `at ${words(2).replaceAll(' ', '.')} (${words(4).replaceAll(' ', '/')}.ts:${line}:7)`,
        `apikey_01${run(chance, ALNUM, 22)} sk-ant-api03-${run(chance, ALNUM, 3)}...${run(chance, ALNUM, 2)}AA ${words(4)}`,
        base64(words(60)).replace(/(.{76})/g, '$1\n'),
      );
    }
    return lines;
  }

  test('of 500 ordinary lines and more none is masked', () => {
    const lines = [...HAND_WRITTEN, ...generated()];
    expect(lines.length).toBeGreaterThanOrEqual(500);
    const touched = lines.filter((line) => mask(line).masked > 0 || mask(line).text !== line);
    expect(touched).toEqual([]);
  });

  test('all these lines as one export', () => {
    const text = [...HAND_WRITTEN, ...generated()].join('\n');
    expect(mask(text)).toEqual({ text, masked: 0 });
  });
});

describe('for every text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'sk-ant-',
      'sk-',
      'api03-',
      'AA',
      '...',
      '\n',
      '  ',
      '" + "',
      '\\n',
      '%2D',
      '&#45;',
      '\u200b',
      '=\r\n',
      MASKED,
      '[masked sk-proj- key]',
      '[masked sk-ant-oat01- key]',
      '[masked -----BEGIN key]',
      'sk-ant-api03-R2D...igAA',
      'AKIA',
      'eyJ',
      'ghp_',
      '-----BEGIN PRIVATE KEY-----',
      '\\u002d',
      '\ud800',
    ),
    fc.nat({ max: 1_000 }).map((seed) => anthropicKey(seed)),
    fc.nat({ max: 1_000 }).map((seed) => base64(anthropicKey(seed))),
    fc
      .nat({ max: 1_000 })
      .chain((seed) => fc.constantFrom(...Object.values(VENDORS)).map((make) => make(seed))),
    fc.string({ unit: fc.constantFrom(...`${ALNUM}-_+/=.`.split('')) }),
    fc.string({ unit: 'binary' }),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

  test('nothing is found in what was masked, and masking it again changes nothing', () => {
    fc.assert(
      fc.property(text, (one) => {
        const result = mask(one);
        expect(containsSecret(result.text)).toBeNull();
        expect(mask(result.text)).toEqual({ text: result.text, masked: 0 });
        expect(result.masked > 0).toBe(containsSecret(one) !== null);
        if (result.masked === 0) expect(result.text).toBe(one);
      }),
      { numRuns: thorough(400) },
    );
  });

  test('a key somewhere in arbitrary text leaves no stretch of it behind', () => {
    const neighbour = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(neighbour, fc.nat(), neighbour, (before, seed, after) => {
        const key = anthropicKey(seed);
        expect(leftovers(mask(before + key + after).text, key)).toEqual([]);
      }),
      { numRuns: thorough(300) },
    );
  });
});

describe('long texts', () => {
  test('secrets are found wherever they lie, also across the seam of two windows', () => {
    const filler = 'lorem ipsum dolor sit amet '.repeat(30_000);
    const key = anthropicKey(21);
    for (const at of [0, 245_700, 245_760, 262_090, 262_144, 507_800, 700_000]) {
      const text = `${filler.slice(0, at)} ${key} ${filler.slice(at)}`;
      const result = mask(text);
      expect(result.masked).toBe(1);
      expect(result.text).toBe(`${filler.slice(0, at)} ${hintOf(key)} ${filler.slice(at)}`);
    }
  });

  test('the longest secret, a private key of 8,192 bits in base64, lies whole in one window', () => {
    const filler = 'lorem ipsum dolor '.repeat(20_000);
    const pem = base64(pemKey(22, 'RSA ', 100));
    for (const at of [240_000, 250_000, 258_000]) {
      const result = mask(`${filler.slice(0, at)} ${pem} ${filler.slice(at)}`);
      expect(result.text).toBe(`${filler.slice(0, at)} [masked -----BEGIN key] ${filler.slice(at)}`);
    }
  });

  test('texts made to be slow are answered; a pattern that is not linear would not come to an end', () => {
    const fill = (unit: string): string => unit.repeat(Math.ceil(60_000 / unit.length));
    for (const unit of [
      'eyJ',
      'eyJaaaaaaaaaa.',
      `eyJ${'a'.repeat(4_096)}.`,
      `s${' '.repeat(256)}`,
      `s"${' '.repeat(199)}`,
      's\\\\\\\\',
      'sk-ant- a ',
      'xsk-ant-\n',
      'sk-ant-api03-a b ',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----\na: b\n',
      '%25',
      '&amp;',
      'a\n',
      '-',
      '\u200b',
    ]) {
      expect(containsSecret(mask(fill(unit)).text)).toBeNull();
    }
  });

  test('a thousand keys are a thousand hints', () => {
    const keys = Array.from({ length: 1_000 }, (_, seed) => anthropicKey(seed));
    const result = mask(keys.join('\n'));
    expect(result).toEqual({ text: keys.map(hintOf).join('\n'), masked: 1_000 });
  });
});

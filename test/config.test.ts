import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BotConfig, type Config, environment, loadConfig } from '../src/config.ts';
import { parseConfig } from '../src/config-file.ts';
import { configJsonSchema } from '../src/config-schema.ts';
import { KeyleakError } from '../src/domain/errors.ts';
import { read } from './house/files.ts';
import { keyFacts } from './support/cases.ts';
import { thorough } from './support/thorough.ts';

// Built here, so that no scanner takes this file for a leak.
const BOT = ['xoxb', '1111111111', '2222222222', 'practicepracticepractice'].join('-');
const APP = ['xapp', '1', 'A0PRACTICE', '3333333333', 'practice'].join('-');
const ADMIN = ['sk', 'ant', 'admin01', 'p'.repeat(40)].join('-');
const ORDINARY = ['sk', 'ant', 'api03', 'q'.repeat(40)].join('-');
const SIGNING = '0123456789abcdef'.repeat(2);
const PEOPLE = 'slack:\n  responders: [U0AAAAAAA]\n  managers: [U0BBBBBBB]\n';
const SOCKET = { SLACK_BOT_TOKEN: BOT, SLACK_APP_TOKEN: APP };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'keyleak-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function put(name: string, text: string | Uint8Array, mode = 0o600): string {
  writeFileSync(join(cwd, name), text, { mode });
  chmodSync(join(cwd, name), mode);
  return name;
}

function bot(env: Record<string, string>, yml: string | null = PEOPLE): BotConfig {
  if (yml !== null) put('keyleak.yml', yml);
  return loadConfig({ env, cwd, need: 'bot' });
}

/** The lines of the one error that all mistakes share. */
function mistakes(work: () => Config): string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof KeyleakError)) throw error;
    expect(error.code).toBe('KL_CONFIG');
    expect(error.next).toMatch(/\.$/);
    return error.message.split('\n').slice(1);
  }
  return [];
}

describe('a right configuration', () => {
  test('needs two tokens and a file that says who may act', () => {
    const config = bot(SOCKET);
    expect(config).toMatchObject({
      database: join(cwd, 'data/keyleak.db'),
      signingKey: join(cwd, 'data/keyleak.db.key'),
      slack: {
        apiUrl: 'https://slack.com/api/',
        responders: ['U0AAAAAAA'],
        managers: ['U0BBBBBBB'],
        announce: null,
        fallback: null,
      },
      anthropic: { adminKey: null, draftKey: null, baseUrl: 'https://api.anthropic.com' },
      github: null,
      paging: null,
      policy: {
        keyMaxAgeDays: { otherwise: 90, workspaces: {} },
        supportThresholdUsd: 100,
      },
      warnings: [],
    });
    const { transport } = config.slack;
    expect(config.slack.botToken()).toBe(BOT);
    expect(transport.kind === 'socket' && transport.appToken()).toBe(APP);
  });

  test('takes every variable and every key of the contract', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const config = bot(
      {
        SLACK_BOT_TOKEN: BOT,
        SLACK_SIGNING_SECRET: SIGNING,
        PORT: '8080',
        HOST: '127.0.0.1',
        SLACK_API_URL: 'http://127.0.0.1:4000/api',
        ANTHROPIC_ADMIN_API_KEY: ADMIN,
        ANTHROPIC_API_KEY: ORDINARY,
        ANTHROPIC_BASE_URL: 'http://localhost:4001',
        GITHUB_APP_ID: '12',
        GITHUB_APP_INSTALLATION_ID: '34',
        GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n'),
        GITHUB_API_URL: 'https://github.example.com/api/v3',
        GITHUB_WEBHOOK_SECRET: 'a-long-secret',
        PAGING_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
        KEYLEAK_DB: 'x/log.db',
        KEYLEAK_SIGNING_KEY: '/keys/sign.pem',
        KEYLEAK_CONFIG: put('other.yml', read('keyleak.example.yml')),
      },
      null,
    );
    expect(config).toMatchObject({
      database: join(cwd, 'x/log.db'),
      signingKey: '/keys/sign.pem',
      slack: {
        transport: { kind: 'http', port: 8080, host: '127.0.0.1' },
        apiUrl: 'http://127.0.0.1:4000/api/',
        responders: ['U0AAAAAAA', '@security-oncall'],
        managers: ['U0BBBBBBB'],
        announce: 'C0CCCCCCC',
        fallback: 'C0DDDDDDD',
      },
      anthropic: { baseUrl: 'http://localhost:4001' },
      github: {
        access: { kind: 'app', appId: '12', installationId: '34' },
        apiUrl: 'https://github.example.com/api/v3',
        repository: 'acme/security-incidents',
        organizations: ['acme'],
      },
      paging: { webhook: 'https://alerts.example.com/keyleak' },
      policy: {
        keyMaxAgeDays: { otherwise: 90, workspaces: { Production: 30 } },
        supportThresholdUsd: 100,
      },
    });
    // All that this version does not act on, and nothing else.
    expect(config.warnings.map((line) => /^[\w.]+: (?:[\w.]+(?=:))?/.exec(line)?.[0])).toEqual([
      'other.yml: slack.announce',
      'other.yml: github',
      'other.yml: policy.key_max_age',
      'other.yml: policy.support_threshold_usd',
      'GITHUB_APP_ID: ',
      'GITHUB_WEBHOOK_SECRET: ',
      'ANTHROPIC_API_KEY: ',
    ]);
    const access = config.github?.access;
    expect(access?.kind === 'app' && access.privateKey()).toBe(privateKey);
  });

  test('prefers Socket Mode when there are both an app token and a signing secret', () => {
    const config = bot({ ...SOCKET, SLACK_SIGNING_SECRET: SIGNING });
    expect(config.slack.transport.kind).toBe('socket');
  });

  test('shows no secret when it is inspected or serialised, and cannot be changed', () => {
    const config = bot({ ...SOCKET, ANTHROPIC_ADMIN_API_KEY: ADMIN });
    const shown = `${inspect(config, { depth: 9, showHidden: true })}${JSON.stringify(config)}`;
    for (const secret of [BOT, APP, ADMIN]) expect(shown).not.toContain(secret);
    expect(() => Object.assign(config, { database: '/tmp/x' })).toThrow(TypeError);
    expect(() => Object.assign(config.slack, { apiUrl: 'https://evil.example' })).toThrow(TypeError);
    expect(() => Object.assign(config.slack.responders, ['U0EVILEVIL'])).toThrow(TypeError);
    expect(() => Object.assign(config.policy.keyMaxAgeDays.workspaces, { x: 1 })).toThrow(TypeError);
  });

  test('a variable that is set to nothing counts as not set', () => {
    expect(
      bot({ ...SOCKET, ANTHROPIC_ADMIN_API_KEY: '', SLACK_APP_TOKEN_FILE: ' ' }).anthropic.adminKey,
    ).toBe(null);
  });

  test('an unknown variable of keyleak is told, not refused', () => {
    expect(bot({ ...SOCKET, KEYLEAK_DATABASE: 'x' }).warnings).toEqual([
      'KEYLEAK_DATABASE: keyleak knows no such variable; it is ignored.',
    ]);
  });

  test('an ordinary key as admin key and a file without managers are told, not refused', () => {
    const config = bot(
      { ...SOCKET, ANTHROPIC_ADMIN_API_KEY: ORDINARY },
      'slack:\n  responders: [U0AAAAAAA]\n',
    );
    expect(config.warnings).toEqual([
      'keyleak.yml: slack.managers is missing, so missed deadlines escalate to nobody.',
      'ANTHROPIC_ADMIN_API_KEY: It is an ordinary API key; only one without workspace can manage keys.',
    ]);
  });

  test('an admin key of a shape that is not known is told, not refused', () => {
    const config = bot({ ...SOCKET, ANTHROPIC_ADMIN_API_KEY: ['sk', 'practice', 'admin'].join('-') });
    expect(config.anthropic.adminKey).not.toBe(null);
    expect(config.warnings).toEqual([
      'ANTHROPIC_ADMIN_API_KEY: It does not look like an Anthropic Admin key, which begins with sk-ant-admin. It is tried all the same.',
    ]);
  });

  test.each([
    ['bytes in base64', `whsec_${Buffer.alloc(24, 7).toString('base64')}`],
    ['a text of 24 characters', 'q'.repeat(24)],
  ])('pages may be signed with %s', (_, secret) => {
    const yml = `${PEOPLE}paging:\n  webhook: https://a.example/x\n`;
    const { paging } = bot({ ...SOCKET, PAGING_WEBHOOK_SECRET: secret }, yml);
    expect(paging?.webhook).toBe('https://a.example/x');
    expect(paging?.secret()).toBe(secret);
  });

  test('a paging secret without a webhook is told, not refused', () => {
    const config = bot({ ...SOCKET, PAGING_WEBHOOK_SECRET: 'q'.repeat(24) });
    expect(config.paging).toBe(null);
    expect(config.warnings).toEqual([
      'PAGING_WEBHOOK_SECRET: It signs nothing: keyleak.yml has no paging.webhook, so nobody is paged.',
    ]);
  });

  test('the environment is a frozen copy', () => {
    expect(environment()).toEqual(process.env);
    expect(Object.isFrozen(environment())).toBe(true);
  });
});

describe('the rules of the house', () => {
  const rulesOf = (yaml: string) => bot(SOCKET, `${PEOPLE}${yaml}`).policy.rules;
  const production = keyFacts();
  const staging = keyFacts({ name: 'staging-web', workspace: { id: 'wrkspc_01stage', name: 'Staging' } });

  test('nothing dies without a press where nobody said so', () => {
    expect(rulesOf('').containment(production, 1)).toBe('confirm');
    expect(rulesOf('').systems(production)).toEqual([]);
  });

  test('automatic for all, or by the first rule that fits workspace and severity', () => {
    expect(rulesOf('policy: {containment: automatic}').containment(staging, 3)).toBe('automatic');
    const rules = rulesOf(`policy:
  containment:
    rules:
      - {workspace: Staging, severity: 1, containment: confirm}
      - {workspace: wrkspc_01stage, containment: automatic}
`);
    expect(rules.containment(staging, 1)).toBe('confirm');
    expect(rules.containment(staging, 2)).toBe('automatic');
    expect(rules.containment(production, 2)).toBe('confirm');
  });

  test('systems by the names of keys and by workspaces', () => {
    const rules = rulesOf(`systems:
  - {name: gateway, keys: ["prod-api-*"], owner: U0CCCCCCC, how: make deploy}
  - {name: web, workspaces: [Staging]}
  - {name: batch, keys: ["*-api-*-04-*", "exact"]}
  - {name: everything}
`);
    expect(rules.systems(production).map(({ name }) => name)).toEqual(['gateway', 'batch', 'everything']);
    expect(rules.systems(staging).map(({ name }) => name)).toEqual(['web', 'everything']);
    expect(rules.systems(keyFacts({ name: 'exactly' })).map(({ name }) => name)).toEqual(['everything']);
    expect(rules.systems(production)[0]).toEqual({ name: 'gateway', owner: 'U0CCCCCCC', how: 'make deploy' });
  });
});

describe('reading the log alone', () => {
  test('needs no token and reads no secret', () => {
    const config = loadConfig({
      env: { SLACK_BOT_TOKEN: 'wrong', GITHUB_TOKEN_FILE: '/absent', KEYLEAK_DB: 'a.db' },
      cwd,
      need: 'store',
    });
    expect(config).toMatchObject({ database: join(cwd, 'a.db'), slack: null, github: null, warnings: [] });
  });

  test('stops at a broken keyleak.yml all the same', () => {
    put('keyleak.yml', 'slak: {}\n');
    expect(mistakes(() => loadConfig({ env: {}, cwd, need: 'store' }))).toEqual([
      'keyleak.yml:1:1: "slak" is not a key that keyleak knows here. Did you mean slack?',
    ]);
  });
});

describe('mistakes in the environment', () => {
  test('are all told at once, with those of the file', () => {
    const env = {
      SLACK_BOT_TOKEN: APP,
      SLACK_APP_TOKEN: BOT,
      ANTHROPIC_BASE_URL: 'http://evil.example',
      PORT: 'x',
    };
    const yml =
      'slack:\n  responders: [U0AAAAAAA, dana]\n  fallbak: C0DDDDDDD\npolicy:\n  containment: auto\n';
    expect(mistakes(() => bot(env, yml))).toEqual([
      expect.stringMatching(
        /^keyleak\.yml:2:27: Entry 2 of `responders`: "dana" is neither .*\. Write a user id/,
      ),
      'keyleak.yml:3:3: "fallbak" is not a key that keyleak knows here. Did you mean fallback?',
      'keyleak.yml:5:16: `containment` must be one of confirm, automatic. Write one of them.',
      'SLACK_BOT_TOKEN: It holds a Slack app-level token (xapp-), not a Slack bot token, which begins with xoxb-. Exchange it with SLACK_APP_TOKEN, where that one belongs.',
      'SLACK_APP_TOKEN: It holds a Slack bot token (xoxb-), not a Slack app-level token, which begins with xapp-. Exchange it with SLACK_BOT_TOKEN, where that one belongs.',
      'PORT: It is not a port. Write a number up to 65535.',
      'ANTHROPIC_BASE_URL: A token would follow this address, and it is neither https nor this machine. Write https://… without user name, query or fragment; plain http only to localhost.',
    ]);
  });

  test('nothing at all: the two tokens and who may act', () => {
    expect(mistakes(() => bot({}, null))).toEqual([
      expect.stringMatching(/^SLACK_BOT_TOKEN: It is not set\. Copy the Bot User OAuth Token/),
      expect.stringMatching(/^SLACK_APP_TOKEN: It is not set\. .* SLACK_SIGNING_SECRET\.$/),
      expect.stringMatching(/^keyleak\.yml: Nobody may deactivate a key/),
    ]);
  });

  test.each([
    ['SLACK_BOT_TOKEN', `"${BOT}"`, 'The value is wrapped in quotes.'],
    ['SLACK_BOT_TOKEN', `${BOT} #main`, 'The value has a space'],
    ['SLACK_BOT_TOKEN', 'xoxb-...', 'The value is a placeholder.'],
    ['SLACK_BOT_TOKEN', BOT.replace('xoxb', 'xoxp'), 'It holds a Slack user token (xoxp-)'],
    ['SLACK_BOT_TOKEN', `xoxe.${BOT}`, 'It holds a rotating Slack token (xoxe)'],
    ['SLACK_BOT_TOKEN', SIGNING, 'It does not look like a Slack bot token'],
    ['SLACK_SIGNING_SECRET', BOT, 'It holds a Slack bot token (xoxb-), not a Slack signing secret.'],
    ['ANTHROPIC_ADMIN_API_KEY', BOT, 'It holds a Slack bot token (xoxb-), not an Anthropic Admin key'],
    ['ANTHROPIC_API_KEY', ADMIN, 'It holds an Anthropic Admin key (sk-ant-admin), not an ordinary'],
    ['GITHUB_TOKEN', ADMIN, 'It holds an Anthropic Admin key (sk-ant-admin), not a GitHub token'],
    ['PAGING_WEBHOOK_SECRET', 'whsec_c2hvcnQ=', 'It is not a standard-webhooks secret'],
    ['PAGING_WEBHOOK_SECRET', `whsec_${'x'.repeat(31)}`, 'It is not a standard-webhooks secret'],
    ['PAGING_WEBHOOK_SECRET', `whsec_${'-'.repeat(32)}`, 'It is not a standard-webhooks secret'],
    ['PAGING_WEBHOOK_SECRET', `whsec_${'x'.repeat(88)}`, 'It is not a standard-webhooks secret'],
    ['PAGING_WEBHOOK_SECRET', 'just-one-char-too-short', 'It is not a standard-webhooks secret'],
    ['PAGING_WEBHOOK_SECRET', BOT, 'It holds a Slack bot token (xoxb-), not a standard-webhooks secret'],
    ['SLACK_API_URL', 'http://slack.com/api/', 'A token would follow this address'],
    ['SLACK_API_URL', 'https://user:word@slack.com/api/', 'A token would follow this address'],
    ['GITHUB_API_URL', 'ftp://localhost', 'A token would follow this address'],
    ['GITHUB_API_URL', 'http://127.evil.example', 'A token would follow this address'],
  ])('%s is wrong, and its value is not shown (%#)', (name, value, message) => {
    const [line = '', ...others] = mistakes(() => bot({ ...SOCKET, [name]: value }));
    expect(others).toEqual([]);
    expect(line).toContain(`${name}: ${message}`);
    expect(line).not.toContain(value);
  });

  test('half a GitHub App, and two ways into GitHub', () => {
    expect(mistakes(() => bot({ ...SOCKET, GITHUB_APP_ID: 'x' }))).toEqual([
      expect.stringContaining('GITHUB_APP_PRIVATE_KEY: It is not set.'),
      expect.stringContaining('GITHUB_APP_INSTALLATION_ID: It is not set.'),
      expect.stringContaining('GITHUB_APP_ID: It is not a number.'),
    ]);
    const both = {
      GITHUB_TOKEN: ['ghp', 'x'.repeat(36)].join('_'),
      GITHUB_APP_ID: '1',
      GITHUB_APP_INSTALLATION_ID: '2',
    };
    const cut = `-----BEGIN RSA PRIVATE KEY-----\n${'A'.repeat(64)}`;
    expect(mistakes(() => bot({ ...SOCKET, ...both, GITHUB_APP_PRIVATE_KEY: cut }))).toEqual([
      expect.stringContaining('GITHUB_APP_PRIVATE_KEY: The private key cannot be read'),
      expect.stringContaining('GITHUB_TOKEN: Both GITHUB_TOKEN and GITHUB_APP_ID are set.'),
    ]);
  });

  test('a paging webhook without its secret', () => {
    expect(mistakes(() => bot(SOCKET, `${PEOPLE}paging:\n  webhook: https://a.example/x\n`))).toEqual([
      expect.stringContaining('PAGING_WEBHOOK_SECRET: It is not set'),
    ]);
  });

  test('a paging secret that is too short, in a file: the place is that of the file', () => {
    const env = { ...SOCKET, PAGING_WEBHOOK_SECRET_FILE: put('paging', 'short\n') };
    expect(mistakes(() => bot(env, `${PEOPLE}paging:\n  webhook: https://a.example/x\n`))).toEqual([
      'PAGING_WEBHOOK_SECRET_FILE: It is not a standard-webhooks secret (whsec_ and 24 to 64 bytes in base64) or another text of 24 characters or more. Make one with: echo whsec_$(openssl rand -base64 32)',
    ]);
  });
});

describe('secrets in files', () => {
  test('are read without their line end, and a file that everyone may read is told', () => {
    const config = bot({
      SLACK_BOT_TOKEN_FILE: put('bot', `${BOT}\r\n`),
      SLACK_APP_TOKEN_FILE: put('app', `${APP}\n`, 0o644),
    });
    expect(config.slack.botToken()).toBe(BOT);
    expect(config.warnings).toEqual([
      'SLACK_APP_TOKEN_FILE: Everyone on this machine may read the file. Run chmod 600 on it.',
    ]);
  });

  test.each([
    ['one that is not there', 'absent', 'The file cannot be read (ENOENT).'],
    ['a folder', '.', 'This is not a file.'],
    ['an empty one', 'empty', 'The file is empty.'],
    ['the secret itself instead of a path', BOT, 'It holds a Slack bot token (xoxb-), not a path.'],
    ['the wrong secret', 'wrong', 'It holds a Slack app-level token (xapp-)'],
  ])('%s', (_, path, message) => {
    put('empty', '\n');
    put('wrong', APP);
    const lines = mistakes(() => bot({ SLACK_APP_TOKEN: APP, SLACK_BOT_TOKEN_FILE: path }));
    expect(lines).toEqual([expect.stringContaining(`SLACK_BOT_TOKEN_FILE: ${message}`)]);
    expect(lines.join()).not.toContain(BOT);
  });

  test('beside the variable itself are one too many', () => {
    expect(mistakes(() => bot({ ...SOCKET, SLACK_BOT_TOKEN_FILE: put('bot', BOT) }))).toEqual([
      'SLACK_BOT_TOKEN: Both SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are set. Keep one of them.',
    ]);
  });
});

/** Problems as `line:column: message`. */
function told(yml: string): string[] {
  return parseConfig(yml, 'k').problems.map(({ place, message }) => `${place.slice(2)}: ${message}`);
}

describe('mistakes in keyleak.yml', () => {
  test.each([
    ['a key one level too high', 'responders: [U0AAAAAAA]\n', 'It belongs under slack.'],
    ['a secret by its name', 'slack:\n  bot_token: x\n', 'Secrets do not belong in this file'],
    ['a key of no kin', 'slack:\n  colour: red\n', 'Known here: responders, managers, announce, fallback.'],
    ['a handle without quotes', 'slack:\n  responders: [@oncall]\n', 'Put the handle in quotes.'],
    ['a secret', `slack:\n  announce: ${BOT}\n`, 'Take it out'],
    ['a channel by name', 'slack:\n  announce: "#general"\n', 'Write the id such as C0123ABCD'],
    ['an empty list', 'slack:\n  responders: []\n', 'Add an entry, or remove the line.'],
    ['one person, no list', 'slack:\n  responders: U0AAAAAAA\n', 'Write a list'],
    ['an empty section', 'slack:\n', 'Write `key: value` lines below it, or remove the line.'],
    ['a list', '- a\n', 'Write `key: value` lines below it, or remove the line.'],
    ['a webhook that is not safe', 'paging:\n  webhook: http://a.example\n', 'Correct it.'],
    ['a webhook that is no address', 'paging:\n  webhook: pager\n', 'Write it in full'],
    ['paging without a webhook', 'paging: {}\n', 'Add `webhook` here.'],
    ['a repository without its owner', 'github:\n  repository: incidents\n', 'Write owner/name.'],
    ['an age in hours', 'policy:\n  key_max_age: 90h\n', 'Write it like 90d.'],
    ['an age of a workspace in hours', 'policy:\n  key_max_age:\n    Production: 9h\n', 'Write it like 90d.'],
    ['a threshold below zero', 'policy:\n  support_threshold_usd: -1\n', 'Write a greater one.'],
    ['a threshold in words', 'policy:\n  support_threshold_usd: much\n', 'Write a number such as 100.'],
    ['a tab', 'slack:\n\tresponders: []\n', 'the cause may be on the lines above.'],
    ['a key twice', 'slack: {}\nslack: {}\n', 'Keep one of the two.'],
    ['two systems of one name', 'systems: [{name: a}, {name: a}]\n', 'Correct it.'],
    ['a system whose owner is no id', 'systems: [{name: a, owner: dana}]\n', 'Write a user id'],
    ['an unknown key of a system', 'systems: [{name: a, nam: b}]\n', 'Did you mean name?'],
    ['an alias', 'slack: &a {}\npaging: *a\n', 'Write the value out in full.'],
    ['two documents', '{}\n---\n{}\n', 'Correct it here'],
  ])('%s', (_, yml, fix) => {
    const { problems } = parseConfig(yml, 'keyleak.yml');
    expect(problems[0]?.fix).toContain(fix);
    expect(problems[0]?.place).toMatch(/^keyleak\.yml:\d+:\d+$/);
    expect(JSON.stringify(problems)).not.toContain(BOT);
  });

  test('stand where they are told to stand', () => {
    expect(
      told(
        'slack:\n  responders:\n    - U0AAAAAAA\n    - dana@example.com\npolicy:\n  key_max_age:\n    Production: x\n',
      ),
    ).toEqual([
      '4:7: Entry 2 of `responders`: "dana@example.com" is neither a Slack user id nor a user group.',
      '7:17: `key_max_age`: "x" is not a number of days.',
    ]);
  });

  test('behind a syntax error are not told, since they may only look wrong', () => {
    const lines = told('slack:\n  anounce: C0CCCCCCC\npolicy: "\n  containment: x\n');
    expect(lines[0]).toMatch(/^2:3: "anounce"/);
    expect(lines.slice(1).every((line) => line.includes('not valid YAML'))).toBe(true);
  });

  test('an entry that looks like a secret is not repeated, not even one that was cut short', () => {
    const cut = BOT.slice(0, 9);
    const inside = `dana ${ORDINARY}`;
    const lines = told(`slack:\n  responders: [${ORDINARY}, ${cut}, ${inside}]\n  ${BOT}: x\n`).join('\n');
    expect(lines).toContain('3:3: ');
    for (const secret of [ORDINARY, cut, BOT]) expect(lines).not.toContain(secret);
  });

  test('a file that cannot be read as text', () => {
    const config = (path: string) =>
      mistakes(() => loadConfig({ env: { KEYLEAK_CONFIG: path }, cwd, need: 'store' }));
    expect(config('absent.yml')).toEqual([
      expect.stringContaining('absent.yml: The file cannot be read (ENOENT).'),
    ]);
    expect(config(put('binary.yml', Uint8Array.of(0xff, 0xfe)))).toEqual([
      'binary.yml: The file is not UTF-8 text. Save it as UTF-8.',
    ]);
    expect(config(put('large.yml', `#${'x'.repeat(65_536)}`))).toEqual([
      expect.stringContaining('large.yml: The file is larger than 64 KiB.'),
    ]);
    mkdirSync(join(cwd, 'folder.yml'));
    expect(config('folder.yml')).toEqual([expect.stringContaining('folder.yml: This is not a file.')]);
  });

  test('depth is a mistake, not a crash', () => {
    expect(told('['.repeat(60_000)).length).toBeGreaterThan(0);
  });

  test('an empty file and one with comments only say nothing, and that is allowed', () => {
    expect(told('')).toEqual([]);
    expect(told('# later\n')).toEqual([]);
  });

  test('any text is read or has problems that stand in it', () => {
    const right = read('keyleak.example.yml');
    const shred = fc.oneof(
      fc.constantFrom(...'\n\t -:[]{}&*!|>"\'#?%@`,0\r'.split(''), '<<: '),
      fc.string({ maxLength: 3 }),
    );
    const edit = fc.record({ at: fc.nat(right.length), cut: fc.nat(12), put: shred });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = right;
        for (const { at, cut, put: shreds } of edits)
          text = text.slice(0, at) + shreds + text.slice(at + cut);
        const lines = text.split('\n');
        for (const { place } of parseConfig(text, 'k').problems) {
          const [, line, column] = place.split(':').map(Number);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[(line ?? 0) - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: thorough(300) },
    );
  });
});

describe('what ships', () => {
  // After a change of the format: npx vitest run test/config.test.ts --update
  test('schemas/config.schema.json is what the zod schema says', async () => {
    const file = new URL('../schemas/config.schema.json', import.meta.url).pathname;
    await expect(configJsonSchema()).toMatchFileSnapshot(file);
  });

  test('keyleak.example.yml is right', () => {
    expect(parseConfig(read('keyleak.example.yml'), 'x').problems).toEqual([]);
  });
});

// What keyleak is told about the services it talks to: tokens by shape, addresses that a token may follow, who may do what.

import { createPrivateKey } from 'node:crypto';
import {
  ADMIN_KEY,
  APP_TOKEN,
  BOT_TOKEN,
  DRAFT_KEY,
  GITHUB_KEY,
  GITHUB_TOKEN,
  PAGING_SECRET,
  SIGNING_SECRET,
  WEBHOOK_SECRET,
} from './config-expected.ts';
import { type Findings, isSafeUrl, kindOf } from './config-problem.ts';
import type { ConfigFile } from './config-schema.ts';
import { type Environment, type Expected, isSet, readSecret, type Secret, text } from './config-secret.ts';
import { isSigningSecret } from './domain/pager.ts';

export interface SlackConfig {
  readonly botToken: Secret;
  readonly transport:
    | {
        readonly kind: 'socket';
        readonly appToken: Secret;
        /** Where the health pages are served; null without PORT. */
        readonly health: { readonly host: string; readonly port: number } | null;
      }
    | { readonly kind: 'http'; readonly signingSecret: Secret; readonly port: number; readonly host: string };
  /** Ends with a slash. */
  readonly apiUrl: string;
  /** User ids (U…, W…), user-group handles (@…) or user-group ids (S…). */
  readonly responders: readonly string[];
  readonly managers: readonly string[];
  readonly announce: string | null;
  readonly fallback: string | null;
}

export interface AnthropicConfig {
  /** Null: every provider step is a guided one. */
  readonly adminKey: Secret | null;
  /** Only for drafting; it should be able to do no more than that. */
  readonly draftKey: Secret | null;
  readonly baseUrl: string;
}

export interface GithubConfig {
  readonly access:
    | { readonly kind: 'token'; readonly token: Secret }
    | {
        readonly kind: 'app';
        readonly appId: string;
        readonly installationId: string;
        readonly privateKey: Secret;
      };
  readonly apiUrl: string;
  readonly webhookSecret: Secret | null;
  readonly repository: string | null;
  readonly organizations: readonly string[];
}

export interface PagingConfig {
  readonly webhook: string;
  readonly secret: Secret;
}

export interface Sources {
  readonly env: Environment;
  readonly cwd: string;
  readonly file: ConfigFile;
  /** Whether `file` is empty only because of its mistakes. */
  readonly fileIsBroken: boolean;
  /** Name of the configuration file, for people. */
  readonly fileName: string;
  readonly findings: Findings;
}

/** Null when something is missing or wrong; `findings` then says what. */
export function readSlack(sources: Sources): SlackConfig | null {
  const { file, fileName, fileIsBroken, findings } = sources;
  const botToken = required(sources, 'SLACK_BOT_TOKEN', BOT_TOKEN);
  const transport = readTransport(sources);
  const apiUrl = readUrl(sources, 'SLACK_API_URL', 'https://slack.com/api/').replace(/\/*$/, '/');
  const { responders = [], managers = [], announce = null, fallback = null } = file.slack ?? {};
  if (responders.length + managers.length === 0 && !fileIsBroken) {
    const message = 'Nobody may deactivate a key: there is neither slack.responders nor slack.managers.';
    const fix = 'Add Slack user ids or user groups, as in keyleak.example.yml.';
    findings.problems.push({ place: fileName, message, fix });
  } else if (managers.length === 0 && !fileIsBroken) {
    findings.warnings.push(`${fileName}: slack.managers is missing, so missed deadlines escalate to nobody.`);
  }
  if (transport === null || botToken === null) return null;
  return { botToken, transport, apiUrl, responders, managers, announce, fallback };
}

function readTransport(sources: Sources): SlackConfig['transport'] | null {
  const { env, findings } = sources;
  const appToken = readSecret(sources, 'SLACK_APP_TOKEN', APP_TOKEN);
  const signingSecret = readSecret(sources, 'SLACK_SIGNING_SECRET', SIGNING_SECRET);
  const port = text(env, 'PORT') ?? '3000';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    findings.problems.push({
      place: 'PORT',
      message: 'It is not a port.',
      fix: 'Write a number up to 65535.',
    });
  }
  const place = { host: text(env, 'HOST') ?? '0.0.0.0', port: Number(port) };
  if (appToken !== null)
    return { kind: 'socket', appToken, health: text(env, 'PORT') === null ? null : place };
  if (signingSecret !== null) return { kind: 'http', signingSecret, ...place };
  if (!isSet(env, 'SLACK_APP_TOKEN') && !isSet(env, 'SLACK_SIGNING_SECRET')) {
    const fix = `${APP_TOKEN.where} For HTTP instead of Socket Mode set SLACK_SIGNING_SECRET.`;
    findings.problems.push({ place: 'SLACK_APP_TOKEN', message: 'It is not set.', fix });
  }
  return null;
}

export function readAnthropic(sources: Sources): AnthropicConfig {
  const { findings } = sources;
  const adminKey = readSecret(sources, 'ANTHROPIC_ADMIN_API_KEY', ADMIN_KEY);
  const draftKey = readSecret(sources, 'ANTHROPIC_API_KEY', DRAFT_KEY);
  if (adminKey !== null) {
    const kind = kindOf(adminKey())?.kind;
    if (kind !== 'admin')
      findings.warnings.push(
        kind === 'api'
          ? 'ANTHROPIC_ADMIN_API_KEY: It is an ordinary API key; only one without workspace can manage keys.'
          : `ANTHROPIC_ADMIN_API_KEY: It does not look like ${ADMIN_KEY.want}. It is tried all the same.`,
      );
  }
  return { adminKey, draftKey, baseUrl: readUrl(sources, 'ANTHROPIC_BASE_URL', 'https://api.anthropic.com') };
}

/** Null without access to GitHub: its steps are then guided. */
export function readGithub(sources: Sources): GithubConfig | null {
  const { env, file, findings } = sources;
  const token = readSecret(sources, 'GITHUB_TOKEN', GITHUB_TOKEN);
  const app = readGithubApp(sources);
  const webhookSecret = readSecret(sources, 'GITHUB_WEBHOOK_SECRET', WEBHOOK_SECRET);
  const apiUrl = readUrl(sources, 'GITHUB_API_URL', 'https://api.github.com');
  if (isSet(env, 'GITHUB_TOKEN') && isSet(env, 'GITHUB_APP_ID')) {
    const message = 'Both GITHUB_TOKEN and GITHUB_APP_ID are set.';
    findings.problems.push({ place: 'GITHUB_TOKEN', message, fix: 'Keep one way of access.' });
  }
  const access = token === null ? app : ({ kind: 'token', token } as const);
  if (access === null) return null;
  const { repository = null, organizations = [] } = file.github ?? {};
  return { access, apiUrl, webhookSecret, repository, organizations };
}

function readGithubApp(sources: Sources): GithubConfig['access'] | null {
  const { env, findings } = sources;
  const key = readSecret(sources, 'GITHUB_APP_PRIVATE_KEY', GITHUB_KEY);
  const names = ['GITHUB_APP_ID', 'GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_INSTALLATION_ID'];
  const missing = names.filter((name) => !isSet(env, name));
  if (missing.length === names.length) return null;
  for (const place of missing) {
    const fix = `A GitHub App needs all of ${names.join(', ')}.`;
    findings.problems.push({ place, message: 'It is not set.', fix });
  }
  for (const place of ['GITHUB_APP_ID', 'GITHUB_APP_INSTALLATION_ID']) {
    const id = text(env, place);
    if (id === null || /^\d{1,15}$/.test(id)) continue;
    findings.problems.push({
      place,
      message: 'It is not a number.',
      fix: 'Copy it from the App’s settings.',
    });
  }
  // Environment files hold the line breaks of a PEM as \n.
  const pem = key?.().replaceAll('\\n', '\n');
  if (pem !== undefined && !isPrivateKey(pem)) {
    const message = 'The private key cannot be read; it may be cut short or protected by a password.';
    findings.problems.push({ place: 'GITHUB_APP_PRIVATE_KEY', message, fix: GITHUB_KEY.where });
  }
  const appId = text(env, 'GITHUB_APP_ID');
  const installationId = text(env, 'GITHUB_APP_INSTALLATION_ID');
  if (pem === undefined || appId === null || installationId === null) return null;
  return { kind: 'app', appId, installationId, privateKey: () => pem };
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}

/** Null without paging.webhook. */
export function readPaging(sources: Sources): PagingConfig | null {
  const { env, file, fileName, fileIsBroken, findings } = sources;
  const secret = readSecret(sources, 'PAGING_WEBHOOK_SECRET', PAGING_SECRET);
  if (secret !== null && !isSigningSecret(secret())) {
    const fromFile = text(env, 'PAGING_WEBHOOK_SECRET') === null;
    const place = fromFile ? 'PAGING_WEBHOOK_SECRET_FILE' : 'PAGING_WEBHOOK_SECRET';
    findings.problems.push({
      place,
      message: `It is not ${PAGING_SECRET.want}.`,
      fix: PAGING_SECRET.where,
    });
  }
  const webhook = file.paging?.webhook;
  if (webhook === undefined) {
    if (secret !== null && !fileIsBroken)
      findings.warnings.push(
        `PAGING_WEBHOOK_SECRET: It signs nothing: ${fileName} has no paging.webhook, so nobody is paged.`,
      );
    return null;
  }
  if (!isSet(env, 'PAGING_WEBHOOK_SECRET')) {
    const message = 'It is not set, and what is sent to paging.webhook must be signed.';
    findings.problems.push({ place: 'PAGING_WEBHOOK_SECRET', message, fix: PAGING_SECRET.where });
  }
  return secret === null ? null : { webhook, secret };
}

function required(sources: Sources, name: string, expected: Expected): Secret | null {
  if (isSet(sources.env, name)) return readSecret(sources, name, expected);
  sources.findings.problems.push({ place: name, message: 'It is not set.', fix: expected.where });
  return null;
}

function readUrl({ env, findings }: Sources, place: string, otherwise: string): string {
  const url = text(env, place);
  if (url === null) return otherwise;
  if (!isSafeUrl(url) || /[?#]/.test(url)) {
    findings.problems.push({
      place,
      message: 'A token would follow this address, and it is neither https nor this machine.',
      fix: 'Write https://… without user name, query or fragment; plain http only to localhost.',
    });
  }
  return url;
}

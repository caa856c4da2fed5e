// The only reader of the environment. All that is configured is checked here, every mistake told at once, and frozen.

import { resolve } from 'node:path';
import { readConfigFile } from './config-file.ts';
import { configError, type Findings } from './config-problem.ts';
import type { ConfigFile } from './config-schema.ts';
import { type Environment, text } from './config-secret.ts';
import {
  type AnthropicConfig,
  type GithubConfig,
  type PagingConfig,
  readAnthropic,
  readGithub,
  readPaging,
  readSlack,
  type SlackConfig,
  type Sources,
} from './config-services.ts';
import { warnOfUnused } from './config-unused.ts';
import { type HouseRules, houseRules } from './domain/house-rules.ts';

export interface Config {
  /** Absolute path of the SQLite file. */
  readonly database: string;
  /** Absolute path of the Ed25519 key that signs checkpoints. */
  readonly signingKey: string;
  /** Null unless the bot needs it. */
  readonly slack: SlackConfig | null;
  readonly anthropic: AnthropicConfig;
  readonly github: GithubConfig | null;
  readonly paging: PagingConfig | null;
  readonly policy: PolicyConfig;
  /** Sentences for the operator; nothing that stops the bot. */
  readonly warnings: readonly string[];
}

export interface PolicyConfig {
  readonly rules: HouseRules;
  /** `workspaces`: by a workspace's name or id, where it differs. */
  readonly keyMaxAgeDays: {
    readonly otherwise: number;
    readonly workspaces: Readonly<Record<string, number>>;
  };
  readonly supportThresholdUsd: number;
}

/** What the bot needs to start. */
export type BotConfig = Config & { readonly slack: SlackConfig };

type Need = 'store' | 'provider' | 'bot';

interface ConfigSources {
  readonly env: Environment;
  /** Where relative paths begin, and where keyleak.yml is looked for. */
  readonly cwd: string;
}

const KEYLEAK_VARIABLES = ['KEYLEAK_DB', 'KEYLEAK_SIGNING_KEY', 'KEYLEAK_CONFIG'];

/** A frozen copy of the environment of this process. */
export function environment(): Environment {
  return Object.freeze({ ...process.env });
}

/**
 * The configuration out of environment, keyleak.yml and defaults, in that order. `store` reads no secret, so that
 * the log can be read where no token is; `provider` reads only what a key is deactivated with, so that this can be done
 * where Slack is down. A broken keyleak.yml fails in every case. Throws KL_CONFIG with every mistake.
 */
export function loadConfig(parts: ConfigSources & { readonly need: 'bot' }): BotConfig;
export function loadConfig(parts: ConfigSources & { readonly need: 'store' | 'provider' }): Config;
export function loadConfig({ env, cwd, need }: ConfigSources & { readonly need: Need }): Config {
  const findings: Findings = { problems: [], warnings: [] };
  const named = text(env, 'KEYLEAK_CONFIG');
  const fileName = named ?? 'keyleak.yml';
  const { value: file, problems } = readConfigFile(resolve(cwd, fileName), fileName, named !== null);
  const sources: Sources = { env, cwd, file, fileIsBroken: problems.length > 0, fileName, findings };
  const database = resolve(cwd, text(env, 'KEYLEAK_DB') ?? 'data/keyleak.db');
  const signingKey = text(env, 'KEYLEAK_SIGNING_KEY');
  const config: Config = {
    database,
    signingKey: signingKey === null ? `${database}.key` : resolve(cwd, signingKey),
    ...readServices(sources, need),
    policy: readPolicy(file),
    warnings: findings.warnings,
  };
  warnOfUnknown(env, findings);
  if (need === 'bot') warnOfUnused(sources);
  const all = [...problems, ...findings.problems];
  if (all.length > 0) throw configError(all);
  return deepFreeze(config);
}

type ServiceConfig = Pick<Config, 'slack' | 'anthropic' | 'github' | 'paging'>;

const NO_SERVICES: ServiceConfig = {
  slack: null,
  anthropic: { adminKey: null, draftKey: null, baseUrl: 'https://api.anthropic.com' },
  github: null,
  paging: null,
};

function readServices(sources: Sources, need: Need): ServiceConfig {
  if (need === 'store') return NO_SERVICES;
  if (need === 'provider') {
    // Whether there is a pager only says what to leave to the bot, so its mistakes are the bot's to tell.
    const untold: Findings = { problems: [], warnings: [] };
    return {
      ...NO_SERVICES,
      anthropic: readAnthropic(sources),
      paging: readPaging({ ...sources, findings: untold }),
    };
  }
  return {
    slack: readSlack(sources),
    anthropic: readAnthropic(sources),
    github: readGithub(sources),
    paging: readPaging(sources),
  };
}

function readPolicy(file: ConfigFile): PolicyConfig {
  const { key_max_age: age = '90d', support_threshold_usd: usd = 100 } = file.policy ?? {};
  const ages = typeof age === 'string' ? { default: age } : age;
  const { default: otherwise = '90d', ...workspaces } = ages;
  return {
    rules: readRules(file),
    keyMaxAgeDays: {
      otherwise: Number.parseInt(otherwise, 10),
      workspaces: Object.fromEntries(
        Object.entries(workspaces).map(([name, days]) => [name, Number.parseInt(days, 10)]),
      ),
    },
    supportThresholdUsd: usd,
  };
}

function readRules({ policy, systems = [] }: ConfigFile): HouseRules {
  const containment = policy?.containment ?? 'confirm';
  const { default: otherwise = 'confirm', rules } =
    typeof containment === 'string' ? { default: containment, rules: [] } : containment;
  return houseRules({
    otherwise,
    containment: rules.map(({ workspace = null, severity = null, containment: then }) => ({
      workspace,
      severity,
      containment: then,
    })),
    systems: systems.map(({ name, owner = null, how = null, keys = [], workspaces = [] }) => ({
      name,
      owner,
      how,
      keys,
      workspaces,
    })),
  });
}

function warnOfUnknown(env: Environment, findings: Findings): void {
  for (const name of Object.keys(env)) {
    if (name.startsWith('KEYLEAK_') && !KEYLEAK_VARIABLES.includes(name)) {
      findings.warnings.push(`${name}: keyleak knows no such variable; it is ignored.`);
    }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

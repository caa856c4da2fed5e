// What is wrong with a configuration, collected so that all of it is told at once and no value of a secret with it.

import { KeyleakError } from './domain/errors.ts';
import { mask } from './domain/redaction.ts';

/** `place` is a variable's name or `keyleak.yml:3:5`. `message` and `fix` are sentences without secrets. */
export interface ConfigProblem {
  readonly place: string;
  readonly message: string;
  readonly fix: string;
}

/** Collects while the configuration is read, so that the first mistake does not hide the others. */
export interface Findings {
  readonly problems: ConfigProblem[];
  readonly warnings: string[];
}

/** More than this helps nobody. */
const MAX_PROBLEMS = 50;

/** KL_CONFIG with one line for each problem: `place: message fix`. */
export function configError(problems: readonly ConfigProblem[]): KeyleakError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  const lines = problems.slice(0, MAX_PROBLEMS).map(problemLine);
  if (problems.length > MAX_PROBLEMS) lines.push(`${problems.length - MAX_PROBLEMS} more after these.`);
  return new KeyleakError(
    'KL_CONFIG',
    `The configuration has ${count}:\n${lines.join('\n')}`,
    'Correct every line named, then run the command again.',
  );
}

export function problemLine({ place, message, fix }: ConfigProblem): string {
  return `${place}: ${message} ${fix}`;
}

/** Words out of a configuration, quoted for a message: masked and shortened; not at all when they begin like a token. */
export function quoted(text: string): string {
  if (kindOf(text) !== null) return 'It';
  const clean = mask(text).text;
  return JSON.stringify(clean.length > 60 ? `${clean.slice(0, 59)}…` : clean);
}

/** Whether a base URL may be followed by a token: https, or this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}

const KINDS: readonly (readonly [RegExp, Kind, string])[] = [
  [/^xoxb-/, 'bot', 'a Slack bot token (xoxb-)'],
  [/^xapp-/, 'app', 'a Slack app-level token (xapp-)'],
  [/^xoxp-/, 'slack', 'a Slack user token (xoxp-)'],
  [/^xoxe[.-]/, 'slack', 'a rotating Slack token (xoxe)'],
  [/^xox[a-z]-/, 'slack', 'another kind of Slack token'],
  [/^sk-ant-admin\d*-/, 'admin', 'an Anthropic Admin key (sk-ant-admin)'],
  [/^sk-ant-api\d*-/, 'api', 'an Anthropic API key (sk-ant-api)'],
  [/^sk-ant-/, 'anthropic', 'an Anthropic login or session token'],
  [/^(gh[opusr]_|github_pat_)/, 'github', 'a GitHub token'],
  [/^whsec_/, 'webhook', 'a webhook secret (whsec_)'],
  [/^-----BEGIN /, 'pem', 'a private key'],
];

export type Kind = 'bot' | 'app' | 'slack' | 'admin' | 'api' | 'anthropic' | 'github' | 'webhook' | 'pem';

/** What a value is by its beginning, for saying that the wrong one stands in a place; null when it says nothing. */
export function kindOf(text: string): { readonly kind: Kind; readonly words: string } | null {
  const known = KINDS.find(([pattern]) => pattern.test(text.trim()));
  return known === undefined ? null : { kind: known[1], words: known[2] };
}

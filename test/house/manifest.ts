// manifest.yml and the code of src/slack, held together: commands, shortcuts, events and scopes are exactly those in use.

import { parse } from 'yaml';
import type { SourceFile } from './imports.ts';

/**
 * Bot scopes that each Web API method needs for what keyleak does with it: private channels, direct messages and its own
 * posts. Source: docs.slack.dev/reference/methods, one page a method. A method that is not here is an offence.
 */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'views.open': [],
  'views.publish': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'conversations.create': ['groups:write'],
  'conversations.invite': ['groups:write'],
  'conversations.setPurpose': ['groups:write'],
  'conversations.setTopic': ['groups:write'],
  'conversations.open': ['im:write', 'mpim:write'],
  'conversations.info': ['groups:read'],
  'conversations.list': ['groups:read'],
  'users.conversations': ['groups:read'],
  'conversations.members': ['groups:read'],
  'conversations.history': ['groups:history', 'im:history', 'mpim:history'],
  'conversations.replies': ['groups:history', 'im:history', 'mpim:history'],
  'pins.add': ['pins:write'],
  'users.info': ['users:read'],
  // Slack gives the second only together with the first.
  'users.lookupByEmail': ['users:read', 'users:read.email'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
};

interface Manifest {
  readonly display_information: { readonly long_description?: string };
  readonly features: {
    readonly slash_commands?: readonly { readonly command: string }[];
    readonly shortcuts?: readonly { readonly callback_id: string }[];
    readonly app_home?: { readonly home_tab_enabled?: boolean };
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly event_subscriptions?: { readonly bot_events?: readonly string[] };
    readonly interactivity?: { readonly is_enabled: boolean };
    readonly socket_mode_enabled?: boolean;
  };
}

/** Web API methods that a file calls: `client.chat.update(`, `apiCall('chat.update'`, `paginate('users.list'`. */
export function methodsOf(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [, path = ''] of text.matchAll(/\bclient\s*((?:\??\.\s*[A-Za-z]+\s*){2,})\(/g))
    found.add(path.replace(/[\s?]/g, '').slice(1));
  for (const [, path = ''] of text.matchAll(/((?:\.\s*[A-Za-z]+\s*){2,3})\(/g)) {
    const method = path.replace(/\s/g, '').slice(1);
    if (method in SCOPES) found.add(method);
  }
  for (const [, method = ''] of text.matchAll(/\b(?:apiCall|paginate)\(\s*['"`]([^'"`]+)['"`]/g))
    found.add(method);
  return [...found];
}

function registered(text: string, kind: 'command' | 'shortcut' | 'event'): readonly string[] {
  return [...text.matchAll(new RegExp(`\\bapp\\.${kind}\\(\\s*['"\`]([^'"\`]+)['"\`]`, 'g'))].map(
    ([, name = '']) => name,
  );
}

/** Every difference between the manifest and the code, in plain words; empty when they agree. */
export function compareManifest(files: readonly SourceFile[], manifestText: string): readonly string[] {
  const manifest: Manifest = parse(manifestText);
  const offences: string[] = [];
  const used = (kind: 'command' | 'shortcut' | 'event'): readonly string[] =>
    files.flatMap(({ text }) => registered(text, kind));
  const compare = (what: string, inCode: readonly string[], inManifest: readonly string[]): void => {
    for (const name of new Set(inCode))
      if (!inManifest.includes(name)) offences.push(`${what} ${name} is not in the manifest`);
    for (const name of inManifest)
      if (!inCode.includes(name)) offences.push(`${what} ${name} is in the manifest but not in use`);
    if (new Set(inManifest).size < inManifest.length) offences.push(`a ${what} stands twice in the manifest`);
  };
  const { features, settings } = manifest;
  const commands = used('command');
  compare(
    'command',
    commands,
    (features.slash_commands ?? []).map(({ command }) => command),
  );
  compare(
    'shortcut',
    used('shortcut'),
    (features.shortcuts ?? []).map(({ callback_id }) => callback_id),
  );
  compare('event', used('event'), settings.event_subscriptions?.bot_events ?? []);
  const scopes = new Set(commands.length > 0 ? ['commands'] : []);
  for (const { path, text } of files) {
    for (const method of methodsOf(text)) {
      const needed = SCOPES[method];
      if (needed === undefined) offences.push(`${path} calls ${method}, of which no scope is known`);
      for (const scope of needed ?? []) scopes.add(scope);
    }
  }
  compare('scope', [...scopes], manifest.oauth_config.scopes.bot);
  const interactive = files.some(({ text }) => /\bapp\.(action|view|shortcut|options)\(/.test(text));
  if (interactive !== (settings.interactivity?.is_enabled === true))
    offences.push('interactivity is on in one of the two only');
  const draws = files.some(({ text }) => methodsOf(text).includes('views.publish'));
  if (draws !== (features.app_home?.home_tab_enabled === true))
    offences.push('the Home tab is on in one of the two only');
  if (draws && !used('event').includes('app_home_opened'))
    offences.push('nothing draws the Home tab when it is opened');
  if (settings.socket_mode_enabled !== true) offences.push('Socket Mode is off');
  return [...offences, ...unexplained(manifest, manifestText)];
}

/** Scopes without a reason above them or above the scope before them, and a description that Slack would not take. */
function unexplained(manifest: Manifest, text: string): readonly string[] {
  const offences: string[] = [];
  const lines = text.split('\n').map((line) => line.trim());
  const isScope = (line: string | undefined): boolean => /^- [a-z:.]+$/.test(line ?? '');
  for (const scope of manifest.oauth_config.scopes.bot) {
    let above = lines.indexOf(`- ${scope}`) - 1;
    while (isScope(lines[above])) above -= 1;
    if (!lines[above]?.startsWith('# ')) offences.push(`scope ${scope} has no reason`);
  }
  const { length } = manifest.display_information.long_description ?? '';
  if (length < 175 || length > 4_000) offences.push('the long description has not 175 to 4,000 characters');
  return offences;
}

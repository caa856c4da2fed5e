// What the services say, by questions that change nothing: who keyleak is there, what it may do, and what time it is.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WebClient } from '@slack/web-api';
import { parse } from 'yaml';
import type { SlackConfig } from '../../config-services.ts';
import type { KeyProvider } from '../../domain/ports.ts';
import { asRemoteError } from '../../slack/remote.ts';
import { type Check, failed, ok, skipped, warning } from './checkup.ts';

const MANIFEST = fileURLToPath(new URL('../../../manifest.yml', import.meta.url));
const HOUR_MS = 3_600_000;

/** The scopes that the manifest asks for; the house laws hold them to the calls that are made. */
export function neededScopes(): readonly string[] {
  const manifest = parse(readFileSync(MANIFEST, 'utf8')) as {
    oauth_config: { scopes: { bot: readonly string[] } };
  };
  return manifest.oauth_config.scopes.bot;
}

export function slackChecks(client: WebClient, config: SlackConfig): readonly Check[] {
  let reached = false;
  const afterToken = (check: Check): Check => ({
    name: check.name,
    ask: async (signal) => (reached ? check.ask(signal) : skipped('The bot token has to work first.')),
  });
  return [
    {
      name: 'slack token',
      async ask() {
        const { team, user } = await asked('say who it is', () => client.auth.test());
        reached = true;
        return ok(`${user ?? 'The bot'} in ${team ?? 'the workspace'}.`);
      },
    },
    afterToken({
      name: 'slack scopes',
      async ask() {
        const { response_metadata: metadata } = await asked('say what it may do', () => client.auth.test());
        const granted = metadata?.scopes ?? [];
        const missing = neededScopes().filter((scope) => !granted.includes(scope));
        if (missing.length === 0) return ok(`All ${neededScopes().length} that the manifest asks for.`);
        return failed(
          `Missing: ${missing.join(', ')}.`,
          'Add them at api.slack.com/apps, in your app, OAuth & Permissions, and install the app again.',
        );
      },
    }),
    afterToken({ name: 'responders', ask: () => peopleFound(client, config) }),
    afterToken({ name: 'fallback', ask: () => fallbackFound(client, config.fallback) }),
  ];
}

async function peopleFound(client: WebClient, { responders, managers }: SlackConfig) {
  const names = [...new Set([...responders, ...managers])];
  const groups = names.filter((name) => !/^[UW]/.test(name));
  const unknown: string[] = [];
  if (groups.length > 0) {
    const { usergroups = [] } = await asked('list user groups', () => client.usergroups.list());
    unknown.push(
      ...groups.filter((name) => !usergroups.some(({ id, handle }) => id === name || `@${handle}` === name)),
    );
  }
  for (const user of names.filter((name) => /^[UW]/.test(name)).slice(0, 20)) {
    try {
      const { user: found } = await client.users.info({ user });
      if (found?.deleted === true) unknown.push(user);
    } catch (error) {
      const remote = asRemoteError(error, 'read who a user is');
      if (remote.reason !== 'user_not_found') throw remote;
      unknown.push(user);
    }
  }
  if (unknown.length > 0)
    return failed(
      `Slack does not know: ${unknown.join(', ')}.`,
      'Correct slack.responders and slack.managers in keyleak.yml.',
    );
  return managers.length === 0
    ? warning(
        'There is no manager: a missed deadline escalates to nobody.',
        'Add slack.managers to keyleak.yml.',
      )
    : ok(`Slack knows all ${names.length} people and groups.`);
}

async function fallbackFound(client: WebClient, channel: string | null) {
  if (channel === null) return ok('None is set: where no channel may be opened, direct messages are used.');
  const { channel: found } = await asked('read the fallback channel', () =>
    client.conversations.info({ channel }),
  );
  if (found?.is_archived === true)
    return failed('The fallback channel is archived.', 'Bring it back, or name another as slack.fallback.');
  if (found?.is_private !== true || found.is_ext_shared === true)
    return failed(
      'The fallback channel is public or shared with others: no incident is handled there.',
      'Name a private channel of your own workspace as slack.fallback.',
    );
  return found.is_member === true
    ? ok('The fallback channel is private, and the bot is in it.')
    : failed('The bot is not in the fallback channel.', 'Invite it there: /invite @keyleak.');
}

/** A call to Slack whose failure is told as keyleak tells it anywhere. Throws RemoteError. */
async function asked<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asRemoteError(error, what);
  }
}

export function anthropicChecks(provider: KeyProvider | null, now: () => number): readonly Check[] {
  return [
    {
      name: 'anthropic',
      async ask(signal) {
        if (provider === null)
          return warning(
            'There is no admin key: every step at the provider is a guided one in the Console.',
            'Create one in the Console, Settings, Admin keys, and set ANTHROPIC_ADMIN_API_KEY.',
          );
        const { keys } = await provider.list(signal);
        const active = keys.filter(({ status }) => status === 'active').length;
        return ok(`${keys.length} keys are listed, ${active} of them active.`);
      },
    },
    {
      name: 'anthropic usage',
      async ask(signal) {
        if (provider === null) return skipped('It needs an admin key.');
        const at = now();
        const range = { startingAt: at - HOUR_MS, endingAt: at };
        const report = await provider.usage({ ...range, keys: [], bucket: '1m', groupBy: ['key'] }, signal);
        return report.source === 'analytics'
          ? ok('Figures are there, by the minute.')
          : warning(
              'Only the older usage report is there: it counts tokens, and requests are told as “at least”.',
              'Nothing to do; the Console shows the rest.',
            );
      },
    },
  ];
}

/** Slack refuses what is signed more than five minutes off; a log whose times are wrong misleads whoever reads it. */
const SKEW_WARNS_MS = 30_000;
const SKEW_FAILS_MS = 120_000;

/** `skews`: how far this machine is ahead of each service that answered, milliseconds. */
export function clockCheck(skews: ReadonlyMap<string, number>): Check {
  return {
    name: 'clock',
    async ask() {
      const [worst] = [...skews].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
      if (worst === undefined) return skipped('No service answered, so there is nothing to compare with.');
      const [service, ms] = worst;
      const seconds = Math.round(Math.abs(ms) / 1_000);
      const words = `This machine is ${seconds} s ${ms > 0 ? 'ahead of' : 'behind'} ${service}.`;
      const fix = 'Set the clock by NTP: timedatectl set-ntp true.';
      if (Math.abs(ms) >= SKEW_FAILS_MS) return failed(words, fix);
      return Math.abs(ms) >= SKEW_WARNS_MS ? warning(words, fix) : ok('It agrees with the services.');
    },
  };
}

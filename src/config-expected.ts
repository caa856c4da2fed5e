// What each secret looks like and where a person gets it, for saying so when it is missing or another one stands there.

import type { Expected } from './config-secret.ts';

const SLACK_APPS = 'at api.slack.com/apps, in your app';
export const BOT_TOKEN: Expected = {
  kinds: ['bot'],
  want: 'a Slack bot token, which begins with xoxb-',
  where: `Copy the Bot User OAuth Token ${SLACK_APPS}, OAuth & Permissions.`,
  twin: { name: 'SLACK_APP_TOKEN', kind: 'app' },
};
export const APP_TOKEN: Expected = {
  kinds: ['app'],
  want: 'a Slack app-level token, which begins with xapp-',
  where: `Create one with the scope connections:write ${SLACK_APPS}, Basic Information, App-Level Tokens.`,
  twin: { name: 'SLACK_BOT_TOKEN', kind: 'bot' },
};
export const SIGNING_SECRET: Expected = {
  kinds: null,
  want: 'a Slack signing secret',
  where: `Copy the Signing Secret ${SLACK_APPS}, Basic Information, App Credentials.`,
};
export const ADMIN_KEY: Expected = {
  // A personal key without workspace reaches the Admin API too (facts of August 2026).
  kinds: ['admin', 'api'],
  // A shape that is not known yet must not keep a bot from starting that can work without it.
  free: true,
  want: 'an Anthropic Admin key, which begins with sk-ant-admin',
  where: 'Create one in the Anthropic Console, Settings, Admin keys.',
};
export const DRAFT_KEY: Expected = {
  kinds: ['api'],
  want: 'an ordinary Anthropic API key, which begins with sk-ant-api',
  where: 'Create one in the Anthropic Console, Settings, API keys; drafting needs no more.',
  twin: { name: 'ANTHROPIC_ADMIN_API_KEY', kind: 'admin' },
};
export const GITHUB_TOKEN: Expected = {
  kinds: ['github'],
  want: 'a GitHub token, which begins with github_pat_ or ghp_',
  where: 'Create a fine-grained token on GitHub, Settings, Developer settings.',
};
export const GITHUB_KEY: Expected = {
  kinds: ['pem'],
  want: 'a private key in PEM form, which begins with -----BEGIN',
  where: 'Generate one on the page of the GitHub App, or name its file in GITHUB_APP_PRIVATE_KEY_FILE.',
};
export const WEBHOOK_SECRET: Expected = {
  kinds: null,
  want: 'the secret of the GitHub webhook',
  where: 'Copy what you entered as the secret of the webhook.',
};
export const PAGING_SECRET: Expected = {
  kinds: ['webhook'],
  free: true,
  want: 'a standard-webhooks secret (whsec_ and 24 to 64 bytes in base64) or another text of 24 characters or more',
  where: 'Make one with: echo whsec_$(openssl rand -base64 32)',
};

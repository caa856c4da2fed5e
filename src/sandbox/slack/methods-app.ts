// auth.test and apps.connections.open: who the token belongs to, and where Socket Mode is.

import type { AppsConnectionsOpenResponse, AuthTestResponse } from '@slack/web-api';
import type { Answer } from './json.ts';
import { botMethod, type Method } from './method.ts';
import { refuse } from './wire.ts';

const authTest = botMethod<AuthTestResponse>([], (world) => ({
  url: `https://${world.team.domain}.slack.com/`,
  team: world.team.name,
  team_id: world.team.id,
  user: world.users.get(world.bot.user)?.name ?? '',
  user_id: world.bot.user,
  bot_id: world.bot.id,
  is_enterprise_install: false,
}));

const openConnection: Method = {
  token: 'app',
  scopes: [],
  run(world) {
    if (world.socketUrl === null) return refuse('internal_error');
    return { url: world.socketUrl() } satisfies Answer<AppsConnectionsOpenResponse>;
  },
};

export const APP_METHODS: Readonly<Record<string, Method>> = {
  'auth.test': authTest,
  'apps.connections.open': openConnection,
};

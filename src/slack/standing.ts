// What Slack says of a user, as far as it decides what they may do here.

import type { UsersInfoResponse } from '@slack/web-api';

/** Only members are given a role. */
export type Standing = 'member' | 'guest' | 'stranger' | 'deactivated' | 'bot';

/** The workspace that the bot is in, as `auth.test` tells it. */
export interface Workspace {
  readonly team: string;
  /** Null outside an Enterprise Grid. */
  readonly enterprise: string | null;
}

type User = NonNullable<UsersInfoResponse['user']>;

export function standingOf(user: User, home: Workspace | null): Standing {
  if (user.deleted === true) return 'deactivated';
  if (user.is_bot === true || user.id === 'USLACKBOT') return 'bot';
  if (isForeign(user, home)) return 'stranger';
  return user.is_restricted === true || user.is_ultra_restricted === true ? 'guest' : 'member';
}

function isForeign(user: User, home: Workspace | null): boolean {
  if (user.is_stranger === true) return true;
  if (home === null || user.team_id === undefined || user.team_id === home.team) return false;
  return user.enterprise_user?.enterprise_id !== home.enterprise;
}

/** Why somebody may not declare, for the sentence that tells them. */
export const WHY_NOT: Readonly<Record<Exclude<Standing, 'member'>, string>> = {
  guest: 'guests may not',
  stranger: 'people of other workspaces may not',
  deactivated: 'this account is deactivated',
  bot: 'apps and bots may not',
};

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

/** Why somebody cannot be given a step, likewise. */
export const WHY_NOT_ASSIGNED: Readonly<Record<Exclude<Standing, 'member'>, string>> = {
  guest: 'a guest cannot be given a step',
  stranger: 'Slack knows no such member of this workspace',
  deactivated: 'the account of that person is deactivated',
  bot: 'an app or a bot cannot be given a step',
};

/** The names by which people call a user: handle and display name, in lower case. */
export function namesOfUser(user: User): readonly string[] {
  const names = [user.name, user.profile?.display_name];
  return names.flatMap((name) => (name === undefined || name === '' ? [] : [name.toLowerCase()]));
}

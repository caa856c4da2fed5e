// users.* and usergroups.*: who is who, and who belongs to which group.

import type {
  UsergroupsListResponse,
  UsergroupsUsersListResponse,
  UsersInfoResponse,
  UsersListResponse,
  UsersLookupByEmailResponse,
} from '@slack/web-api';
import { botMethod, type Method } from './method.ts';
import type { PracticePerson } from './people.ts';
import { page, refuse } from './wire.ts';
import type { World } from './world.ts';

/** A person as the bot reads them; the e-mail only with its own scope. */
function shownPerson(world: World, person: PracticePerson) {
  const [first = person.realName, ...rest] = person.realName.split(' ');
  const email = world.scopes.includes('users:read.email') && person.email !== null;
  const stranger = person.team !== world.team.id;
  return {
    id: person.id,
    team_id: person.team,
    name: person.name,
    real_name: person.realName,
    deleted: person.deleted,
    tz: person.zone,
    is_admin: false,
    is_owner: false,
    is_bot: person.bot,
    is_app_user: false,
    is_restricted: person.restricted,
    is_ultra_restricted: false,
    ...(stranger ? { is_stranger: true } : {}),
    updated: 0,
    profile: {
      team: person.team,
      real_name: person.realName,
      display_name: person.name,
      first_name: first,
      last_name: rest.join(' '),
      ...(email && person.email !== null ? { email: person.email } : {}),
      ...(person.bot ? { bot_id: world.bot.id, api_app_id: world.bot.app } : {}),
    },
  };
}

const info = botMethod<UsersInfoResponse>(['users:read'], (world, args) => {
  const person = world.users.get(args.required('user')) ?? refuse('user_not_found');
  return { user: shownPerson(world, person) };
});

const lookupByEmail = botMethod<UsersLookupByEmailResponse>(['users:read.email'], (world, args) => {
  const email = args.required('email').toLowerCase();
  const person = [...world.users.values()].find(
    (one) => one.email?.toLowerCase() === email && !one.deleted && one.team === world.team.id,
  );
  return { user: shownPerson(world, person ?? refuse('users_not_found')) };
});

const list = botMethod<UsersListResponse>(['users:read'], (world, args) => {
  const found = page([...world.users.values()], args);
  return {
    members: found.page.map((person) => shownPerson(world, person)),
    cache_ts: Math.floor(world.clock.now() / 1_000),
    response_metadata: { next_cursor: found.next },
  };
});

const groups = botMethod<UsergroupsListResponse>(['usergroups:read'], (world, args) => ({
  usergroups: [...world.userGroups.values()].map((group) => ({
    id: group.id,
    team_id: world.team.id,
    name: group.name,
    handle: group.handle,
    is_usergroup: true,
    is_external: false,
    is_subteam: true,
    description: '',
    date_create: 0,
    date_update: 0,
    date_delete: 0,
    ...(args.flag('include_users') ? { users: [...group.members] } : {}),
    ...(args.flag('include_count') ? { user_count: group.members.length } : {}),
  })),
}));

const groupUsers = botMethod<UsergroupsUsersListResponse>(['usergroups:read'], (world, args) => {
  const group = world.userGroups.get(args.required('usergroup')) ?? refuse('no_such_subteam');
  return { users: [...group.members] };
});

export const PEOPLE_METHODS: Readonly<Record<string, Method>> = {
  'users.info': info,
  'users.lookupByEmail': lookupByEmail,
  'users.list': list,
  'usergroups.list': groups,
  'usergroups.users.list': groupUsers,
};

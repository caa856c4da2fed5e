// The organisation that the practice Anthropic shows when nobody brings another: people, workspaces and keys as the
// vendor's own types describe them. No key material exists here, only hints.

import type Anthropic from '@anthropic-ai/sdk';

export type PracticeKey = Anthropic.Organization.APIKey;
export type PracticeWorkspace = Anthropic.Organization.Workspace;
export type PracticeUser = Anthropic.Organization.OrganizationUser;

export const ORGANIZATION = {
  id: 'org_01AcmePractice',
  name: 'Acme (practice)',
  type: 'organization',
} satisfies Anthropic.Organization.OrganizationInfo;

const DAY_MS = 86_400_000;

export const DEFAULT_WORKSPACE = 'wrkspc_01Default';

/** A workspace with what a practice needs of it; the rest is as the vendor makes it. */
export function workspace(
  id: string,
  name: string,
  change: Partial<PracticeWorkspace> = {},
): PracticeWorkspace {
  return {
    id,
    name,
    type: 'workspace',
    archived_at: null,
    compartment_id: `cmpt_${id.slice('wrkspc_'.length)}`,
    created_at: '2025-11-03T09:00:00Z',
    data_residency: {
      allowed_inference_geos: 'unrestricted',
      default_inference_geo: 'global',
      workspace_geo: 'us',
    },
    display_color: '#6C5BB9',
    external_key_id: null,
    tags: {},
    user_profile_id: null,
    ...change,
  };
}

export function user(
  id: string,
  name: string,
  email: string,
  role: PracticeUser['role'] = 'developer',
): PracticeUser {
  return { id, name, email, role, type: 'user', added_at: '2025-11-03T09:00:00Z' };
}

/** An active key in the Production workspace; `change` says where it differs. */
export function key(
  id: string,
  name: string,
  hint: string | null,
  change: Partial<PracticeKey> = {},
): PracticeKey {
  return {
    id,
    name,
    partial_key_hint: hint,
    type: 'api_key',
    status: 'active',
    created_at: '2026-05-18T08:30:00Z',
    expires_at: null,
    created_by: null,
    principal: null,
    scope: { type: 'workspace', workspace_id: 'wrkspc_01Production' },
    ...change,
  };
}

/** A key that a person makes in the Console. */
export interface NewKey {
  readonly name: string;
  /** Id of a workspace; null for a key of the organisation. Production unless told. */
  readonly workspace?: string | null;
  /** Id of the person who makes it; the first one unless told. */
  readonly by?: string;
  /** RFC 3339. */
  readonly expires_at?: string | null;
}

/** The `n`th key that was made here, at `now` (milliseconds since the epoch). Throws where the Console would not offer the choice. */
export function newKey(
  made: NewKey,
  n: number,
  now: number,
  world: { workspaces: readonly PracticeWorkspace[]; users: readonly PracticeUser[] },
): PracticeKey {
  const { workspace: place = 'wrkspc_01Production', by = world.users[0]?.id } = made;
  const open = world.workspaces.some(({ id, archived_at }) => id === place && archived_at === null);
  if (place !== null && !open) throw new Error(`the practice Anthropic has no open workspace ${place}`);
  if (by === undefined || !world.users.some(({ id }) => id === by))
    throw new Error(`the practice Anthropic has no member ${by ?? 'at all'}`);
  const mark = n.toString(36).padStart(2, '0');
  return key(`apikey_01Made${n}`, made.name, `sk-ant-api03-m${mark}...${mark}AA`, {
    ...ownedBy(by),
    ...(place === null ? { scope: { type: 'organization' } } : inWorkspace(place)),
    created_at: new Date(now).toISOString(),
    expires_at: made.expires_at ?? null,
  });
}

export function practiceWorkspaces(): PracticeWorkspace[] {
  return [
    workspace(DEFAULT_WORKSPACE, 'Default'),
    workspace('wrkspc_01Production', 'Production', { display_color: '#B94A48' }),
    workspace('wrkspc_01Staging', 'Staging', { display_color: '#C9A227' }),
    workspace('wrkspc_01Development', 'Development', { display_color: '#3A87AD' }),
    workspace('wrkspc_01Hackathon', 'Hackathon 2025', { archived_at: '2026-01-12T16:00:00Z' }),
  ];
}

export function practiceUsers(): PracticeUser[] {
  return [
    user('user_01Dana', 'Dana Reyes', 'dana.reyes@example.com'),
    user('user_01Priya', 'Priya Nair', 'priya.nair@example.com', 'admin'),
    user('user_01Tomas', 'Tomás Lindqvist', 'tomas.lindqvist@example.com'),
    user('user_01Mei', 'Mei Tanaka', 'mei.tanaka@example.com', 'billing'),
  ];
}

function ownedBy(userId: string): Pick<PracticeKey, 'created_by' | 'principal'> {
  return {
    created_by: { id: userId, type: 'user' },
    principal: { type: 'user_actor', user_id: userId },
  };
}

function inWorkspace(id: string): Pick<PracticeKey, 'scope'> {
  return { scope: { type: 'workspace', workspace_id: id } };
}

/** The keys of the practice organisation at `now` (milliseconds since the epoch): every status, scope and kind of owner. */
export function practiceKeys(now: number): PracticeKey[] {
  const inDays = (days: number): string => new Date(now + days * DAY_MS).toISOString();
  return [
    key('apikey_01ProdGateway', 'prod-api-gateway-2026-04-25', 'sk-ant-api03-R2D...igAA', {
      ...ownedBy('user_01Dana'),
      created_at: '2026-04-25T09:14:00Z',
    }),
    key('apikey_01ProdWorker', 'prod-batch-worker', 'sk-ant-api03-h7Q...x2AA', ownedBy('user_01Tomas')),
    // These two end alike: one end of the hint does not tell them apart.
    key('apikey_01ProdSearch', 'prod-search-index', 'sk-ant-api03-Lm4...9kAA', ownedBy('user_01Dana')),
    key('apikey_01StageSearch', 'staging-search-index', 'sk-ant-api03-Zp8...9kAA', {
      ...ownedBy('user_01Dana'),
      ...inWorkspace('wrkspc_01Staging'),
    }),
    key('apikey_01ProdBilling', 'prod-billing-reports', 'sk-ant-api03-c0F...TwAA', {
      created_by: { id: 'user_01Priya', type: 'user' },
      principal: { type: 'service_account_actor', service_account_id: 'svac_01Billing' },
      expires_at: inDays(60),
    }),
    key('apikey_01ProdOld', 'prod-api-gateway-2025-11-03', 'sk-ant-api03-B6s...m1AA', {
      ...ownedBy('user_01Dana'),
      status: 'inactive',
      created_at: '2025-11-03T10:05:00Z',
    }),
    key('apikey_01StageWeb', 'staging-web', 'sk-ant-api03-vE1...qDAA', {
      ...ownedBy('user_01Tomas'),
      ...inWorkspace('wrkspc_01Staging'),
    }),
    key('apikey_01StageLoad', 'staging-load-test', 'sk-ant-api03-0aK...PzAA', {
      ...ownedBy('user_01Tomas'),
      ...inWorkspace('wrkspc_01Staging'),
      status: 'expired',
      expires_at: '2026-09-30T00:00:00Z',
    }),
    key('apikey_01DevDana', 'dana-laptop', 'sk-ant-api03-n5W...e8AA', {
      ...ownedBy('user_01Dana'),
      ...inWorkspace('wrkspc_01Development'),
      expires_at: inDays(30),
    }),
    key('apikey_01DevTomas', 'tomas-notebook', 'sk-ant-api03-Xk2...7JAA', {
      ...ownedBy('user_01Tomas'),
      ...inWorkspace('wrkspc_01Development'),
    }),
    key('apikey_01DevHack', 'hackathon-demo', 'sk-ant-api03-gY9...dRAA', {
      ...ownedBy('user_01Left'),
      ...inWorkspace('wrkspc_01Hackathon'),
      status: 'archived',
      created_at: '2025-12-01T12:00:00Z',
    }),
    key('apikey_01Legacy', 'legacy-integration', null, {
      ...inWorkspace(DEFAULT_WORKSPACE),
      created_at: '2025-11-03T09:01:00Z',
    }),
    key('apikey_01Default', 'internal-tools', 'sk-ant-api03-S3u...VbAA', {
      ...ownedBy('user_01Mei'),
      ...inWorkspace(DEFAULT_WORKSPACE),
    }),
    key('apikey_01OrgAdmin', 'priya-org-automation', 'sk-ant-api03-tQ6...Y4AA', {
      ...ownedBy('user_01Priya'),
      scope: { type: 'organization' },
    }),
  ];
}

// Anthropic's Admin API for practice and tests: keys, workspaces, users and usage, as a function from Request to Response. Its
// answers are values of the SDK's own types, so that a change of the vendor's shapes fails the type check.

import type Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../../domain/clock.ts';
import { analyticsDoor, analyticsUsage } from './analytics-usage.ts';
import { readUpdate } from './update-key.ts';
import { usageReport } from './usage-report.ts';
import { createUseBook, type PracticeUse } from './use.ts';
import {
  answer,
  badRequest,
  notFound,
  type Outcome,
  page,
  refuse,
  refusedAtTheDoor,
  unknownParameters,
} from './wire.ts';
import {
  DEFAULT_WORKSPACE,
  type NewKey,
  newKey,
  ORGANIZATION,
  type PracticeKey,
  type PracticeUser,
  type PracticeWorkspace,
  practiceKeys,
  practiceUsers,
  practiceWorkspaces,
} from './world.ts';

export interface PracticeAnthropicParts {
  readonly clock: Clock;
  /** The credential that it accepts, as `Authorization: Bearer` or `x-api-key`. */
  readonly adminKey: string;
  readonly keys?: readonly PracticeKey[];
  readonly workspaces?: readonly PracticeWorkspace[];
  readonly users?: readonly PracticeUser[];
  /** Whether the organisation has the usage analytics of the vendor; it does unless told. */
  readonly analytics?: Analytics;
  /** How far usage reports lag behind, in milliseconds; 5 minutes unless told, as is usual for the older report. */
  readonly lagMs?: number;
}

export type Analytics = 'enrolled' | 'not_enrolled';

/** One request as it was answered. Credentials are not in it. */
export interface PracticeRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly status: number;
}

export interface PracticeAnthropic {
  /** Usable as `typeof fetch`. */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /** Every key as the API would describe it now. */
  keys(): readonly PracticeKey[];
  key(id: string): PracticeKey | null;
  /** What somebody does in the Console, or the vendor by itself: no rule of the API stands in the way. */
  addKey(key: PracticeKey): void;
  /** Changes a key from the provider's side. Throws when there is none. */
  changeKey(id: string, change: Partial<Omit<PracticeKey, 'id' | 'type'>>): void;
  removeUser(id: string): void;
  /** What a person does in the Console: a new active key, made now. Throws where the workspace or the person does not exist. */
  createKey(made: NewKey): PracticeKey;
  /** Somebody uses a key. Throws where there is none, or it was not active at that moment, or the moment is not yet. */
  use(id: string, use?: PracticeUse): void;
  setAnalytics(analytics: Analytics): void;
  /** Milliseconds by which usage reports lag from now on. */
  setLag(ms: number): void;
  /** Every request so far, oldest first. */
  requests(): readonly PracticeRequest[];
}

const STATUSES: readonly string[] = [
  'active',
  'inactive',
  'archived',
  'expired',
] satisfies PracticeKey['status'][];
const PATH = /^\/v1\/organizations\/(me|api_keys|workspaces|users)(?:\/([^/]+))?$/;
const USAGE = /^\/v1\/organizations\/(analytics\/usage|usage_report\/messages)$/;

export function createPracticeAnthropic(parts: PracticeAnthropicParts): PracticeAnthropic {
  const { clock } = parts;
  const keys = new Map((parts.keys ?? practiceKeys(clock.now())).map((key) => [key.id, { ...key }]));
  const workspaces = parts.workspaces ?? practiceWorkspaces();
  const users = new Map((parts.users ?? practiceUsers()).map((user) => [user.id, user]));
  const log: PracticeRequest[] = [];
  const book = createUseBook(clock);
  for (const key of keys.values()) book.changed(key, Number.NEGATIVE_INFINITY);
  let { analytics = 'enrolled', lagMs = 300_000 } = parts;
  let made = 0;

  function put(key: PracticeKey): void {
    book.changed(key, keys.has(key.id) ? clock.now() : Number.NEGATIVE_INFINITY);
    keys.set(key.id, { ...key });
  }

  /** A key whose time is over is expired, whatever was last set; an archived one stays archived. */
  function now(key: PracticeKey): PracticeKey {
    const over = key.expires_at !== null && Date.parse(key.expires_at) <= clock.now();
    return over && key.status !== 'archived' ? { ...key, status: 'expired' } : { ...key };
  }

  function current(id: string): PracticeKey | null {
    const found = keys.get(id);
    return found === undefined ? null : now(found);
  }

  function listKeys(query: URLSearchParams): Outcome {
    const unknown = unknownParameters(query, ['status', 'workspace_id', 'created_by_user_id']);
    if (unknown !== null) return unknown;
    const status = query.get('status');
    if (status !== null && !STATUSES.includes(status))
      return badRequest(`status: must be one of ${STATUSES.join(', ')}`);
    const workspace = query.get('workspace_id');
    const creator = query.get('created_by_user_id');
    const fits = (key: PracticeKey): boolean =>
      (status === null || key.status === status) &&
      (workspace === null || (key.scope.type === 'workspace' && key.scope.workspace_id === workspace)) &&
      (creator === null || key.created_by?.id === creator);
    return page([...keys.values()].map(now).filter(fits), query);
  }

  function updateKey(id: string, body: string): Outcome {
    const key = current(id);
    if (key === null) return notFound('API key');
    const asked = readUpdate(body);
    if ('refusal' in asked) return asked;
    const status = asked.status ?? key.status;
    if (status !== key.status && key.status === 'archived')
      return badRequest('status: an archived key cannot be changed');
    if (status !== key.status && key.status === 'expired' && status !== 'archived')
      return badRequest('status: an expired key can only be archived');
    const changed = { ...key, name: asked.name ?? key.name, status } satisfies Anthropic.Organization.APIKey;
    put(changed);
    return { body: changed };
  }

  function listWorkspaces(query: URLSearchParams): Outcome {
    const unknown = unknownParameters(query, ['include_archived', 'include_default', 'ids[]']);
    if (unknown !== null) return unknown;
    const ids = query.getAll('ids[]');
    return page(
      workspaces.filter(
        ({ id, archived_at }) =>
          (archived_at === null || query.get('include_archived') === 'true') &&
          (id !== DEFAULT_WORKSPACE || query.get('include_default') === 'true') &&
          (ids.length === 0 || ids.includes(id)),
      ),
      query,
    );
  }

  function listUsers(query: URLSearchParams): Outcome {
    const unknown = unknownParameters(query, ['email', 'roles[]']);
    if (unknown !== null) return unknown;
    const email = query.get('email');
    const roles = query.getAll('roles[]');
    return page(
      [...users.values()].filter(
        (user) =>
          (email === null || user.email === email) && (roles.length === 0 || roles.includes(user.role)),
      ),
      query,
    );
  }

  function read(collection: string, id: string | undefined, query: URLSearchParams): Outcome {
    switch (collection) {
      case 'api_keys':
        if (id === undefined) return listKeys(query);
        return found('API key', current(id));
      case 'workspaces':
        if (id === undefined) return listWorkspaces(query);
        return found('Workspace', workspaces.find((workspace) => workspace.id === id) ?? null);
      case 'users':
        if (id === undefined) return listUsers(query);
        return found('User', users.get(id) ?? null);
      default:
        return id === undefined ? { body: ORGANIZATION } : notFound('Page');
    }
  }

  function readUsage(report: string, request: Request, query: URLSearchParams): Outcome {
    const watermark = clock.now() - lagMs;
    if (report !== 'analytics/usage') return usageReport(query, book.until(watermark), clock.now());
    return (
      analyticsDoor(request, analytics === 'enrolled') ??
      analyticsUsage(query, book.until(watermark), watermark, clock.now())
    );
  }

  async function handle(request: Request, url: URL): Promise<Outcome> {
    const door = refusedAtTheDoor(request, parts.adminKey);
    if (door !== null) return door;
    const usage = USAGE.exec(url.pathname)?.[1];
    if (usage !== undefined && request.method === 'GET') return readUsage(usage, request, url.searchParams);
    const [, collection, id] = PATH.exec(url.pathname) ?? [];
    if (collection === undefined) return notFound('Page');
    if (request.method === 'GET') return read(collection, id, url.searchParams);
    if (request.method === 'POST' && collection === 'api_keys' && id !== undefined) {
      if (!/^application\/json\b/.test(request.headers.get('content-type') ?? ''))
        return badRequest('content-type: must be application/json');
      return updateKey(id, await request.text());
    }
    return refuse(405, 'invalid_request_error', 'Method not allowed.');
  }

  return {
    async fetch(input, init) {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const url = new URL(request.url);
      const response = answer(
        await handle(request, url),
        `req_practice_${String(log.length + 1).padStart(6, '0')}`,
      );
      log.push({
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        status: response.status,
      });
      return response;
    },
    keys: () => [...keys.values()].map(now),
    key: current,
    addKey: put,
    changeKey(id, change) {
      const key = keys.get(id);
      if (key === undefined) throw new Error(`the practice Anthropic has no key ${id}`);
      put({ ...key, ...change });
    },
    removeUser(id) {
      users.delete(id);
    },
    createKey(asked) {
      made += 1;
      const key = newKey(asked, made, clock.now(), { workspaces, users: [...users.values()] });
      put(key);
      return { ...key };
    },
    use(id, use = {}) {
      const key = keys.get(id);
      if (key === undefined) throw new Error(`the practice Anthropic has no key ${id}`);
      book.use(key, use);
    },
    setAnalytics(value) {
      analytics = value;
    },
    setLag(ms) {
      lagMs = ms;
    },
    requests: () => [...log],
  };
}

function found(what: string, value: PracticeKey | PracticeWorkspace | PracticeUser | null): Outcome {
  return value === null ? notFound(what) : { body: value };
}

// Anthropic as a KeyProvider, over the Admin API of the official SDK. One call is one request: every retry is keyleak's
// own. An answer that does not hold what it must is an error, never an empty list; the admin key stays behind a function.

import Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import type { Alarm, Clock } from '../domain/clock.ts';
import type { KeyProvider } from '../domain/ports.ts';
import { type Call, createAsk } from './anthropic-ask.ts';
import { isOneOf, keepCause, unreadable } from './anthropic-errors.ts';
import { keyFacts, keyShape, pageShape, userShape, workspaceShape } from './anthropic-shapes.ts';
import { createUsage } from './anthropic-usage.ts';

export interface AnthropicParts {
  /** The Admin API key; asked for at every request, kept nowhere. */
  readonly adminKey: () => string;
  /** Such as `https://api.anthropic.com`; the admin key follows it. */
  readonly baseUrl: string;
  /** The gate through which everything leaves. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly alarm: Alarm;
}

/** How long the names of workspaces, which are for the eye, may hold up a list of keys. */
const NAMES_WITHIN_MS = 2_500;
/** Workspaces are seldom renamed, and lists of keys are read in quick succession. */
const NAMES_KEPT_MS = 60_000;
/** The most that the API gives in one page. */
const PAGE_SIZE = 1000;
/** A list that is longer than this is taken for one that never ends. */
const MAX_PAGES = 500;

interface PageQuery {
  readonly limit: number;
  readonly after_id?: string;
}

/**
 * The keys of an Anthropic organisation. Source: types of `organization.apiKeys`, `organization.workspaces`,
 * `organization.users` and `beta.organization.analytics.usage` in `@anthropic-ai/sdk`. Every method throws RemoteError with a code that begins with KL_ANTHROPIC; there is no
 * time limit but the caller's signal.
 */
export function createAnthropicProvider(parts: AnthropicParts): KeyProvider {
  const client = new Anthropic({
    apiKey: async () => parts.adminKey(),
    baseURL: parts.baseUrl,
    fetch: keepCause(parts.fetch),
    maxRetries: 0,
    logLevel: 'off',
    logger: SILENT,
    openTelemetry: false,
    webhookKey: null,
  });
  const { apiKeys, workspaces, users } = client.organization;
  const ask = createAsk(parts.clock);

  /** All items of a list in order, each once. A page that brings nothing new would never end, so it is an error. */
  async function all<T extends { readonly id: string }>(
    page: (query: PageQuery, signal: AbortSignal) => Call,
    item: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    const found = new Map<string, T>();
    const shape = pageShape(item);
    let query: PageQuery = { limit: PAGE_SIZE };
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const { value, requestId } = await ask((own) => page(query, own), shape, signal);
      const before = found.size;
      for (const one of value.data) found.set(one.id, one);
      if (!value.has_more) return [...found.values()];
      if (!value.last_id || found.size === before) throw unreadable(requestId, 'a page without anything new');
      query = { limit: PAGE_SIZE, after_id: value.last_id };
    }
    throw unreadable(null, 'a list without end');
  }

  let known: { readonly names: ReadonlyMap<string, string>; readonly readAt: number } | null = null;

  /** Names by workspace id, archived and default ones too. Empty when they cannot be read: a key dies without its name. */
  async function workspaceNames(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const readAt = parts.clock.now();
    if (known !== null && Math.abs(readAt - known.readAt) < NAMES_KEPT_MS) return known.names;
    try {
      const found = await all(
        (query, own) =>
          workspaces.list({ ...query, include_default: true, include_archived: true }, { signal: own }),
        workspaceShape,
        signal,
      );
      known = { names: new Map(found.map(({ id, name }) => [id, name])), readAt };
      return known.names;
    } catch {
      return new Map();
    }
  }

  /** What is there by then, else nothing. */
  function within<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = parts.alarm(ms, () => resolve(otherwise));
      work.then(resolve, reject).finally(cancel);
    });
  }

  return {
    id: 'anthropic',
    async list(signal) {
      const readAt = parts.clock.now();
      const [keys, names] = await Promise.all([
        all((query, own) => apiKeys.list(query, { signal: own }), keyShape, signal),
        within(NAMES_WITHIN_MS, workspaceNames(signal), new Map<string, string>()),
      ]);
      return { keys: keys.map((key) => keyFacts(key, names)), complete: true, readAt };
    },
    async retrieve(id, signal) {
      const { value, requestId } = await ask(
        (own) => apiKeys.retrieve(id, { signal: own }),
        keyShape,
        signal,
      );
      if (value.id !== id) throw unreadable(requestId, 'another key');
      return { key: keyFacts(value, new Map()), requestId };
    },
    async deactivate(id, signal) {
      const { requestId } = await ask(
        (own) => apiKeys.update(id, { status: 'inactive' }, { signal: own }),
        // Whatever it says proves nothing, so nothing is asked of it.
        z.unknown(),
        signal,
      );
      return { requestId };
    },
    async owner(owner, signal) {
      // The API does not tell an admin key about service accounts.
      if (owner.type === 'service_account') return null;
      try {
        const { value } = await ask((own) => users.retrieve(owner.id, { signal: own }), userShape, signal);
        return { name: value.name ?? null, email: value.email ?? null };
      } catch (error) {
        if (isOneOf(error, 'KL_ANTHROPIC_NOT_FOUND')) return null;
        throw error;
      }
    },
    usage: createUsage(client, ask, parts.clock),
  };
}

const SILENT = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

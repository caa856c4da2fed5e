// The parameters that the practice Anthropic's two usage reports share: times, buckets, groups, filters and cursors, refused
// where the vendor refuses them.

import type { Used } from './use.ts';
import { badRequest, type Refusal } from './wire.ts';

export const BUCKET_MS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 } as const;
export type Bucket = keyof typeof BUCKET_MS;

export type Read<T> = { readonly value: T } | { readonly refusal: Refusal };

/** Parameters that are not known, or given twice without being a list. Null when there are none. */
export function strangeParameters(
  query: URLSearchParams,
  known: readonly string[],
): { refusal: Refusal } | null {
  for (const name of new Set(query.keys())) {
    if (!known.includes(name)) return badRequest(`${name}: unknown query parameter`);
    if (!name.endsWith('[]') && query.getAll(name).length > 1) return badRequest(`${name}: given twice`);
  }
  return null;
}

/** A time with its zone, in milliseconds since the epoch; null where it is not given. */
export function timeOf(query: URLSearchParams, name: string): Read<number | null> {
  const raw = query.get(name);
  if (raw === null) return { value: null };
  const value = Date.parse(raw);
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(raw) && !Number.isNaN(value)
    ? { value }
    : badRequest(`${name}: must be an RFC 3339 time with a zone`);
}

/** One of a few words; null where it is not given. */
export function wordOf<T extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly T[],
): Read<T | null> {
  const raw = query.get(name);
  if (raw === null) return { value: null };
  const word = words.find((one) => one === raw);
  return word === undefined ? badRequest(`${name}: must be one of ${words.join(', ')}`) : { value: word };
}

export function groupsOf<T extends string>(
  query: URLSearchParams,
  words: readonly T[],
  most: number,
): Read<readonly T[]> {
  const raw = query.getAll('group_by[]');
  const groups = words.filter((word) => raw.includes(word));
  if (groups.length < new Set(raw).size) return badRequest(`group_by: must be of ${words.join(', ')}`);
  return raw.length > most ? badRequest(`group_by: at most ${most}`) : { value: groups };
}

/** Whether use is of the keys, models and workspaces that the query names; what it does not name it does not restrict. */
export function filterOf(query: URLSearchParams): (use: Used) => boolean {
  const among = (name: string, value: string | null): boolean => {
    const list = query.getAll(name);
    return list.length === 0 || list.includes(value ?? '');
  };
  return (use) =>
    among('api_key_ids[]', use.key) &&
    among('models[]', use.model) &&
    among('workspace_ids[]', use.workspace);
}

export function limitOf(query: URLSearchParams, usual: number, most: number): Read<number> {
  const value = Number(query.get('limit') ?? usual);
  return Number.isInteger(value) && value >= 1 && value <= most
    ? { value }
    : badRequest(`limit: must be a whole number from 1 to ${most}`);
}

/** The part of `items` that the cursor and the limit ask for, and the cursor of the next one. */
export function pageOf<T>(
  items: readonly T[],
  query: URLSearchParams,
  limit: number,
): Read<{ readonly data: T[]; readonly has_more: boolean; readonly next_page: string | null }> {
  const cursor = query.get('page');
  const start = cursor === null ? 0 : Number(/^page_(\d+)$/.exec(cursor)?.[1] ?? 'none');
  if (!Number.isInteger(start) || start > items.length)
    return badRequest('page: not a cursor of this report');
  const end = start + limit;
  const more = end < items.length;
  return { value: { data: items.slice(start, end), has_more: more, next_page: more ? `page_${end}` : null } };
}

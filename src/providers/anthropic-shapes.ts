// What keyleak reads of Anthropic's answers, and how it becomes KeyFacts. What it needs is checked, what it does not know
// is let through, and nothing unknown is ever taken for harmless: not a status for dead, not a scope for small.

import { z } from 'zod';
import type { KeyFacts, KeyStatus } from '../domain/key.ts';
import { mask } from '../domain/redaction.ts';

/** Well-formed, because the log's canonical JSON holds nothing else. */
export const text = z.string().transform((raw) => raw.toWellFormed());
export const id = z
  .string()
  .min(1)
  .transform((raw) => raw.toWellFormed());
/** A name that people chose: it may hold anything, a pasted key too. */
export const name = text.transform((raw) => mask(raw).text);
/** A hint has dots where the secret was; anything else is not trusted to be one. */
const hint = text.transform((raw) => (/^[\w-]{1,24}\.{3}[\w-]{1,8}$/.test(raw) ? raw : mask(raw).text));

export const keyShape = z.object({
  id,
  name: name.nullish().transform((given) => given ?? ''),
  partial_key_hint: hint.nullish(),
  status: z.string(),
  scope: z.object({ type: z.string(), workspace_id: id.nullish() }).nullish(),
  created_by: z.object({ type: z.string(), id }).nullish(),
  principal: z
    .object({ type: z.string(), user_id: id.nullish(), service_account_id: id.nullish() })
    .nullish(),
  created_at: text.nullish(),
  expires_at: text.nullish(),
});

export const workspaceShape = z.object({ id, name });

export const userShape = z.object({ name: name.nullish(), email: text.nullish() });

/** One page of a list. */
export function pageShape<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z.object({ data: z.array(item), has_more: z.boolean(), last_id: z.string().nullish() });
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly last_id?: string | null | undefined;
}

export type ListedKey = z.output<typeof keyShape>;

/**
 * A listed key in the domain's words. `names` gives workspaces their names; one that is missing is null.
 * A status that this version does not know counts as `active`, and a scope that it does not know as `organization`,
 * because the worse case is the one that people act on. Owner is the principal, else the creator.
 */
export function keyFacts(key: ListedKey, names: ReadonlyMap<string, string>): KeyFacts {
  const workspace = key.scope?.type === 'workspace' ? (key.scope.workspace_id ?? null) : null;
  return {
    id: key.id,
    name: key.name,
    hint: key.partial_key_hint ?? null,
    status: statusOf(key.status),
    scope: workspace === null ? 'organization' : 'workspace',
    workspace: workspace === null ? null : { id: workspace, name: names.get(workspace) ?? null },
    owner: ownerOf(key),
    created_at: key.created_at ?? null,
    expires_at: key.expires_at ?? null,
  };
}

function statusOf(status: string): KeyStatus {
  switch (status) {
    case 'inactive':
    case 'archived':
    case 'expired':
      return status;
    default:
      return 'active';
  }
}

function ownerOf({ principal, created_by: creator }: ListedKey): KeyFacts['owner'] {
  if (principal?.type === 'user_actor' && principal.user_id) return { id: principal.user_id, type: 'user' };
  if (principal?.type === 'service_account_actor' && principal.service_account_id)
    return { id: principal.service_account_id, type: 'service_account' };
  if (creator?.type === 'user' || creator?.type === 'service_account')
    return { id: creator.id, type: creator.type };
  return null;
}

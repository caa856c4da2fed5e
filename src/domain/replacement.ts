// The key that takes the place of a leaked one: which new keys could be it, what it should be called, what is odd about it.

import type { ReplacementWarning } from './entry.ts';
import type { KeyFacts } from './key.ts';
import { environmentOf } from './severity.ts';

/** A provider's clock may be behind ours by this much. */
const SKEW_MS = 60_000;

const DATE = /[-_ ]?\d{4}-?\d{2}(?:-?\d{2})?$/;
const CONVENTION = /^[a-z][a-z0-9]*(-[a-z0-9]+)+-\d{4}-\d{2}-\d{2}$/;

const PREFIX = { production: 'prod', staging: 'staging', development: 'dev', unknown: null } as const;
const SERVICE = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
const LONGEST = 60;

/**
 * `<environment>-<service>-<date>`, such as `prod-checkout-2026-11-26`, after the leaked key's own name; never that very
 * name, and always one without a warning. `now` in UTC.
 */
export function suggestedName(leaked: KeyFacts, now: number): string {
  const date = new Date(now).toISOString().slice(0, 10);
  const service = slug(leaked.name.normalize('NFKC').replace(DATE, '')) || 'service';
  const named = environmentOf({ ...leaked, name: service, workspace: null }) !== 'unknown';
  const prefix = named ? null : PREFIX[environmentOf(leaked)];
  const base = prefix === null ? service : `${prefix}-${service}`;
  const whole = SERVICE.test(base) ? base : `${placeOf(leaked)}-${base}`;
  const name = `${whole}-${date}`;
  return name === leaked.name ? `${whole}-new-${date}` : name;
}

function slug(text: string): string {
  const dashed = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return dashed.replace(/^-+/, '').slice(0, LONGEST).replace(/-+$/, '');
}

/** Stands where no environment is known. */
function placeOf({ workspace }: KeyFacts): string {
  const place = slug(workspace?.name ?? '');
  return /^[a-z]/.test(place) ? place : 'key';
}

/** Active keys that were made since `since` (milliseconds since the epoch) and are none of the leaked ones; newest first. */
export function successorsOf(
  keys: readonly KeyFacts[],
  leaked: readonly string[],
  since: number,
): readonly KeyFacts[] {
  return keys
    .filter((key) => key.status === 'active' && !leaked.includes(key.id))
    .map((key) => ({ key, made: Date.parse(key.created_at ?? '') }))
    .filter(({ made }) => made >= since - SKEW_MS)
    .sort((a, b) => b.made - a.made)
    .map(({ key }) => key);
}

/** True where both are of one workspace, or both of the whole organization. */
export function sameWorkspace(a: KeyFacts, b: KeyFacts): boolean {
  return a.scope === b.scope && a.workspace?.id === b.workspace?.id;
}

/** What a person should know before trusting this replacement. */
export function replacementWarnings(leaked: KeyFacts, replacement: KeyFacts): ReplacementWarning[] {
  return [
    ...(CONVENTION.test(replacement.name) ? [] : (['name'] as const)),
    ...(sameWorkspace(leaked, replacement) ? [] : (['workspace'] as const)),
  ];
}

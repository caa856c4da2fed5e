// How bad a leak is, from what is known of the keys. The contract: production or unknown 1, staging 2, development 3.

import type { KeyFacts } from './key.ts';

export type Environment = 'production' | 'staging' | 'development' | 'unknown';

/** The worst first. */
const WORDS: readonly (readonly [Environment, RegExp])[] = [
  ['production', /(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)/i],
  ['staging', /(?:^|[^a-z])(?:staging|stage|stg|preprod|uat|qa)(?:[^a-z]|$)/i],
  ['development', /(?:^|[^a-z])(?:dev|development|test|sandbox|local|ci)(?:[^a-z]|$)/i],
];

/**
 * The environment that a key's name and workspace tell of; the worse one where they differ, since a key called after a
 * test may run in production all the same. Silence of both is `unknown`.
 */
export function environmentOf(key: KeyFacts | null): Environment {
  const told = [key?.name, key?.workspace?.name].map((text) => saidBy(text ?? ''));
  return WORDS.find(([environment]) => told.includes(environment))?.[0] ?? 'unknown';
}

function saidBy(text: string): Environment {
  return WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}

const BY_ENVIRONMENT: Readonly<Record<Environment, number>> = {
  production: 1,
  unknown: 1,
  staging: 2,
  development: 3,
};

/** 1 (worst) to 3 over all keys of an incident; null stands for a key that is not identified. An organization-scoped key is 1. */
export function severityOf(keys: readonly (KeyFacts | null)[]): number {
  const each = keys.map((key) => (key?.scope === 'organization' ? 1 : BY_ENVIRONMENT[environmentOf(key)]));
  return Math.min(3, ...each);
}

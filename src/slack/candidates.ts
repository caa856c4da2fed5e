// From the key id that a button names to the facts that were shown with it.

import { type Case, keyState } from '../domain/incident.ts';
import type { KeyFacts, KeyListing } from '../domain/key.ts';

/**
 * Looks among what the incident's room shows first: the person saw that. Only then in the last listing, from which
 * answers to commands are drawn. Null when the key is in neither.
 */
export function candidateFacts(
  subject: Case,
  key: string,
  id: string,
  listing: KeyListing | null,
): KeyFacts | null {
  const state = keyState(subject.incident, key);
  const shown = [...(state?.candidates?.keys ?? []), ...(state?.facts ? [state.facts] : [])];
  return [...shown, ...(listing?.keys ?? [])].find((facts) => facts.id === id) ?? null;
}

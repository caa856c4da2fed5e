// The last complete listing of keys, kept in memory for answers that may not wait. Nothing is decided from it.

import type { KeyFacts, KeyListing } from '../domain/key.ts';
import type { KeyProvider } from '../domain/ports.ts';

export interface KeyCache {
  listing(): KeyListing | null;
  /** A complete listing that somebody read anyway. An older or incomplete one is ignored. */
  offer(listing: KeyListing): void;
  /** One key as the provider just described it. */
  observe(key: KeyFacts): void;
  /** Reads the provider's list now. Throws RemoteError. */
  refresh(provider: KeyProvider, signal: AbortSignal): Promise<void>;
}

export function createKeyCache(): KeyCache {
  let current: KeyListing | null = null;
  const offer = (listing: KeyListing): void => {
    if (listing.complete && (current === null || listing.readAt >= current.readAt)) current = listing;
  };
  return {
    listing: () => current,
    offer,
    observe(key) {
      if (current === null) return;
      const others = current.keys.filter((other) => other.id !== key.id);
      current = { ...current, keys: [...others, key] };
    },
    async refresh(provider, signal) {
      offer(await provider.list(signal));
    },
  };
}

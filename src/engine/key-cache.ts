// The last complete listing of keys, kept in memory for answers that may not wait. Nothing is decided from it.

import type { ErrorFacts } from '../domain/errors.ts';
import type { KeyFacts, KeyListing } from '../domain/key.ts';
import type { KeyProvider } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { createKeyLore, type KeyLoreCache } from './key-lore.ts';

export interface KeyCache {
  listing(): KeyListing | null;
  /** What kept the last refresh from being complete; null once a complete listing came. */
  unread(): ErrorFacts | null;
  /** A complete listing that somebody read anyway. An older or incomplete one is ignored. */
  offer(listing: KeyListing): void;
  /** One key as the provider just described it. */
  observe(key: KeyFacts): void;
  /** Whose the listed keys are and when they were used last. */
  readonly lore: KeyLoreCache;
  /** Reads the provider's list now. Throws RemoteError. */
  refresh(provider: Pick<KeyProvider, 'list'>, signal: AbortSignal): Promise<void>;
}

export function createKeyCache(): KeyCache {
  let current: KeyListing | null = null;
  let unread: ErrorFacts | null = null;
  const offer = (listing: KeyListing): void => {
    if (!listing.complete) return;
    unread = null;
    if (current === null || listing.readAt >= current.readAt) current = listing;
  };
  return {
    listing: () => current,
    unread: () => unread,
    lore: createKeyLore(),
    offer,
    observe(key) {
      if (current === null) return;
      const others = current.keys.filter((other) => other.id !== key.id);
      current = { ...current, keys: [...others, key] };
    },
    async refresh(provider, signal) {
      try {
        offer(await provider.list(signal));
      } catch (error) {
        if (error instanceof RemoteError) unread = error;
        throw error;
      }
    },
  };
}

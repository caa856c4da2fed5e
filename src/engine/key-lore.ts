// What helps a person to tell keys apart besides the listing: the names of owners and when a key was last used. Read in the
// background, kept in memory, never decided from.

import type { KeyFacts } from '../domain/key.ts';
import type { KeyProvider } from '../domain/ports.ts';
import type { KeyLore } from './api.ts';

export interface KeyLoreCache extends KeyLore {
  /** Reads use once for all keys, and owners that are not known yet, a few a turn. Throws the first RemoteError after trying both. */
  refresh(provider: KeyProvider, keys: readonly KeyFacts[], now: number, signal: AbortSignal): Promise<void>;
}

const DAY_MS = 86_400_000;
const DAYS = 30;
/** Owners that one turn looks up: the provider's calls are counted, and incidents come first. */
const OWNERS_AT_ONCE = 20;

export function createKeyLore(): KeyLoreCache {
  const owners = new Map<string, string | null>();
  let used: ReadonlyMap<string, number> = new Map();

  async function readUse(provider: KeyProvider, now: number, signal: AbortSignal): Promise<void> {
    const range = { startingAt: now - DAYS * DAY_MS, endingAt: now };
    const report = await provider.usage({ ...range, keys: [], bucket: '1d', groupBy: ['key'] }, signal);
    const latest = new Map<string, number>();
    for (const { key, startingAt, requests, inputTokens, outputTokens } of report.rows) {
      if (key === null || (requests ?? inputTokens + outputTokens) === 0) continue;
      latest.set(key, Math.max(startingAt, latest.get(key) ?? 0));
    }
    used = latest;
  }

  async function readOwners(
    provider: KeyProvider,
    keys: readonly KeyFacts[],
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = new Map(keys.flatMap(({ owner }) => (owner === null ? [] : [[owner.id, owner] as const])));
    const unknown = [...wanted.values()].filter(({ id }) => !owners.has(id)).slice(0, OWNERS_AT_ONCE);
    for (const owner of unknown) {
      const found = await provider.owner(owner, signal);
      owners.set(owner.id, found?.name ?? found?.email ?? null);
    }
  }

  return {
    ownerName: (owner) => owners.get(owner) ?? null,
    lastUsed: (key) => used.get(key) ?? null,
    async refresh(provider, keys, now, signal) {
      const turns = [() => readUse(provider, now, signal), () => readOwners(provider, keys, signal)];
      const failures: unknown[] = [];
      for (const turn of turns) await turn().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}

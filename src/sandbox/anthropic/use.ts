// Who used which key of the practice organisation, when and how much. A key that was not active at that moment was not used:
// saying so throws, so that no test and no demo can tell of use that the vendor would have refused.

import type { Clock } from '../../domain/clock.ts';
import type { PracticeKey } from './world.ts';

/** Requests that a key authenticated at one moment, and their tokens together. */
export interface PracticeUse {
  /** Milliseconds since the epoch, not in the future; now unless told. */
  readonly at?: number;
  /** 1 unless told. */
  readonly requests?: number;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** Use as it was, with where the key belonged. */
export interface Used extends Required<PracticeUse> {
  readonly key: string;
  readonly workspace: string | null;
}

export interface UseBook {
  /** Remembers that `key` has this status from `since` on. */
  changed(key: PracticeKey, since: number): void;
  /** Throws where the key was not active at that moment, or the moment is not yet. */
  use(key: PracticeKey, use: PracticeUse): void;
  /** All use that the vendor's reports know of at the watermark, oldest first. */
  until(watermark: number): readonly Used[];
}

const MODEL = 'claude-sonnet-5-5';

export function createUseBook(clock: Clock): UseBook {
  const statuses = new Map<string, { since: number; status: PracticeKey['status'] }[]>();
  const uses: Used[] = [];

  function active(key: PracticeKey, at: number): boolean {
    const status = statuses.get(key.id)?.findLast(({ since }) => since <= at)?.status;
    const over = key.expires_at !== null && Date.parse(key.expires_at) <= at;
    return status === 'active' && !over && Date.parse(key.created_at) <= at;
  }

  return {
    changed({ id, status }, since) {
      statuses.set(id, [...(statuses.get(id) ?? []), { since, status }]);
    },
    use(key, given) {
      const { at = clock.now(), requests = 1, model = MODEL, inputTokens = 900, outputTokens = 200 } = given;
      if (!(at <= clock.now())) throw new Error(`${key.id} cannot have been used at a time that is not yet`);
      if (!active(key, at)) throw new Error(`${key.id} was not active then: nobody can have used it`);
      if (
        !(requests >= 1) ||
        ![requests, inputTokens, outputTokens].every((n) => Number.isInteger(n) && n >= 0)
      )
        throw new Error('use is counted in whole requests, at least one, and whole tokens');
      const workspace = key.scope.type === 'workspace' ? key.scope.workspace_id : null;
      uses.push({ key: key.id, workspace, at, requests, model, inputTokens, outputTokens });
    },
    until: (watermark) => uses.filter(({ at }) => at <= watermark).sort((a, b) => a.at - b.at),
  };
}

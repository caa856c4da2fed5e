// What may be said of a leaked key: one judgement for the card, the command line, the exports and the answers.

import { type Incident, type KeyState, stepState } from './incident.ts';
import type { KeyStatus } from './key.ts';
import { DEACTIVATE_STEP, isLive } from './progress.ts';

export type KeyCondition =
  /** The provider, read back, said that it is not active. */
  | ({ readonly is: 'dead' } & NonNullable<KeyState['dead']>)
  /** A person settled the deactivation, and no provider was asked. Times in milliseconds since the epoch. */
  | {
      readonly is: 'not_checked';
      readonly how: 'by_hand' | 'skipped';
      readonly by: string | null;
      readonly at: number | null;
    }
  /** The last listing did not have it as active, but it was not retrieved since. */
  | { readonly is: 'not_read_back'; readonly status: Exclude<KeyStatus, 'active'> }
  /** Nothing speaks against it, also where nobody knows yet which key it is. */
  | { readonly is: 'live'; readonly deactivating: boolean };

export function keyCondition(incident: Incident, key: KeyState): KeyCondition {
  if (key.dead !== null) return { is: 'dead', ...key.dead };
  const { status, by, at } = stepState(incident, DEACTIVATE_STEP, key.subject);
  if (!isLive(incident, key))
    return { is: 'not_checked', how: status === 'skipped' ? 'skipped' : 'by_hand', by, at };
  if (key.facts !== null && key.facts.status !== 'active')
    return { is: 'not_read_back', status: key.facts.status };
  return { is: 'live', deactivating: status === 'running' };
}

/** In capitals, as everywhere: `DEAD`, `NOT CHECKED`, `EXPIRED`, `LIVE`. */
export function conditionWord(condition: KeyCondition): string {
  switch (condition.is) {
    case 'dead':
      return 'DEAD';
    case 'not_checked':
      return 'NOT CHECKED';
    case 'not_read_back':
      return condition.status.toUpperCase();
    case 'live':
      return 'LIVE';
  }
}

// Everything an export is made of. Exports are pure: a dossier in, text out.

import type { LoggedEntry } from '../domain/entry.ts';
import type { Case } from '../domain/incident.ts';
import type { Checkpoint } from '../domain/ports.ts';

export interface Dossier {
  readonly case: Case;
  readonly entries: readonly LoggedEntry[];
  readonly checkpoints: readonly Checkpoint[];
  /** Milliseconds since the epoch. */
  readonly exportedAt: number;
}

/** The row of one entry as docs/log-format.md specifies it: the nine fields and the texts beside them. */
export function entryRow({ entry, texts }: LoggedEntry): object {
  return Object.keys(texts).length === 0 ? entry : { ...entry, texts };
}

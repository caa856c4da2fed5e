// A witness is what stands outside the log: how many entries it had, and the hash of the last of them.

import { KeyleakError } from './errors.ts';
import type { Finding } from './verify-entries.ts';
import type { IncidentFacts } from './verify-log.ts';

export interface Witness {
  readonly count: number;
  /** The first 16 to 64 hex digits of the head, in lower case. */
  readonly head: string;
}

/** Reads `COUNT:HEAD`, HEAD with 16 to 64 hex digits in any letter case. Throws KL_WITNESS_FORM. */
export function parseWitness(text: string): Witness {
  const [, count, head] = /^([1-9][0-9]{0,14}):([0-9a-f]{16,64})$/i.exec(text.trim()) ?? [];
  if (count === undefined || head === undefined) {
    throw new KeyleakError(
      'KL_WITNESS_FORM',
      'That is not a witness.',
      'Copy it from the incident’s channel as it stands: the number of entries, a colon and 32 hex digits.',
    );
  }
  return { count: Number(count), head: head.toLowerCase() };
}

/** What a witness has against a log; null when the two agree. */
export function compareWithWitness(incident: IncidentFacts, { count, head }: Witness): Finding | null {
  const at = incident.heads[count - 1];
  if (at === undefined)
    return {
      incident: incident.id,
      seq: null,
      problem: `The witness speaks of ${count} entries, but there are ${incident.entries}.`,
    };
  if (at.startsWith(head)) return null;
  return { incident: incident.id, seq: count, problem: 'The witness was posted over another entry.' };
}

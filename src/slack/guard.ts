// Looks through what an acknowledgement carries: it leaves by the socket and so does not pass the gate of outbound.ts.

import { containsSecret } from '../domain/redaction.ts';
import type { Kind } from './payload.ts';
import { noticeModal } from './views/modals.ts';

/** Said instead of an answer that was held back. */
export const SAFE_TEXT =
  'keyleak held this answer back, because it contained something that looks like a secret. The incident is in the log; look at its card.';

/** An answer is nowhere near as deep as this. */
const MAX_DEPTH = 40;

/** The family of the first secret in any text of `value`, names of members included; null when there is none. */
export function secretIn(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return containsSecret(value);
  if (typeof value !== 'object' || value === null) return null;
  if (depth === MAX_DEPTH) return 'unknown';
  for (const [name, member] of Object.entries(value)) {
    const family = containsSecret(name) ?? secretIn(member, depth + 1);
    if (family !== null) return family;
  }
  return null;
}

/** What is acknowledged instead. */
export function safeAnswer(kind: Kind): object | undefined {
  if (kind === 'command') return { response_type: 'ephemeral', text: SAFE_TEXT };
  if (kind === 'submission') return { response_action: 'update', view: noticeModal('Held back', SAFE_TEXT) };
  return undefined;
}

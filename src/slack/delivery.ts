// The identity of one delivery from Slack: the same envelope again, on whatever connection, has the same one, so that it
// has one effect. What a person does twice has two.

import { createHash } from 'node:crypto';
import { at, type Origin, textAt } from './payload.ts';

/**
 * Slack gives every command, press and submission a trigger of its own and repeats it when it sends the same again.
 * A submission is not named by its view: one that was refused and is sent again, corrected, comes out of the same view.
 * A trigger opens modals for three seconds, so only its hash is kept. Null where Slack gave none: such a delivery is
 * never taken for a repetition.
 */
export function deliveryId(origin: Origin, body: unknown): string | null {
  const { kind, trigger } = origin;
  if (trigger !== null) return `${kind}:${digest(trigger, JSON.stringify(contentOf(body)))}`;
  const view = textAt(body, 'view', 'id');
  const hash = textAt(body, 'view', 'hash');
  return kind === 'submission' && view !== null && hash !== null ? `${kind}:${digest(view, hash)}` : null;
}

/** What a repetition has in common with its first, and another deed has not, should two ever share a trigger. */
function contentOf(body: unknown): readonly unknown[] {
  return [
    textAt(body, 'user_id') ?? textAt(body, 'user', 'id'),
    textAt(body, 'text'),
    at(body, 'actions'),
    textAt(body, 'view', 'callback_id'),
    at(body, 'view', 'state'),
  ];
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

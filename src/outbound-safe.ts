// What is said in place of a message that held a secret: a fixed text, so that nobody waits for a word that never comes.

import { firstSecret, textsIn } from './outbound-scan.ts';

/** Fixed: nothing of what was held back is in it. */
export const SAFE_TEXT =
  'keyleak held back what should stand here, because something in it looks like a secret; the incident’s own log is complete, and `keyleak timeline` shows it.';

const POSTING = ['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'response_url'];
/** Where a message goes and how it is found again. Without these it would be another message. The token is in a header. */
const ADDRESS = [
  'channel',
  'user',
  'ts',
  'thread_ts',
  'response_type',
  'replace_original',
  'delete_original',
];
const EXTRAS = ['team_id', 'reply_broadcast', 'metadata'];

/**
 * The body of a Slack call that posts or updates a message, with the safe text in place of its words; null when the
 * call is no such message, or when its address itself holds a secret.
 */
export function safeBody(what: string, contentType: string, body: string | null): string | null {
  const json = contentType.startsWith('application/json');
  const form = contentType.startsWith('application/x-www-form-urlencoded');
  if (!POSTING.includes(what) || body === null || !(json || form)) return null;
  const fields = json ? jsonFields(body) : new Map<string, unknown>(new URLSearchParams(body));
  if (fields === null) return null;
  const safe: Record<string, unknown> = {};
  for (const name of [...ADDRESS, ...EXTRAS]) {
    if (!fields.has(name)) continue;
    const value = fields.get(name);
    const clean = firstSecret(textsIn(value)) === null;
    if (!clean && ADDRESS.includes(name)) return null;
    if (clean) safe[name] = value;
  }
  safe.text = SAFE_TEXT;
  // Text without blocks removes the blocks of the message, but its attachments go only when they are told to.
  if (what === 'chat.update') safe.attachments = json ? [] : '[]';
  if (json) return JSON.stringify(safe);
  const pairs = Object.entries(safe).map(([name, value]): [string, string] => [name, String(value)]);
  return new URLSearchParams(pairs).toString();
}

function jsonFields(body: string): ReadonlyMap<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

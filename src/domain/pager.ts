// Calling people outside Slack: what a page says, the port that sends it, and what may sign it. Counts and ids only:
// no name of a key or of a person, and no hint, ever stands in a page.

export type PageType = 'keyleak.deadline.missed' | 'keyleak.unanswered' | 'keyleak.break-glass';

export interface Page {
  /**
   * The same over all retries, and of no other page ever: receivers drop what they have seen. Becomes `webhook-id` and
   * the id of the envelope.
   */
  readonly id: string;
  readonly type: PageType;
  /** When it happened, in milliseconds since the epoch; the same over all retries. */
  readonly at: number;
  /** Such as `KL-7`. */
  readonly incident: string;
  /** 1 is the gravest. */
  readonly severity: number;
  /** Id of the runbook's phase that is due; null where it is about none. */
  readonly phase: string | null;
  /** Keys of the incident that are known and not seen dead. */
  readonly liveKeys: number;
  /** To the incident's Slack channel; null when there is none. */
  readonly link: string | null;
  /** Milliseconds by which the moment had passed when keyleak wrote it down. */
  readonly lateMs: number;
}

export interface Pager {
  /**
   * Sends one page, once; whoever calls tries again with the same page. Resolves when the receiver took it.
   * Throws RemoteError: `unknown` and `not_sent` and `rate_limited` may be tried again, `refused` needs a person.
   */
  page(page: Page, signal: AbortSignal): Promise<void>;
}

const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** Whether a text may sign pages: `whsec_` and 24 to 64 bytes in padded base64, or another text of 24 bytes or more. */
export function isSigningSecret(secret: string): boolean {
  const { length } = signingKey(secret);
  if (!secret.startsWith(PREFIX)) return length >= MIN_BYTES;
  // Node reads nearly anything as base64; the receiver's library may not.
  const exact = Buffer.from(signingKey(secret)).toString('base64') === secret.slice(PREFIX.length);
  return exact && length >= MIN_BYTES && length <= MAX_BYTES;
}

/** The bytes that sign: what stands behind `whsec_` in base64; of a text without it, the text itself in UTF-8. */
export function signingKey(secret: string): Uint8Array {
  return secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

// From a decided entry to the bytes that are hashed. docs/log-format.md specifies every byte and has vectors.

import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { timestamp } from './clock.ts';
import { type Entry, type NewEntry, type SaltedText, TEXT_FIELDS } from './entry.ts';
import { KeyleakError } from './errors.ts';

const ENTRY_DOMAIN = 'keyleak.entry.v1\0';
const TEXT_DOMAIN = 'keyleak.text.v1\0';

/** `prev` of the first entry of an incident. */
export const GENESIS = '0'.repeat(64);

/** Where a chain ends: what the next entry has to continue. */
export interface ChainEnd {
  /** Number of the last entry; 0 before the first. */
  readonly seq: number;
  /** Hash of the last entry; GENESIS before the first. */
  readonly head: string;
  /** `recorded_at` of the last entry, in milliseconds since the epoch; 0 before the first. */
  readonly recordedAt: number;
}

export const CHAIN_START: ChainEnd = { seq: 0, head: GENESIS, recordedAt: 0 };

/** An entry with its canonical text (the hashed bytes, in UTF-8) and the free texts that travel beside it. */
export interface SealedEntry {
  readonly entry: Entry;
  readonly text: string;
  readonly texts: Readonly<Record<string, SaltedText>>;
}

/** A row of the log exactly as it is stored: nothing parsed, nothing recomputed. A purged text is absent. */
export interface StoredEntry {
  readonly seq: number;
  readonly text: string;
  readonly hash: string;
  readonly texts: Readonly<Record<string, SaltedText>>;
}

/** SHA-256, hex, of the domain tag and the UTF-8 bytes of an entry's canonical text. */
export function entryHash(text: string): string {
  return createHash('sha256').update(ENTRY_DOMAIN, 'utf8').update(text, 'utf8').digest('hex');
}

/** SHA-256, hex, of the domain tag, the 32 salt bytes (given as 64 hex digits) and the UTF-8 bytes of the text. */
export function textHash({ salt, text }: SaltedText): string {
  return createHash('sha256')
    .update(TEXT_DOMAIN, 'utf8')
    .update(Buffer.from(salt, 'hex'))
    .update(text, 'utf8')
    .digest('hex');
}

/**
 * Seals `entry` as the next one after `end`. `now` is milliseconds since the epoch; `recorded_at` is the later of it
 * and the previous entry's. `salt` returns 32 fresh random bytes. Every free text of the kind must be given.
 * Throws KL_LOG_NOT_CANONICAL for data that canonical JSON cannot hold and KL_LOG_TEXT_MISSING for a missing text.
 */
export function seal(
  incident: string,
  end: ChainEnd,
  entry: NewEntry,
  now: number,
  salt: () => Uint8Array,
): SealedEntry {
  const texts: Record<string, SaltedText> = {};
  const commitments: Record<string, { text_sha256: string }> = {};
  for (const field of TEXT_FIELDS[entry.kind] ?? []) {
    const text = entry.texts?.[field];
    if (text === undefined) throw textMissing(entry.kind, field);
    const salted = { salt: Buffer.from(salt()).toString('hex'), text: text.toWellFormed() };
    texts[field] = salted;
    commitments[field] = { text_sha256: textHash(salted) };
  }
  const hashed = {
    seq: end.seq + 1,
    incident,
    kind: entry.kind,
    occurred_at: timestamp(entry.occurredAt),
    recorded_at: timestamp(Math.max(now, end.recordedAt)),
    actor: entry.actor,
    data: { ...entry.data, ...commitments },
    prev: end.head,
  };
  const text = canonicalJson(hashed);
  return { entry: { ...hashed, hash: entryHash(text) } as Entry, text, texts };
}

/** Where the chain ends after this entry. */
export function endAfter({ entry }: Pick<SealedEntry, 'entry'>): ChainEnd {
  return { seq: entry.seq, head: entry.hash, recordedAt: Date.parse(entry.recorded_at) };
}

function textMissing(kind: string, field: string): KeyleakError {
  return new KeyleakError(
    'KL_LOG_TEXT_MISSING',
    `An entry ${kind} was decided without its text “${field}”; nothing was written.`,
    'Report this as a bug in keyleak, with this message and what you did before it.',
  );
}

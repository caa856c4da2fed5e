// Signed statements of how long an incident's log was and with which head. docs/log-format.md specifies the bytes.

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { timestamp } from './clock.ts';
import type { Checkpoint, Signer } from './ports.ts';
import { GENESIS } from './seal.ts';

const CHECKPOINT_DOMAIN = 'keyleak.checkpoint.v1\0';

/** The members of a checkpoint's canonical text. */
export interface CheckpointFacts {
  readonly n: number;
  readonly incident: string;
  readonly count: number;
  readonly head: string;
  /** `checkpointHash` of the checkpoint before it over all incidents; GENESIS for the first. */
  readonly prev: string;
  /** Raw Ed25519 public key (32 bytes), base64. */
  readonly public_key: string;
  readonly signed_at: string;
}

function signedBytes(text: string): Buffer {
  return Buffer.from(CHECKPOINT_DOMAIN + text, 'utf8');
}

/** SHA-256, hex, of the bytes that were signed. */
export function checkpointHash(text: string): string {
  return createHash('sha256').update(signedBytes(text)).digest('hex');
}

/** The checkpoint after `previous` (null for the first of a database). `now` is milliseconds since the epoch. */
export function signCheckpoint(
  previous: Pick<Checkpoint, 'n' | 'text'> | null,
  at: { incident: string; count: number; head: string },
  now: number,
  signer: Signer,
): Checkpoint {
  const facts: CheckpointFacts = {
    n: (previous?.n ?? 0) + 1,
    ...at,
    prev: previous === null ? GENESIS : checkpointHash(previous.text),
    public_key: signer.publicKey,
    signed_at: timestamp(now),
  };
  const text = canonicalJson(facts);
  return { n: facts.n, ...at, text, signature: signer.sign(signedBytes(text)) };
}

/** DER header of an Ed25519 SubjectPublicKeyInfo (RFC 8410, section 4); the 32 raw key bytes follow it. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * True when `signature` (base64) is that of `publicKey` (raw, base64) over the text. Both must be in the one form that
 * base64 has for them, so that no second text stands for the same signature. Who checks many hands in one `keys`, since reading a key takes
 * about as long as checking a signature. Never throws.
 */
export function signatureHolds(
  text: string,
  signature: string,
  publicKey: string,
  keys: Map<string, KeyObject> = new Map(),
): boolean {
  const raw = exactBytes(publicKey, 32);
  const signed = exactBytes(signature, 64);
  if (raw === null || signed === null) return false;
  const key =
    keys.get(publicKey) ??
    createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: 'der', type: 'spki' });
  keys.set(publicKey, key);
  return verify(null, signedBytes(text), key, signed);
}

/** Decoding alone would skip foreign characters and the unused bits of the last one. */
function exactBytes(base64: string, length: number): Buffer | null {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length && bytes.toString('base64') === base64 ? bytes : null;
}

/** SHA-256, hex, of the raw public key: what a person compares. */
export function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
}

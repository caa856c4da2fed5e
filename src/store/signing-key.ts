// The Ed25519 key that signs checkpoints. It is made once, whole or not at all, and only its owner can read it.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fingerprintOf } from '../domain/checkpoint.ts';
import { KeyleakError } from '../domain/errors.ts';
import type { Signer } from '../domain/ports.ts';

/** Permission bits of group and others. */
const OTHERS = 0o077;

/** DER header of an Ed25519 SubjectPublicKeyInfo; the raw key follows it. */
const SPKI_HEADER_LENGTH = 12;

/**
 * The signer over the private key at `path` (PEM, PKCS#8). Makes the key where there is none; of several that start
 * at once all get the same one. Throws KL_SIGNING_KEY_EXPOSED, KL_SIGNING_KEY_TYPE, KL_SIGNING_KEY_UNREADABLE or
 * KL_SIGNING_KEY_UNWRITABLE.
 */
export async function openSigningKey(path: string): Promise<Signer> {
  const pem = (await readKey(path)) ?? (await makeKey(path));
  return signerOf(parseKey(path, pem));
}

/** Fingerprint of the key at `path`; null where there is none, and none is made. Throws as `openSigningKey`. */
export async function inspectSigningKey(path: string): Promise<string | null> {
  const pem = await readKey(path);
  return pem === null ? null : signerOf(parseKey(path, pem)).fingerprint;
}

/** The text of the file; null when there is none. */
async function readKey(path: string): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      if ((mode & OTHERS) !== 0) throw exposed(path);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof KeyleakError) throw error;
    if (codeOf(error) === 'ENOENT') return null;
    throw unreadable(path, error);
  }
}

async function makeKey(path: string): Promise<string> {
  const folder = dirname(path);
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await writeDraft(draft, generateKeyPairSync('ed25519').privateKey);
      await link(draft, path);
    } catch (error) {
      // Somebody else was first: theirs is whole, since a link appears only with its content.
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      await unlink(draft).catch(() => undefined);
    }
    await syncFolder(folder);
  } catch (error) {
    throw unwritable(path, error);
  }
  const made = await readKey(path);
  if (made === null) throw unwritable(path, null);
  return made;
}

async function writeDraft(path: string, key: KeyObject): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(key.export({ format: 'pem', type: 'pkcs8' }));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without this the name could be lost in a power cut, and the next start would sign with another key. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parseKey(path: string, pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // The cause is not kept: nothing of a private key may reach a log.
    throw unreadable(path, null);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw wrongType(path);
  return key;
}

function signerOf(key: KeyObject): Signer {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(SPKI_HEADER_LENGTH).toString('base64');
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (bytes) => sign(null, bytes, key).toString('base64'),
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}

function exposed(path: string): KeyleakError {
  return new KeyleakError(
    'KL_SIGNING_KEY_EXPOSED',
    `Others than its owner can use the signing key ${path}.`,
    `If nobody can have copied it, run: chmod 600 ${path}. Otherwise move it away; the next start makes a new one.`,
  );
}

function wrongType(path: string): KeyleakError {
  return new KeyleakError(
    'KL_SIGNING_KEY_TYPE',
    `The signing key ${path} is not an Ed25519 key.`,
    'Move it away, and the next start makes one; or set KEYLEAK_SIGNING_KEY to an Ed25519 private key.',
  );
}

function unreadable(path: string, cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_SIGNING_KEY_UNREADABLE',
    `The signing key ${path} cannot be read as a private key in PEM form without a passphrase.`,
    'Give the user that runs keyleak the right to read it, or restore it from a backup. If it is lost, move the file away: the next start makes a new key, and keyleak verify shows the change.',
    { cause },
  );
}

function unwritable(path: string, cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_SIGNING_KEY_UNWRITABLE',
    `There is no signing key at ${path}, and none could be made there.`,
    `Let the user that runs keyleak write there, set KEYLEAK_SIGNING_KEY to another path, or make the key by hand: openssl genpkey -algorithm ed25519 -out ${path} && chmod 600 ${path}.`,
    { cause },
  );
}

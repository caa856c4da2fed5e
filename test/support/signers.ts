// Signers with keys that a test knows.

import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { fingerprintOf } from '../../src/domain/checkpoint.ts';
import type { Signer } from '../../src/domain/ports.ts';

/** DER header of an Ed25519 PKCS#8 private key (RFC 8410, section 7); the 32 bytes of the seed follow it. */
const PKCS8_HEADER = '302e020100300506032b657004220420';

/** RFC 8032, section 7.1, test 1: the published secret key. */
export const RFC8032_SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';

/** A signer over a 32-byte seed in hex. */
export function signerFrom(seed: string): Signer {
  const key = createPrivateKey({
    key: Buffer.from(PKCS8_HEADER + seed, 'hex'),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(12).toString('base64');
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (bytes) => sign(null, bytes, key).toString('base64'),
  };
}

/** A signer of its own for each name, the same at every run. */
export function signerNamed(name: string): Signer {
  return signerFrom(createHash('sha256').update(name).digest('hex'));
}

// The parts of a store for a child process, from the built files.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

export function parts(path) {
  return {
    path,
    migrations: fileURLToPath(new URL('../../migrations', import.meta.url)),
    signer: {
      publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
      fingerprint: '',
      sign: (bytes) => sign(null, bytes, privateKey).toString('base64'),
    },
    clock: { now: () => Date.now() },
    randomness: { bytes: (count) => randomBytes(count) },
    boundary: () => {},
    holder: 'keyleak start',
  };
}

/** Written before it returns, so that what was said was said even if the process dies next. */
export function say(line) {
  writeSync(1, `${line}\n`);
}

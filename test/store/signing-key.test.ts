import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signatureHolds, signCheckpoint } from '../../src/domain/checkpoint.ts';
import { openSigningKey } from '../../src/store/signing-key.ts';
import { T0 } from '../support/cases.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyleak-key-'));
  path = join(folder, 'data', 'signing.pem');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function keep(content: string | Buffer, mode = 0o600): Promise<void> {
  await mkdir(join(folder, 'data'), { recursive: true });
  await writeFile(path, content);
  await chmod(path, mode);
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: { code: unknown; next: unknown }) => {
      expect(error.next).toEqual(expect.stringMatching(/\w/));
      return error.code;
    },
  );
}

describe('the first start', () => {
  test('makes the folder and a key that only its owner can read, and leaves nothing else', async () => {
    const signer = await openSigningKey(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'data'))).toEqual(['signing.pem']);
    expect(await readFile(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const key = createPublicKey(await readFile(path, 'utf8'));
    const bytes = Buffer.from('any bytes');
    expect(verify(null, bytes, key, Buffer.from(signer.sign(bytes), 'base64'))).toBe(true);
  });

  test('makes a key that the next start uses', async () => {
    const first = await openSigningKey(path);
    const second = await openSigningKey(path);
    expect(second.publicKey).toBe(first.publicKey);
    expect(second.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    const checkpoint = signCheckpoint(null, { incident: 'KL-1', count: 1, head: 'a'.repeat(64) }, T0, first);
    expect(signatureHolds(checkpoint.text, checkpoint.signature, second.publicKey)).toBe(true);
  });

  test('of many at once, each a little later than the last, makes one key for all', async () => {
    for (let round = 0; round < 20; round += 1) {
      const shared = join(folder, `round-${round}`, 'signing.pem');
      const starters = Array.from({ length: 16 }, async (_, place) => {
        for (let turn = 0; turn < place * (1 + (round % 4)); turn += 1) await setImmediate();
        return openSigningKey(shared);
      });
      const signers = await Promise.all(starters);
      expect(new Set(signers.map(({ publicKey }) => publicKey)).size).toBe(1);
      expect(await readdir(join(folder, `round-${round}`))).toEqual(['signing.pem']);
    }
  });

  test('says so when no key can be made there', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await codeOf(openSigningKey(join(folder, 'file', 'signing.pem')))).toBe(
      'KL_SIGNING_KEY_UNREADABLE',
    );
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
    expect(await codeOf(openSigningKey(join(folder, 'dangling', 'signing.pem')))).toBe(
      'KL_SIGNING_KEY_UNWRITABLE',
    );
  });
});

describe('a key that is there', () => {
  const pem = (): string =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

  test.each([0o640, 0o604, 0o644, 0o660, 0o610])('is refused when others may use it: %o', async (mode) => {
    await keep(pem(), mode);
    expect(await codeOf(openSigningKey(path))).toBe('KL_SIGNING_KEY_EXPOSED');
  });

  test('is taken when it can only be read', async () => {
    await keep(pem(), 0o400);
    expect(await codeOf(openSigningKey(path))).toBeNull();
  });

  test('of another kind is refused', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await keep(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect(await codeOf(openSigningKey(path))).toBe('KL_SIGNING_KEY_TYPE');
  });

  test('that is no key is refused, never overwritten and never quoted', async () => {
    const encrypted = generateKeyPairSync('ed25519').privateKey.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    for (const content of ['', 'not a key', pem().slice(0, 60), encrypted]) {
      await keep(content);
      const error: unknown = await openSigningKey(path).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'KL_SIGNING_KEY_UNREADABLE', cause: null });
      expect(await readFile(path, 'utf8')).toBe(content.toString());
    }
  });

  test('that is a folder is refused', async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    expect(await codeOf(openSigningKey(path))).toBe('KL_SIGNING_KEY_UNREADABLE');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpointHash,
  fingerprintOf,
  signatureHolds,
  signCheckpoint,
} from '../../src/domain/checkpoint.ts';
import type { NewEntry } from '../../src/domain/entry.ts';
import { KeyleakError } from '../../src/domain/errors.ts';
import { CHAIN_START, endAfter, entryHash, GENESIS, seal, textHash } from '../../src/domain/seal.ts';
import { T0 } from '../support/cases.ts';
import { signerNamed } from '../support/signers.ts';

const salt = (): Uint8Array => new Uint8Array(32).fill(7);

function note(text: string): NewEntry {
  return { kind: 'note.added', actor: 'U0ANYBODY', occurredAt: T0, data: {}, texts: { text } };
}

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

describe('sealing an entry', () => {
  test('hashes exactly the eight members, and the text only as a commitment', () => {
    const sealed = seal('KL-1', CHAIN_START, note('a free text'), T0, salt);
    expect(Object.keys(JSON.parse(sealed.text))).toEqual([
      'actor',
      'data',
      'incident',
      'kind',
      'occurred_at',
      'prev',
      'recorded_at',
      'seq',
    ]);
    expect(sealed.text).not.toContain('a free text');
    expect(sealed.texts).toEqual({ text: { salt: '07'.repeat(32), text: 'a free text' } });
    expect(JSON.parse(sealed.text).data).toEqual({
      text: { text_sha256: textHash({ salt: '07'.repeat(32), text: 'a free text' }) },
    });
    expect(sealed.entry.hash).toBe(entryHash(sealed.text));
  });

  test('continues the entry before it, and time never runs backwards', () => {
    const first = seal('KL-1', CHAIN_START, note('1'), T0, salt);
    const second = seal('KL-1', endAfter(first), note('2'), T0 - 60_000, salt);
    expect(first.entry).toMatchObject({ seq: 1, prev: GENESIS });
    expect(second.entry).toMatchObject({
      seq: 2,
      prev: first.entry.hash,
      recorded_at: first.entry.recorded_at,
    });
  });

  test('keeps when it happened apart from when it was recorded', () => {
    const { entry } = seal('KL-1', CHAIN_START, { ...note('late'), occurredAt: T0 - 840_000 }, T0, salt);
    expect([entry.occurred_at, entry.recorded_at]).toEqual([
      '2026-11-23T02:46:00.000Z',
      '2026-11-23T03:00:00.000Z',
    ]);
  });

  test('refuses an entry without one of its texts', () => {
    const { texts: _texts, ...bare } = note('x');
    const error = failure(() => seal('KL-1', CHAIN_START, bare, T0, salt));
    expect(error).toBeInstanceOf(KeyleakError);
    expect(error).toMatchObject({ code: 'KL_LOG_TEXT_MISSING' });
  });

  test('takes any text, and repairs half a surrogate pair before it commits to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const kept = seal('KL-1', CHAIN_START, note(`${text}\ud800`), T0, salt).texts.text;
        expect(kept?.text.isWellFormed()).toBe(true);
      }),
    );
  });

  test('equal texts with different salts have nothing in common', () => {
    const [a, b] = [1, 2].map((byte) =>
      textHash({ salt: Buffer.alloc(32, byte).toString('hex'), text: 'the same' }),
    );
    expect(a).not.toBe(b);
  });
});

describe('a checkpoint', () => {
  const signer = signerNamed('checkpoint');
  const head = 'ab'.repeat(32);
  const first = signCheckpoint(null, { incident: 'KL-1', count: 2, head }, T0, signer);

  test('carries the key that signed it and is linked to the one before', () => {
    const second = signCheckpoint(first, { incident: 'KL-2', count: 1, head }, T0, signer);
    expect(JSON.parse(first.text)).toMatchObject({ n: 1, prev: GENESIS, public_key: signer.publicKey });
    expect(JSON.parse(second.text)).toMatchObject({ n: 2, prev: checkpointHash(first.text) });
    expect(fingerprintOf(signer.publicKey)).toBe(signer.fingerprint);
  });

  test('holds with its own text, key and signature', () => {
    expect(signatureHolds(first.text, first.signature, signer.publicKey)).toBe(true);
  });

  test.each([
    ['another text', `${first.text} `, first.signature, signer.publicKey],
    ['another key', first.text, first.signature, signerNamed('other').publicKey],
    [
      'a signature without its domain tag',
      first.text,
      signer.sign(Buffer.from(first.text)),
      signer.publicKey,
    ],
    ['no padding', first.text, first.signature.replace(/=+$/, ''), signer.publicKey],
    ['white space in the signature', first.text, `${first.signature}\n`, signer.publicKey],
    ['unused bits set', first.text, first.signature.replace(/.==$/, 'B=='), signer.publicKey],
    ['a short key', first.text, first.signature, 'AAAA'],
    ['no key', first.text, first.signature, ''],
    ['no signature', first.text, '', signer.publicKey],
    ['a key that is no point', first.text, first.signature, Buffer.alloc(32, 255).toString('base64')],
  ])('does not hold with %s', (_what, text, signature, key) => {
    expect(signatureHolds(text, signature, key)).toBe(false);
  });

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.base64String(), (text, signature, key) => {
        expect(signatureHolds(text, signature, key)).toBe(false);
      }),
    );
  });
});

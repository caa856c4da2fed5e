// The detector against secrets and texts that it was not made with.

import { expect, test } from 'vitest';
import { mask } from '../../src/domain/redaction.ts';
import { seeded } from '../support/virtual-time.ts';
import { BENIGN, hint } from './benign.ts';
import { ANTHROPIC_MAKERS, type Made, VENDOR_MAKERS } from './secrets.ts';
import { UNSEEN, WRAPPINGS, type Wrapping } from './wrappings.ts';

const EACH = 48;
/** So many characters of a body in one piece are too many. */
const READABLE = 20;

/** True when a stretch of the wrapped secret stands in what was left that spells READABLE characters of its body. */
function leaks(left: string, { body, whole }: Made, wrapping: Wrapping, seed: number): boolean {
  const { factor = 1 } = wrapping;
  if (factor === 1) return windows(body, READABLE).some((piece) => bare(left).includes(bare(piece)));
  const wrapped = bare(wrapping.wrap(whole, seeded(seed)));
  return windows(wrapped, Math.ceil(READABLE * factor) + 4).some(
    (piece) => bare(left).includes(piece) && !isPublic(piece, wrapped, whole, body, factor),
  );
}

/** The encoded beginning that all secrets of a family share says nothing. */
function isPublic(piece: string, wrapped: string, whole: string, body: string, factor: number): boolean {
  return wrapped.indexOf(piece) < Math.ceil((whole.indexOf(body) + 24) * factor);
}

/** Without what may stand between two characters of a secret. */
const bare = (text: string): string => text.replace(/=\r?\n|[\s\u200b>]|\\n|<br>/g, '');

function windows(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - size + 1) }, (_, at) => text.slice(at, at + size));
}

function missesOf(
  makers: readonly ((chance: ReturnType<typeof seeded>) => Made)[],
  wrappings: readonly Wrapping[],
) {
  const missed = new Map<string, number>();
  let tried = 0;
  for (const [kind, make] of makers.entries())
    for (let count = 0; count < EACH; count += 1) {
      const seed = 10_000 * (kind + 1) + count;
      const made = make(seeded(seed));
      for (const wrapping of wrappings) {
        tried += 1;
        const { text } = mask(wrapping.wrap(made.whole, seeded(seed)));
        if (!leaks(text, made, wrapping, seed)) continue;
        const where = `${made.family} in ${wrapping.name}`;
        missed.set(where, (missed.get(where) ?? 0) + 1);
      }
    }
  const misses = [...missed.values()].reduce((sum, one) => sum + one, 0);
  return { tried, misses, missed: Object.fromEntries(missed) };
}

test('there are a thousand secrets of a dozen families and more', () => {
  expect((ANTHROPIC_MAKERS.length + VENDOR_MAKERS.length) * EACH).toBeGreaterThanOrEqual(1_000);
});

test('no key of Anthropic is missed, in no wrapping', () => {
  const { missed, tried } = missesOf(ANTHROPIC_MAKERS, [...WRAPPINGS, ...UNSEEN]);
  expect(tried).toBe(ANTHROPIC_MAKERS.length * EACH * 30);
  expect(missed).toEqual({});
});

test('of the secrets of other vendors at most one in a hundred is missed', () => {
  const { missed, misses, tried } = missesOf(VENDOR_MAKERS, [...WRAPPINGS, ...UNSEEN]);
  expect(misses / tried, JSON.stringify(missed, null, 1)).toBeLessThanOrEqual(0.01);
});

test('of five thousand texts without a secret at most one in two hundred is touched, and no hint ever', () => {
  const chance = seeded(77);
  const kinds = Object.entries(BENIGN);
  const touched: string[] = [];
  for (let count = 0; count < 5_004; count += 1) {
    const [kind, make] = kinds[count % kinds.length] ?? ['', () => ''];
    const text = make(chance);
    if (mask(text).text !== text) touched.push(`${kind}: ${text.slice(0, 120)}`);
  }
  expect(touched.length / 5_004, touched.slice(0, 20).join('\n')).toBeLessThanOrEqual(0.005);
  for (let count = 0; count < 1_000; count += 1) {
    const one = hint(chance);
    expect(mask(`before ${one} after`).text).toContain(one);
  }
});

// Masking stays linear on texts that are made to be slow: twice the text takes twice the time, not four times.

import { mask } from '../src/domain/redaction.ts';
import { compare, type Gate, summary } from './paired.ts';

const LENGTH = 20_000;

/** Repeated beginnings of what the patterns look for, none of which ever becomes it. */
const ADVERSARIES: readonly (readonly [name: string, unit: string])[] = [
  ['prefixes', 'sk-ant-'],
  ['letters', 'a'],
  ['dashes', '-----BEGIN '],
  ['escapes', '\\u00'],
  ['percents', '%25'],
  ['entities', '&#x26;'],
  ['tokens of three parts', 'eyJhbGciOi.'],
  ['quotes and pluses', '"s"+'],
  ['line breaks', 'QUJD\n'],
];

/** Ordinary talk with a hint, an address and a mention in every fifth line. */
const CHAT = Array.from({ length: 60 }, (_, line) =>
  line % 5 === 0
    ? 'the key sk-ant-api03-R2D...igAA of <@U0RIOA>, see https://example.com/a/b?c=d'
    : 'someone rotated the staging key again, please look at the runbook first',
)
  .join('\n')
  .slice(0, 4_096);
const LOOKS = 2_000;

/** 4 KB of talk: the slowest of a hundred looks, over the millisecond that it may take. */
function chatGate(): Gate {
  const slices = Array.from({ length: 12 }, () => {
    const took = Array.from({ length: LOOKS }, () => {
      const began = performance.now();
      mask(CHAT);
      return performance.now() - began;
    }).toSorted((a, b) => a - b);
    return took[Math.floor(LOOKS * 0.99)] ?? 0;
  });
  const none = { median: 1, low: 1, high: 1 };
  return {
    name: 'redact: 4 KB of talk, p99 over 1 ms',
    ratio: summary(slices),
    control: none,
    goal: 0.5,
    limit: 1,
  };
}

export async function benchRedact(): Promise<readonly Gate[]> {
  const gates: Gate[] = [chatGate()];
  for (const [name, unit] of ADVERSARIES) {
    const once = unit.repeat(Math.ceil(LENGTH / unit.length));
    const twice = once + once;
    const work = (text: string) => async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) mask(text);
    };
    gates.push(
      await compare(`redact: mask(2n) over mask(n), ${name}`, work(twice), work(once), {
        goal: 2.2,
        limit: 3,
        pairs: 12,
      }),
    );
  }
  return gates;
}

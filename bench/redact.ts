// Masking stays linear on texts that are made to be slow: twice the text takes twice the time, not four times.

import { mask } from '../src/domain/redaction.ts';
import { compare, type Gate } from './paired.ts';

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

export async function benchRedact(): Promise<readonly Gate[]> {
  const gates: Gate[] = [];
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

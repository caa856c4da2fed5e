// How much of an incident a card shows: everything where it fits, less and less where it would break Slack's limits.

import type { KnownBlock } from '@slack/types';

export interface Fit {
  /** Whether guides stand beside the steps that need them. */
  readonly guides: boolean;
  /** Keys that are drawn in full; the others have a line. */
  readonly keys: number;
  /** Steps with buttons; the others have a line. */
  readonly steps: number;
  /** Systems of one step with a button each. */
  readonly systems: number;
}

const ALL = Number.POSITIVE_INFINITY;

/** From generous to tight. The last one fits whatever the incident. */
const FITS: readonly Fit[] = [
  { guides: true, keys: ALL, steps: ALL, systems: ALL },
  { guides: false, keys: ALL, steps: ALL, systems: ALL },
  { guides: false, keys: ALL, steps: ALL, systems: 8 },
  { guides: false, keys: ALL, steps: 8, systems: 4 },
  { guides: false, keys: 12, steps: 6, systems: 3 },
  { guides: false, keys: 8, steps: 4, systems: 3 },
  { guides: false, keys: 8, steps: 2, systems: 2 },
  { guides: false, keys: 4, steps: 1, systems: 1 },
];

const MAX_BLOCKS = 50;
/** Below Slack's undocumented limit of some 13,200 characters over all blocks. */
const MAX_TEXT = 11_500;

/** The most that fits of what `draw` draws. */
export function fitting(draw: (fit: Fit) => KnownBlock[]): KnownBlock[] {
  let blocks: KnownBlock[] = [];
  for (const fit of FITS) {
    blocks = draw(fit);
    if (blocks.length <= MAX_BLOCKS && textLength(blocks) <= MAX_TEXT) return blocks;
  }
  return blocks.slice(0, MAX_BLOCKS);
}

function textLength(blocks: readonly KnownBlock[]): number {
  let length = 0;
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'string') length += name === 'text' ? value.length : 0;
    else if (Array.isArray(value)) for (const item of value) walk(item, '');
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) walk(member, key);
  };
  walk(blocks, '');
  return length;
}

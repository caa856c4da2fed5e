// What the buttons that turn pages carry: the row beside which the next page begins, so that no row is skipped or shown
// twice, whatever came in between.

import { z } from 'zod';
import { parsed } from './ids.ts';

/** From entry number `from` on, or up to number `to`; `to` null is the newest page. */
export type TimelineTurn = { readonly incident: string } & (
  | { readonly from: number }
  | { readonly to: number | null }
);

const seq = z.number().int().min(1);
const timelineTurn = z.union([
  z.strictObject({ incident: z.string(), from: seq }),
  z.strictObject({ incident: z.string(), to: seq.nullable() }),
]);

export function encodeTimelineTurn(turn: TimelineTurn): string {
  return JSON.stringify(turn);
}

/** Null for anything that `encodeTimelineTurn` did not write. */
export function decodeTimelineTurn(value: string | undefined): TimelineTurn | null {
  return timelineTurn.safeParse(parsed(value)).data ?? null;
}

/** `all`: the closed ones after the open ones. */
export type ListScope = 'open' | 'all';

/** On from, or back to, the incident with this number, which was shown as open or closed. */
export interface ListTurn {
  readonly scope: ListScope;
  readonly way: 'on' | 'back';
  readonly status: 'open' | 'closed';
  readonly number: number;
}

const listTurn = z.strictObject({
  scope: z.enum(['open', 'all']),
  way: z.enum(['on', 'back']),
  status: z.enum(['open', 'closed']),
  number: seq,
});

export function encodeListTurn(turn: ListTurn): string {
  return JSON.stringify(turn);
}

/** Null for anything that `encodeListTurn` did not write. */
export function decodeListTurn(value: string | undefined): ListTurn | null {
  return listTurn.safeParse(parsed(value)).data ?? null;
}

// What the person who pressed Deactivate all is told: how many are under way, and which were refused, why and what next.

import type { ErrorFacts } from '../../domain/errors.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Message } from './message.ts';
import { bold, code, lines, outside, type Piece, section } from './words.ts';

export interface RefusedKey {
  readonly name: string;
  readonly refusal: ErrorFacts;
}

const SHOWN_NAMES = 10;

/** `asked`: keys whose deactivation is under way or done; `who`: user ids that may what this person may not. */
export function severalAnswer(of: {
  incident: Incident;
  asked: number;
  refused: readonly RefusedKey[];
  who: readonly string[];
}): Message {
  const { incident, asked, refused, who } = of;
  const text = [
    `${incident.id}: ${asked} of ${asked + refused.length} keys are being deactivated, or were before`,
    refused.length === 0 ? '.' : `; ${refused.length} refused.`,
  ].join('');
  const room = incident.room?.place === 'channel' ? ` in <#${incident.room.channel}>` : '';
  const may = who.slice(0, 20).map((user) => `<@${user}>`);
  return {
    text,
    blocks: [
      section('several', `${text} The card${room} shows what the provider says of each.`),
      ...(refused.length === 0 ? [] : [lines('refused', byReason(refused))]),
      ...(may.length === 0 ? [] : [section('who', `Who may: ${may.join(', ')}.`)]),
    ],
  };
}

/** Keys that were refused for the same reason stand together. */
function byReason(refused: readonly RefusedKey[]): Piece[][] {
  const reasons = new Map(refused.map(({ refusal }) => [refusal.message, refusal]));
  return [...reasons.values()].slice(0, 10).flatMap((refusal): Piece[][] => {
    const names = refused.flatMap((one) =>
      one.refusal.message === refusal.message ? [outside(one.name, 80)] : [],
    );
    const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
    return [
      [bold(`Not deactivated: ${names.slice(0, SHOWN_NAMES).join(', ')}${more}`)],
      [`${outside(refusal.message, 300)} ${outside(refusal.next, 300)} `, code(refusal.code)],
    ];
  });
}

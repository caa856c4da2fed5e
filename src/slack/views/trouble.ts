// What keyleak could not do for itself, as the card and the status tell it.

import type { KnownBlock } from '@slack/types';
import type { Incident } from '../../domain/incident.ts';
import { code, emoji, lines, outside } from './words.ts';

/** Said beside the step that looks, which also has the way out. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['watch-replacement', 'watch-containment']);

/** What keyleak could not do for itself, with the way out. */
export function choreTrouble(incident: Incident): KnownBlock[] {
  const errors = Object.entries(incident.chores).flatMap(([chore, error]) =>
    TOLD_ELSEWHERE.has(chore) ? [] : [error],
  );
  return [...new Map(errors.map((error) => [error.code, error])).values()]
    .slice(0, 3)
    .map((error, index) =>
      lines(`trouble:${index}`, [
        [
          emoji('warning'),
          ' ',
          outside(error.message, 300),
          ' ',
          outside(error.next, 300),
          ' ',
          code(error.code),
        ],
      ]),
    );
}

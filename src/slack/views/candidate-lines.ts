// What tells candidates apart beside their names: workspace, owner, age and last use, a line each above the buttons.

import type { KnownBlock } from '@slack/types';
import type { KeyFacts } from '../../domain/key.ts';
import type { KeyLore } from '../../engine/api.ts';
import { workspaceOf } from './dialogs.ts';
import { knownOf } from './picker.ts';
import { bold, lines, outside, type Piece } from './words.ts';

/** None where there is nothing to tell apart. At most 20 keys. */
export function candidateLines(
  id: string,
  keys: readonly KeyFacts[],
  lore: KeyLore,
  now: number,
): readonly KnownBlock[] {
  const rows = keys.slice(0, 20).map((key): Piece[] => {
    const about = [outside(workspaceOf(key), 40), outside(knownOf(key, lore, now), 90)];
    return [bold(outside(key.name, 60)), ` · ${about.filter((part) => part !== '').join(' · ')}`];
  });
  return rows.length === 0 ? [] : [lines(id, rows)];
}

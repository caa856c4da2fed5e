// What the provider's figures say of a dead key, in words: proof, too early to tell, or an alarm; and what they cannot show.

import type { Incident, KeyState } from '../../domain/incident.ts';
import { stepState } from '../../domain/incident.ts';
import { VERIFY_STEP } from '../../domain/progress.ts';
import { count } from './dialogs.ts';
import { bold, date, emoji, outside, type Piece } from './words.ts';

const MINUTE_MS = 60_000;

/** Failures of the step that these rows tell in full. */
export const TOLD: ReadonlySet<string> = new Set(['KL_KEY_STILL_USED', 'KL_FIGURES_TOO_OLD']);

export function containmentRows(incident: Incident, key: KeyState): Piece[][] {
  const seen = key.containment;
  if (seen !== null) return [...useRows(seen), ...replacementRows(seen)];
  const trouble = incident.chores['watch-containment'];
  if (trouble !== undefined)
    return [[emoji('warning'), ` No figures: ${outside(trouble.message, 300)} Follow the guide.`]];
  if (key.dead === null) return [['The provider never said that it is dead: follow the guide.']];
  return stepState(incident, VERIFY_STEP, key.subject).status === 'running'
    ? []
    : [['The provider’s figures are being read; they lag by some minutes.']];
}

type Checked = NonNullable<KeyState['containment']>;

function useRows({ dead_since, refreshed_at, covered, requests, uncounted, last_at }: Checked): Piece[][] {
  if (requests > 0 || uncounted) {
    const last = last_at === null ? [] : [', last before ', date(Date.parse(last_at))];
    return [
      [emoji('red_circle'), ' ', bold(`${used(requests, uncounted)} after its death`), ...last, '.'],
      [
        'Read in the Console whether it is disabled, call a manager, write to the provider’s support. The figures name no caller: look into the logs of your own gateway.',
      ],
    ];
  }
  if (refreshed_at === null)
    return [['No use seen, but the figures do not say how fresh they are: follow the guide.']];
  const until = date(Date.parse(refreshed_at));
  if (!covered)
    return [['The figures reach only until ', until, ': too early to tell. keyleak looks again by itself.']];
  // Use within the minute of its death may have been before it.
  const since = Math.ceil(Date.parse(dead_since) / MINUTE_MS) * MINUTE_MS;
  return [[emoji('white_check_mark'), ' No request since ', date(since), '; figures until ', until, '.']];
}

function used(requests: number, uncounted: boolean): string {
  if (requests === 0) return 'Use that the provider does not count';
  return `${uncounted ? 'At least ' : ''}${count(requests)} ${requests === 1 ? 'request' : 'requests'}`;
}

function replacementRows({ replacement }: Checked): Piece[][] {
  if (replacement === null) return [];
  if (replacement.first_at === null && replacement.requests === 0)
    return [['No request with the replacement yet.']];
  const how =
    replacement.requests === 0
      ? 'Use with the replacement, not counted'
      : `${used(replacement.requests, false)} with the replacement`;
  const first =
    replacement.first_at === null ? [] : [', first after ', date(Date.parse(replacement.first_at))];
  return [[how, ...first, '.']];
}

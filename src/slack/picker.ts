// Answers the search in a form's field for the key. From memory alone: Slack waits three seconds, and a provider that hangs
// must not keep anybody from declaring.

import type { Desk } from './desk.ts';
import { type KeyGroup, pickerGroups } from './views/picker.ts';

/** Whoever may see no keys is offered their own words and nothing else. */
export async function searchKeys(
  { engine, people, clock }: Desk,
  user: string,
  typed: string,
): Promise<readonly KeyGroup[]> {
  const { role } = await people.asker(user);
  const known =
    role === 'participant'
      ? null
      : { listing: engine.cachedKeys(), lore: engine.keyLore(), now: clock.now() };
  return pickerGroups(typed, known);
}

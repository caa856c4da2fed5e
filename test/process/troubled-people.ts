// People who go on through every death of the bot: whatever got no answer they do again, until the incident is through.

import type { PersonAtSlack } from '../../src/sandbox/slack/person.ts';
import { HINT, PROD } from '../flows/scene.ts';
import type { Practice } from './processes.ts';

/** Does the next thing that is to be done, if any can be done now. */
export function troubledPeople({ slack, anthropic }: Practice): () => Promise<void> {
  const rio = slack.as('rio');
  const done = new Set<string>();

  /** Until Slack says that it was taken. */
  async function once(name: string, act: () => Promise<{ readonly outcome: string }>): Promise<boolean> {
    if (done.has(name)) return false;
    if ((await act()).outcome === 'acked') done.add(name);
    return true;
  }

  return async () => {
    if (await once('declare', () => rio.slash('engineering', `${HINT}, ...9kAA in a public repository`)))
      return;
    const place = placeOf(slack, rio);
    if (place === null) return;
    const labels = rio.sees(place).flatMap(({ buttons }) => buttons);
    if (anthropic.key(PROD)?.status === 'active' && labels.includes('Deactivate key'))
      await press(rio, 'Deactivate key', place);
    else if (anthropic.key(PROD)?.status !== 'active') await afterwards(place, labels);
  };

  async function afterwards(place: string, labels: readonly string[]): Promise<void> {
    const name = labels.find((label) => label.startsWith('prod-search-index'));
    if (name !== undefined && (await once('name', () => press(rio, name, place)))) return;
    if (await once('assign', () => rio.slash(place, 'assign 8 @priya KL-1'))) return;
    if (!done.has('replacement')) {
      done.add('replacement');
      anthropic.createKey({ name: 'prod-api-gateway-2026-11-27' });
      return;
    }
    if (labels.includes('Confirm replacement')) {
      if (await once('confirm', () => press(rio, 'Confirm replacement', place))) return;
    }
    if (labels.includes('Check containment'))
      await once('check', () => press(rio, 'Check containment', place));
  }
}

/** Between looking and pressing the card may have changed under the finger. */
async function press(who: PersonAtSlack, text: string, channel: string): Promise<{ outcome: string }> {
  try {
    return await who.click({ text, channel, nth: 0 });
  } catch {
    return { outcome: 'gone' };
  }
}

/** The incident's channel, or the one whose thread it is; null as long as there is none. */
function placeOf(slack: Practice['slack'], who: PersonAtSlack): string | null {
  const room = slack.channels().find(({ name }) => name.startsWith('kl-1-'));
  if (room !== undefined) return room.id;
  return who.sees('C0SECURITY').some(({ buttons }) => buttons.includes('Add note')) ? 'C0SECURITY' : null;
}

// What every export says in the same words: moments, the state of a key, and how late something was written down.

import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import { duration, type Wording } from '../domain/describe.ts';
import type { Entry } from '../domain/entry.ts';
import type { KeyCondition } from '../domain/key-condition.ts';

dayjs.extend(utc);

/** `ms` since the epoch. */
export function moment(ms: number): string {
  return dayjs.utc(ms).format('YYYY-MM-DD HH:mm:ss [UTC]');
}

/** What follows the word for the key's state. `code` sets off a word of the provider. */
export function conditionWords(
  of: KeyCondition,
  declaredAt: number,
  say: Wording & { code(text: string): string },
): string {
  switch (of.is) {
    case 'dead':
      return `: provider says ${say.code(of.status)}${of.already ? ' (already)' : ''} at ${moment(of.at)}, ${duration(of.at - declaredAt)} after the declaration; asked for by ${say.actor(of.by)}`;
    case 'not_checked': {
      const { how, by, at } = of;
      const who = by === null ? '' : ` by ${say.actor(by)}`;
      return `: deactivation ${how === 'skipped' ? 'skipped' : 'marked done by hand'}${who}${at === null ? '' : ` at ${moment(at)}`}; the provider has not confirmed it dead`;
    }
    case 'not_read_back':
      return ' in the last listing; the provider was not asked again';
    case 'live':
      return ': the provider has not confirmed it dead';
  }
}

/** Empty unless an entry was written down more than two minutes after it happened. */
export function entered(entry: Entry): string {
  const late = Date.parse(entry.recorded_at) - Date.parse(entry.occurred_at);
  return late > 120_000 ? ` (happened ${duration(late)} before)` : '';
}

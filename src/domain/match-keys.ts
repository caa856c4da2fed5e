// Which listed keys a person may mean. Only an id, or both ends of exactly one key in a complete listing, names a key;
// everything else is offered for a person to confirm. A wrong key is never named for want of a better one.

import { withinEdits } from './edit-distance.ts';
import type { KeyFacts, KeyListing, KeyQuery } from './key.ts';
import { type HintParts, hintParts } from './key-hint.ts';
import type { MatchFacts } from './ports.ts';

/** Characters that query and provider's hint must share for an exact match, at least two of them at each end. */
const ENOUGH = 5;
const ENOUGH_AT_AN_END = 2;
/** A longer name is not compared letter by letter. */
const LONGEST_TYPED = 64;

const NONE: MatchFacts = { outcome: 'none' };

/**
 * Matches a query against all keys of every status. `listing` must be fresh: this function cannot know.
 * - id: exact, letter case included; one that is not listed is none.
 * - hint: the shown ends are compared as far as both sides know them, letter case included; a family that differs is no
 *   match. Exact when one key fits, at least five characters are shared and the listing is complete. A key for which the
 *   provider shows no hint is never matched by a hint, nor offered for one: there is no evidence for it.
 * - a hint that fits no key is turned round: keys that its ends fit in the other order are candidates.
 * - single ends and names are always candidates, even when only one fits.
 * Candidates come best match first and active keys first among equals.
 */
export function matchKeys(query: KeyQuery, listing: KeyListing): MatchFacts {
  // A key that changed while pages were read may be listed twice; the later page is the newer word.
  const keys = [...new Map(listing.keys.map((key) => [key.id, key])).values()];
  switch (query.shape) {
    case 'id': {
      const key = keys.find(({ id }) => id === query.id);
      if (key === undefined) return NONE;
      return listing.complete ? { outcome: 'exact', key } : candidates('several', [key]);
    }
    case 'hint':
      return byHint(query, keys, listing.complete);
    case 'end': {
      const parts = { family: query.family, start: query.start ?? '', end: query.end ?? '' };
      return candidates('single_end', sharing(parts, keys, ENOUGH_AT_AN_END));
    }
    case 'name':
      return byName(query.name, keys);
    case 'none':
      return NONE;
  }
}

function candidates(
  why: Extract<MatchFacts, { outcome: 'candidates' }>['why'],
  keys: readonly KeyFacts[],
): MatchFacts {
  return keys.length === 0 ? NONE : { outcome: 'candidates', why, keys: activeFirst(keys) };
}

function activeFirst(keys: readonly KeyFacts[]): KeyFacts[] {
  return [...keys].sort(
    (a, b) =>
      Number(b.status === 'active') - Number(a.status === 'active') ||
      compare(a.name.toLowerCase(), b.name.toLowerCase()) ||
      compare(a.id, b.id),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function byHint(query: HintParts, keys: readonly KeyFacts[], complete: boolean): MatchFacts {
  const fitting = sharing(query, keys, 1);
  const [only, ...others] = fitting;
  if (only === undefined)
    return candidates(
      'swapped',
      sharing({ ...query, start: query.end, end: query.start }, keys, ENOUGH_AT_AN_END),
    );
  if (others.length > 0 || !complete) return candidates('several', fitting);
  const shown = only.hint === null ? null : hintParts(only.hint);
  const start = shared(query.start, shown?.start ?? '');
  const end = shared(query.end, shown?.end ?? '');
  const sure = start >= ENOUGH_AT_AN_END && end >= ENOUGH_AT_AN_END && start + end >= ENOUGH;
  return sure ? { outcome: 'exact', key: only } : candidates('short', fitting);
}

/** Characters known to both. */
function shared(asked: string, shown: string): number {
  return Math.min(asked.length, shown.length);
}

/** Keys whose shown ends agree with every end that is asked for, in at least `least` characters each. */
function sharing(asked: HintParts, keys: readonly KeyFacts[], least: number): KeyFacts[] {
  if (asked.start === '' && asked.end === '') return [];
  return keys.filter(({ hint }) => {
    const shown = hint === null ? null : hintParts(hint);
    if (shown === null) return false;
    if (asked.family !== null && shown.family !== null && asked.family.toLowerCase() !== shown.family)
      return false;
    return agrees(asked.start, shown.start, least, 'start') && agrees(asked.end, shown.end, least, 'end');
  });
}

function agrees(asked: string, shown: string, least: number, side: 'start' | 'end'): boolean {
  if (asked === '') return true;
  if (shared(asked, shown) < least) return false;
  const [long, short] = asked.length >= shown.length ? [asked, shown] : [shown, asked];
  return side === 'start' ? long.startsWith(short) : long.endsWith(short);
}

function byName(name: string, keys: readonly KeyFacts[]): MatchFacts {
  const asked = folded(name);
  if (asked === '') return NONE;
  const ranked = keys
    .map((key) => ({ key, rank: nameRank(asked, folded(key.name)) }))
    .filter(({ rank }) => rank < UNLIKE);
  // Slips are considered only where no name is, or holds, what was typed.
  const best = ranked.some(({ rank }) => rank < SLIP) ? ranked.filter(({ rank }) => rank < SLIP) : ranked;
  if (best.length > 0) {
    const groups = [SAME, BEGINS, HOLDS, SLIP].map((rank) =>
      activeFirst(best.filter((one) => one.rank === rank).map(({ key }) => key)),
    );
    return { outcome: 'candidates', why: 'name', keys: groups.flat() };
  }
  return byLooseEnd(name, keys);
}

const SAME = 0;
const BEGINS = 1;
const HOLDS = 2;
const SLIP = 3;
const UNLIKE = 4;

function nameRank(asked: string, name: string): number {
  if (name === asked) return SAME;
  if (asked.length >= 2 && name.startsWith(asked)) return BEGINS;
  if (asked.length >= 2 && name.includes(asked)) return HOLDS;
  return asked.length <= LONGEST_TYPED && withinEdits(asked, name, slips(asked)) ? SLIP : UNLIKE;
}

function slips(asked: string): number {
  if (asked.length < 4) return 0;
  return asked.length < 8 ? 1 : 2;
}

function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Somebody may type the end of a key without dots: `igAA`. */
function byLooseEnd(word: string, keys: readonly KeyFacts[]): MatchFacts {
  if (!/^[A-Za-z0-9_-]{3,12}$/.test(word)) return NONE;
  const either = [
    ...sharing({ family: null, start: '', end: word }, keys, 3),
    ...sharing({ family: null, start: word, end: '' }, keys, 3),
  ];
  return candidates('single_end', [...new Set(either)]);
}

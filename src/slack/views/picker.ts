// The searchable choice of a key, from what is kept in memory: names and hints, never key material.

import type { InputBlock, PlainTextElement, PlainTextOption } from '@slack/types';
import type { KeyFacts, KeyListing } from '../../domain/key.ts';
import { parseKeys } from '../../domain/key-words.ts';
import { matchKeys } from '../../domain/match-keys.ts';
import { mask } from '../../domain/redaction.ts';
import type { KeyLore } from '../../engine/api.ts';
import { INPUT, PASTED } from '../ids.ts';
import { workspaceOf } from './dialogs.ts';
import { outside, plain } from './words.ts';

/** Slack takes no more options in one answer, and no longer texts or values. */
const MOST = 100;
const LONGEST = 75;
const DAY_MS = 86_400_000;

export interface KeyGroup {
  readonly label: PlainTextElement;
  readonly options: PlainTextOption[];
}

/** The field; `typed` is chosen already where it is not empty. */
export function pickerInput(given: {
  readonly label: string;
  readonly hint: string;
  readonly optional: boolean;
  readonly typed: string;
}): InputBlock {
  const typed = asTyped(given.typed);
  return {
    type: 'input',
    block_id: INPUT.key,
    label: plain(given.label),
    hint: plain(given.hint),
    optional: given.optional,
    element: {
      type: 'external_select',
      action_id: INPUT.key,
      min_query_length: 0,
      placeholder: plain('Search, or type what you know'),
      ...(typed === null ? {} : { initial_option: typed }),
    },
  };
}

/** What a search offers: what was typed itself, then the keys that it may mean, by workspace. `keys` null: none may be seen. */
export function pickerGroups(
  search: string,
  known: { readonly listing: KeyListing | null; readonly lore: KeyLore; readonly now: number } | null,
): readonly KeyGroup[] {
  const typed = asTyped(search);
  const found = known?.listing == null ? [] : fitting(search.trim(), known.listing, known.lore);
  const groups = new Map<string, PlainTextOption[]>();
  for (const key of found.slice(0, MOST - 1)) {
    const place = outside(workspaceOf(key), LONGEST);
    groups.set(place, [...(groups.get(place) ?? []), option(key, known)]);
  }
  return [
    ...(typed === null ? [] : [{ label: plain('Not in the list?'), options: [typed] }]),
    ...[...groups].map(([place, options]) => ({ label: plain(place), options })),
  ];
}

/** Whatever looks like a key is masked before it is shown or comes back as a value. */
function asTyped(words: string): PlainTextOption | null {
  const { text, masked } = mask(words.replace(/\s+/g, ' ').trim());
  if (text === '') return null;
  const value = masked === 0 ? text : `${PASTED}${text}`;
  return {
    text: plain(outside(`Use what I typed: ${text}`, LONGEST)),
    value: value.slice(0, LONGEST).toWellFormed(),
  };
}

/** By hint, id or name as a declaration would match it, then by any part of what is shown; without words, the last used first. */
function fitting(search: string, listing: KeyListing, lore: KeyLore): readonly KeyFacts[] {
  if (search === '') return listing.keys.toSorted((a, b) => use(lore, b) - use(lore, a) || byName(a, b));
  const [report] = parseKeys(search).reports;
  const match = report === undefined ? ({ outcome: 'none' } as const) : matchKeys(report.query, listing);
  const matched = match.outcome === 'exact' ? [match.key] : match.outcome === 'none' ? [] : match.keys;
  const words = search.toLowerCase();
  const holding = listing.keys.filter((key) => shownOf(key, lore).toLowerCase().includes(words));
  return [...new Map([...matched, ...holding.toSorted(byName)].map((key) => [key.id, key])).values()];
}

function use(lore: KeyLore, key: KeyFacts): number {
  return key.status === 'active' ? (lore.lastUsed(key.id) ?? 1) : 0;
}

function byName(a: KeyFacts, b: KeyFacts): number {
  return Number(b.status === 'active') - Number(a.status === 'active') || a.name.localeCompare(b.name);
}

function shownOf(key: KeyFacts, lore: KeyLore): string {
  return [key.name, key.hint, key.id, workspaceOf(key), ownerOf(key, lore)].join('\n');
}

function ownerOf({ owner }: KeyFacts, lore: KeyLore): string {
  return owner === null ? '' : (lore.ownerName(owner.id) ?? '');
}

function option(
  key: KeyFacts,
  known: { readonly lore: KeyLore; readonly now: number } | null,
): PlainTextOption {
  const end = key.hint === null ? '' : ` …${key.hint.slice(-4)}`;
  const status = key.status === 'active' ? '' : ` (${key.status})`;
  const name = outside(key.name, LONGEST - end.length - status.length);
  const about = known === null ? '' : knownOf(key, known.lore, known.now);
  return {
    text: plain(`${name}${end}${status}`),
    value: key.id,
    ...(about === '' ? {} : { description: plain(outside(about, LONGEST)) }),
  };
}

/** `Dana Reyes · 215 days old · used today`; what is not known is left out. */
export function knownOf(key: KeyFacts, lore: KeyLore, now: number): string {
  const age = daysSince(key.created_at === null ? Number.NaN : Date.parse(key.created_at), now);
  const used = daysSince(lore.lastUsed(key.id) ?? Number.NaN, now);
  return [
    ownerOf(key, lore),
    age === null ? '' : age === 0 ? 'made today' : `${days(age)} old`,
    used === null ? '' : used === 0 ? 'used today' : `used ${days(used)} ago`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function daysSince(moment: number, now: number): number | null {
  return Number.isNaN(moment) ? null : Math.max(0, Math.floor((now - moment) / DAY_MS));
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}

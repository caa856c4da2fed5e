// From what people typed to the runbook for such a credential: the longest claimed prefix decides. A guess for the start
// of an incident, never more; a person may choose another runbook at any time.

import type { Report } from './decide-declare.ts';
import { MIDDLE } from './key-hint.ts';
import type { Runbook } from './runbook.ts';

/** A declaration as it was parsed, masked. */
export interface Spoken {
  readonly reports: readonly Pick<Report, 'query' | 'words'>[];
  readonly where: string;
}

/** A shorter one, such as `sk-`, begins too many things: it counts alone, as masking leaves it, not before other text. */
const SHORTEST_BEFORE_TEXT = 4;

/**
 * The id of the runbook that claims the longest prefix with which a word begins; of equally long ones the first said.
 * A masked key speaks by the prefix that masking left of it. Where the key was seen speaks only while no key is named by
 * its id or its ends. Null when nothing speaks: take the default.
 */
export function chooseRunbook(
  runbooks: ReadonlyMap<string, Runbook>,
  { reports, where }: Spoken,
): string | null {
  const ofKeys = longest(
    runbooks,
    reports.flatMap(({ query, words }) => [
      ...('family' in query && query.family !== null ? [query.family] : []),
      ...wordsOf(words),
    ]),
  );
  const named = reports.some(({ query }) => query.shape === 'id' || query.shape === 'hint');
  return ofKeys ?? (named ? null : longest(runbooks, wordsOf(where)));
}

function longest(runbooks: ReadonlyMap<string, Runbook>, words: readonly string[]): string | null {
  let best: { readonly id: string; readonly length: number } | null = null;
  for (const word of words) {
    for (const { id, prefixes = [] } of runbooks.values()) {
      for (const prefix of prefixes) {
        if (prefix.length > (best?.length ?? 0) && begins(word, prefix)) best = { id, length: prefix.length };
      }
    }
  }
  return best?.id ?? null;
}

/** What may begin with a prefix: also the value of `KEY=…` and what stands in quotes, brackets or behind `[masked`. */
function wordsOf(text: string): readonly string[] {
  return text
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .split(/[\s,、"'`“”„«»‘’()[\]{}<>|=:;]+/)
    .map((word) => word.replace(/^[/*~]+/, ''))
    .filter((word) => word !== '');
}

/** A phone makes the first letter a capital, so capitals count only in prefixes that have some. */
function begins(word: string, prefix: string): boolean {
  const said = /[A-Z]/.test(prefix) ? word : word.toLowerCase();
  if (!said.startsWith(prefix)) return false;
  const rest = word.slice(prefix.length).replace(/[.!?]$/, '');
  return rest === '' || (prefix.length >= SHORTEST_BEFORE_TEXT && !isName(rest));
}

const HIDDEN = new RegExp(MIDDLE);

/** `_publish-2026`: whole words and dates, as in the name of a key such as `npm_publish-2026`; nothing of a credential. */
function isName(rest: string): boolean {
  if (HIDDEN.test(rest)) return false;
  const parts = rest.split(/[-_.]+/).filter((part) => part !== '');
  return (
    parts.some((part) => /^[A-Za-z]?[a-z]{3,}$/.test(part)) &&
    parts.every((part) => /^(?:[A-Za-z]?[a-z]*|\d{1,4})$/.test(part))
  );
}

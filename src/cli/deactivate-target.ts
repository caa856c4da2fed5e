// Which key of an incident the person means. Where that is not plain, nothing is chosen for them.

import type { Case, KeyState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import { hintParts } from '../domain/key-hint.ts';

export type Target =
  | { readonly is: 'key'; readonly subject: string; readonly facts: KeyFacts }
  /** The words name no key that the incident knows, and this key of it is not named yet: they may say which it is. */
  | { readonly is: 'new'; readonly subject: string }
  /**
   * What can be named instead. several: nothing was named, or what fits several. none: words that fit nothing.
   * unnamed: a key of the incident of which nothing is known that could be deactivated.
   */
  | {
      readonly is: 'open';
      readonly choices: readonly KeyState[];
      readonly fits: 'none' | 'several' | 'unnamed';
    };

/** `named` is what stands after `--key`, masked: `k1`, an id, a hint or a name; null when nothing does. */
export function targetOf({ incident }: Case, named: string | null): Target {
  const { keys } = incident;
  const [only, ...others] = keys;
  if (named === null || /^k\d+$/i.test(named)) {
    const subject = named?.toLowerCase() ?? (others.length === 0 ? only?.subject : undefined);
    const key = keys.find((one) => one.subject === subject);
    // A key that may be several, or is no longer what it was, is named by its id.
    if (key !== undefined && key.facts !== null && (key.candidates === null || key.dead !== null))
      return { is: 'key', subject: key.subject, facts: key.facts };
    if (key === undefined) return { is: 'open', choices: keys, fits: named === null ? 'several' : 'none' };
    return { is: 'open', choices: [key], fits: key.candidates === null ? 'unnamed' : 'several' };
  }
  const known = keys.flatMap((key) =>
    [...(key.candidates?.keys ?? []), ...(key.facts === null ? [] : [key.facts])].map((facts) => ({
      subject: key.subject,
      facts,
    })),
  );
  const found = known.filter(({ facts }) => isNamed(facts, named));
  const [first] = found;
  if (first !== undefined) {
    const several = found.some(({ facts }) => facts.id !== first.facts.id);
    return several ? { is: 'open', choices: keys, fits: 'several' } : { is: 'key', ...first };
  }
  const unnamed = keys.filter((key) => key.facts === null);
  const [new_] = unnamed;
  return new_ !== undefined && unnamed.length === 1
    ? { is: 'new', subject: new_.subject }
    : { is: 'open', choices: keys, fits: 'none' };
}

function isNamed(key: KeyFacts, named: string): boolean {
  if (key.id === named || key.name === named) return true;
  const [own, asked] = [key.hint === null ? null : hintParts(key.hint), hintParts(named)];
  return (
    own !== null && asked !== null && asked.start !== '' && own.start === asked.start && own.end === asked.end
  );
}

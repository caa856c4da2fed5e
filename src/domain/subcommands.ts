// The words after `/keyleak`: a subcommand, perhaps a mistyped one, or a key that leaked. In doubt a leak is declared.

import { withinEdits } from './edit-distance.ts';

export const SUBCOMMANDS = [
  'help',
  'list',
  'status',
  'timeline',
  'note',
  'assign',
  'export',
  'close',
  'drill',
  'metrics',
] as const;

export type Subcommand = (typeof SUBCOMMANDS)[number];

/** Declares what follows even where it is the name of a subcommand: `/keyleak declare export`. */
const DECLARE = 'declare';

export type TypedCommand =
  /** `rest` is what follows the name, untouched inside. */
  | { readonly kind: 'subcommand'; readonly name: Subcommand; readonly rest: string }
  /** One word that is one slip away from a subcommand: ask before anything happens. */
  | { readonly kind: 'nearly'; readonly typed: string; readonly meant: Subcommand }
  | { readonly kind: 'declare'; readonly words: string }
  | { readonly kind: 'empty' };

/** Reads what was typed after `/keyleak`, or after the mention of the bot. Letter case of subcommands does not matter. */
export function readCommand(words: string): TypedCommand {
  const trimmed = words.trim();
  if (trimmed === '') return { kind: 'empty' };
  const [first = ''] = trimmed.split(/\s/, 1);
  const word = first.toLowerCase();
  const rest = trimmed.slice(first.length).trim();
  if (word === DECLARE) return rest === '' ? { kind: 'empty' } : { kind: 'declare', words: rest };
  const name = SUBCOMMANDS.find((known) => known === word);
  if (name !== undefined) return { kind: 'subcommand', name, rest };
  const meant = rest === '' ? SUBCOMMANDS.find((known) => withinEdits(word, known, 1)) : undefined;
  return meant === undefined ? { kind: 'declare', words: trimmed } : { kind: 'nearly', typed: first, meant };
}

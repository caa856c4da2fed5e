// How the command line shows keys: one line each, whatever they are called.

import type { KeyState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import { printable } from './printable.ts';

/** `prod-api (apikey_01…), sk-ant-api03-R2D...igAA, workspace Production, active`. */
export function keyLine(key: KeyFacts): string {
  const workspace =
    key.workspace === null ? 'no workspace' : `workspace ${key.workspace.name ?? key.workspace.id}`;
  return printable(
    [`${key.name} (${key.id})`, key.hint, workspace, key.status].filter((part) => part !== null).join(', '),
  );
}

/** The candidates of one key, numbered, each with the id that names it. */
function candidateLines(subject: string, keys: readonly KeyFacts[], total: number): readonly string[] {
  const more = total > keys.length ? [`  … and ${total - keys.length} more`] : [];
  return [`${subject} could be:`, ...keys.map((key, index) => `  ${index + 1}. ${keyLine(key)}`), ...more];
}

/** One key of an incident, as far as it is known. */
export function keyLines(key: KeyState): readonly string[] {
  const { subject, facts, candidates, dead } = key;
  if (dead === null && candidates !== null) return candidateLines(subject, candidates.keys, candidates.total);
  if (facts !== null)
    return [`${subject} is ${keyLine(facts)}${dead === null ? '' : `: ${deadWords(dead, false)}`}`];
  if (key.unmatched) return [`${subject} is none of the keys that the provider lists`];
  return [`${subject} is not ${key.query.shape === 'none' ? 'named' : 'identified'} yet`];
}

/** Dead, as the provider said when it was read back. `already`: it was so before this command. */
export function deadWords(dead: NonNullable<KeyState['dead']>, already: boolean): string {
  return `${already || dead.already ? 'already ' : ''}${dead.status} (read back at ${new Date(dead.at).toISOString()})`;
}

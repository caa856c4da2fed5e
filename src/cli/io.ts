// How commands talk: data on stdout, words for people on stderr, an exit code from a fixed list.

import { KeyleakError } from '../domain/errors.ts';

export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, broken: 4, interrupted: 130 } as const;

export interface Io {
  /** Resolves once the text is handed over whole, also into a slow pipe. */
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** An error that ends a command, as the person at the terminal reads it. */
export function explain(error: unknown): string {
  if (error instanceof KeyleakError) return `${error.code}: ${error.message}\n${error.next}\n`;
  return `KL_UNEXPECTED: keyleak failed in a way nobody planned for.\nReport this: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** `kl-7`, `KL-007` and `7` all mean KL-7. Throws KL_INCIDENT_ID for anything else. */
export function incidentId(text: string): string {
  const match = /^(?:kl-?)?0*([1-9][0-9]{0,8})$/i.exec(text.trim());
  if (match === null) {
    throw new KeyleakError(
      'KL_INCIDENT_ID',
      'That is not the id of an incident.',
      'Ids look like KL-7; keyleak list shows them.',
    );
  }
  return `KL-${match[1]}`;
}

// Reads one secret from NAME or from the file that NAME_FILE names, checks its shape, and never shows its value.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Findings, type Kind, kindOf } from './config-problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret is held as a function, so that inspecting or serialising a configuration shows none. */
export type Secret = () => string;

export interface Expected {
  /** What the value is by its beginning; null when its shape is free. */
  readonly kinds: readonly Kind[] | null;
  /** Beside `kinds` a value of no known beginning is right too. */
  readonly free?: boolean;
  /** Such as "a Slack bot token, which begins with xoxb-". */
  readonly want: string;
  /** Where a person gets the right one: one sentence. */
  readonly where: string;
  /** The variable that is often mixed up with it. */
  readonly twin?: { readonly name: string; readonly kind: Kind };
}

const MAX_BYTES = 64 * 1024;

/** A variable's text; a variable that is set to nothing counts as not set. */
export function text(env: Environment, name: string): string | null {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

/** Whether the variable is set, directly or by a file. */
export function isSet(env: Environment, name: string): boolean {
  return text(env, name) !== null || text(env, `${name}_FILE`) !== null;
}

/** Null when it is not set, or when something is wrong with it: that is then in `findings`. */
export function readSecret(
  parts: { readonly env: Environment; readonly cwd: string; readonly findings: Findings },
  name: string,
  expected: Expected,
): Secret | null {
  const { env, findings } = parts;
  const problem = (place: string, message: string, fix: string): null => {
    findings.problems.push({ place, message, fix });
    return null;
  };
  const direct = text(env, name);
  const path = text(env, `${name}_FILE`);
  if (direct !== null && path !== null) {
    return problem(name, `Both ${name} and ${name}_FILE are set.`, 'Keep one of them.');
  }
  const value = path === null ? direct : readFile(parts, `${name}_FILE`, path);
  if (value === null) return null;
  const place = path === null ? name : `${name}_FILE`;
  const fault = faultOf(value, expected);
  if (fault !== null) return problem(place, fault.message, fault.fix);
  return () => value;
}

function readFile(
  { cwd, findings }: { readonly cwd: string; readonly findings: Findings },
  place: string,
  path: string,
): string | null {
  const problem = (message: string, fix: string): null => {
    findings.problems.push({ place, message, fix });
    return null;
  };
  // Somebody who puts the secret where its path belongs must not find it in an error message.
  const held = kindOf(path);
  if (held !== null) return problem(`It holds ${held.words}, not a path.`, 'Write the path of a file there.');
  try {
    const full = resolve(cwd, path);
    const facts = statSync(full);
    if (!facts.isFile())
      return problem('This is not a file.', 'Name a file that holds nothing but the secret.');
    if (facts.size > MAX_BYTES)
      return problem('The file is larger than 64 KiB.', 'Name the file of the secret.');
    if (process.platform !== 'win32' && (facts.mode & 0o004) !== 0) {
      findings.warnings.push(`${place}: Everyone on this machine may read the file. Run chmod 600 on it.`);
    }
    const value = readFileSync(full, 'utf8').replace(/[\r\n]+$/, '');
    return value.trim() === '' ? problem('The file is empty.', 'Write the secret into it.') : value;
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    return problem(
      `The file cannot be read (${reason}).`,
      'Check the path, and that the account which runs keyleak may read it.',
    );
  }
}

function faultOf(value: string, expected: Expected): { message: string; fix: string } | null {
  const { kinds, free = false, want, where, twin } = expected;
  const pem = kinds?.includes('pem') ?? false;
  if (/^(["'`]).*\1$/s.test(value)) {
    return { message: 'The value is wrapped in quotes.', fix: 'Remove the quotes; some tools keep them.' };
  }
  if (!pem && !/^[\x21-\x7e]+$/.test(value)) {
    return { message: 'The value has a space, a line break or a foreign character in it.', fix: where };
  }
  if (/\.\.\.|^<.*>$|^(your|change)[-_]?/i.test(value)) {
    return { message: 'The value is a placeholder.', fix: where };
  }
  const found = kindOf(value);
  if (kinds === null) {
    return found === null ? null : { message: `It holds ${found.words}, not ${want}.`, fix: where };
  }
  if (found === null) return free ? null : { message: `It does not look like ${want}.`, fix: where };
  if (kinds.includes(found.kind)) return null;
  const message = `It holds ${found.words}, not ${want}.`;
  return twin?.kind === found.kind
    ? { message, fix: `Exchange it with ${twin.name}, where that one belongs.` }
    : { message, fix: where };
}

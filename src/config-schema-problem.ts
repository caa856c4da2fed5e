// What the schema of keyleak.yml objects to, in words for whoever wrote the file, with the nearest known key.

import type { z } from 'zod';
import { quoted } from './config-problem.ts';
import { configSchema, FORMS } from './config-schema.ts';

export interface SchemaProblem {
  readonly path: readonly (string | number)[];
  /** Whether the key at the end of `path` offends, or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly fix: string;
}

const SECTIONS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(configSchema.shape).map(([name, section]) => {
    const inner = section.unwrap();
    return [name, Object.keys('element' in inner ? inner.element.shape : inner.shape)];
  }),
);

const KINDS: Readonly<Record<string, { is: string; fix: string }>> = {
  string: { is: 'text', fix: 'Write text; put it in quotes if YAML reads it as something else.' },
  array: { is: 'a list', fix: 'Write a list, such as [U0123ABCD] or lines that begin with a hyphen.' },
  object: { is: 'a mapping', fix: 'Write `key: value` lines below it, or remove the line.' },
  int: { is: 'a whole number', fix: 'Write a number such as 100.' },
  number: { is: 'a number', fix: 'Write a number such as 100.' },
};

/** Everything that is wrong with the value of the whole file; empty when nothing is. */
export function schemaProblems(value: unknown): readonly SchemaProblem[] {
  const checked = configSchema.safeParse(value);
  return checked.success ? [] : checked.error.issues.flatMap((issue) => problemsOf(value, issue, []));
}

function problemsOf(
  value: unknown,
  issue: z.core.$ZodIssue,
  parent: readonly (string | number)[],
): SchemaProblem[] {
  const path = [...parent, ...issue.path.filter((part) => typeof part !== 'symbol')];
  const name = nameOf(path);
  const problem = (message: string, fix: string): SchemaProblem[] => [{ path, at: 'value', message, fix }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key));
    case 'invalid_type': {
      if (reach(value, path) === undefined) {
        return [
          { path: path.slice(0, -1), at: 'key', message: `${name} is missing.`, fix: `Add ${name} here.` },
        ];
      }
      const kind = KINDS[issue.expected] ?? { is: issue.expected, fix: 'Correct it.' };
      return problem(`${name} must be ${kind.is}.`, kind.fix);
    }
    case 'invalid_value':
      return problem(`${name} must be one of ${issue.values.map(String).join(', ')}.`, 'Write one of them.');
    case 'too_big':
      return issue.origin === 'array'
        ? problem(`${name} has more than ${issue.maximum} entries.`, 'Use a user group or remove some.')
        : problem(`${name} is greater than ${issue.maximum}.`, 'Write a smaller one.');
    case 'too_small':
      return issue.origin === 'array'
        ? problem(`${name} is empty.`, 'Add an entry, or remove the line.')
        : problem(`${name} is less than ${issue.minimum}.`, 'Write a greater one.');
    case 'invalid_format': {
      const form = Object.values(FORMS).find(({ pattern }) => String(pattern) === issue.pattern);
      const here = quoted(String(reach(value, path)));
      return form === undefined
        ? problem(`${name} is not an address.`, 'Write it in full, with https:// in front.')
        : problem(`${name}: ${here} ${form.message}.`, form.fix);
    }
    case 'invalid_union': {
      const branch = typeof reach(value, path) === 'object' ? 1 : 0;
      return (issue.errors[branch] ?? []).flatMap((inner) => problemsOf(value, inner, path));
    }
    default:
      return problem(`${name} ${issue.message}.`, 'Correct it.');
  }
}

function unknownKey(path: readonly (string | number)[], key: string): SchemaProblem {
  const known = path.length === 0 ? Object.keys(SECTIONS) : (SECTIONS[String(path[0])] ?? []);
  const nearest = known.find((name) => distance(name, key.toLowerCase()) <= 2);
  const home = Object.entries(SECTIONS).find(([, names]) => names.includes(key))?.[0];
  const secret = /token|secret|password|api_?key/i.test(key);
  const fix =
    nearest !== undefined
      ? `Did you mean ${nearest}?`
      : home !== undefined
        ? `It belongs under ${home}.`
        : secret
          ? 'Secrets do not belong in this file: set them in the environment.'
          : `Known here: ${known.join(', ')}.`;
  return {
    path: [...path, key],
    at: 'key',
    message: `${quoted(key)} is not a key that keyleak knows here.`,
    fix,
  };
}

/** Levenshtein's distance: how many letters must change, come or go. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The own member at `path`, undefined where there is none. */
function reach(value: unknown, path: readonly (string | number)[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = Object.getOwnPropertyDescriptor(current, part)?.value;
  }
  return current;
}

function nameOf(path: readonly (string | number)[]): string {
  const last = path.at(-1);
  if (typeof last === 'string') return path[1] === 'key_max_age' ? '`key_max_age`' : `\`${last}\``;
  return last === undefined ? 'The file' : `Entry ${last + 1} of \`${String(path.at(-2))}\``;
}

// The words in which the limits of Block Kit are written down: a rule looks at a value and notes what Slack would object to,
// with the place, in Slack's own form `[ERROR] … [json-pointer:/blocks/0/text]`.

import { isJson } from './json.ts';

export type Rule = (value: unknown, at: string, found: string[]) => void;

export function objection(found: string[], what: string, at: string): void {
  found.push(`[ERROR] ${what} [json-pointer:${at}]`);
}

/** A text of `min` to `max` characters. */
export function text(max: number, min = 1, pattern?: RegExp): Rule {
  return (value, at, found) => {
    if (typeof value !== 'string') objection(found, 'must be a string', at);
    else if (value.length < min) objection(found, `must be more than ${min - 1} characters`, at);
    else if (value.length > max) objection(found, `must be less than ${max + 1} characters`, at);
    else if (pattern !== undefined && !pattern.test(value)) objection(found, 'has an invalid format', at);
  };
}

export const flag: Rule = (value, at, found) => {
  if (typeof value !== 'boolean') objection(found, 'must be a boolean', at);
};

export function whole(min: number, max: number): Rule {
  return (value, at, found) => {
    if (!Number.isInteger(value)) objection(found, 'must be an integer', at);
    else if (Number(value) < min || Number(value) > max)
      objection(found, `must be between ${min} and ${max}`, at);
  };
}

export function oneOf(...allowed: readonly string[]): Rule {
  return (value, at, found) => {
    if (typeof value !== 'string' || !allowed.includes(value))
      objection(found, `must be one of ${allowed.join(', ')}`, at);
  };
}

export function list(rule: Rule, max: number, min = 1): Rule {
  return (value, at, found) => {
    if (!Array.isArray(value)) return objection(found, 'must be an array', at);
    if (value.length < min) objection(found, `must have at least ${min} items`, at);
    if (value.length > max) objection(found, `no more than ${max} items allowed`, at);
    value.forEach((item, index) => {
      rule(item, `${at}/${index}`, found);
    });
  };
}

/** An object with these fields and no other; `type` may always be there. */
export function fields(
  required: Readonly<Record<string, Rule>>,
  optional: Readonly<Record<string, Rule>> = {},
): Rule {
  return (value, at, found) => {
    if (!isJson(value)) return objection(found, 'must be an object', at);
    for (const name of Object.keys(required)) {
      if (value[name] === undefined) objection(found, `missing required field: ${name}`, at);
    }
    for (const [name, field] of Object.entries(value)) {
      const rule = required[name] ?? optional[name];
      if (rule !== undefined) rule(field, `${at}/${name}`, found);
      else if (name !== 'type') objection(found, `invalid additional property: ${name}`, at);
    }
  };
}

/** The rule that `type` names; another type is refused. */
export function byType(kinds: Readonly<Record<string, Rule>>): Rule {
  return (value, at, found) => {
    const type = isJson(value) ? value.type : undefined;
    const rule = typeof type === 'string' && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    if (rule === undefined) objection(found, `unsupported type: ${String(type)}`, `${at}/type`);
    else rule(value, at, found);
  };
}

/** Besides `rule`, exactly one of the named fields (or at least one) must be there. */
export function needsOne(rule: Rule, names: readonly string[], how: 'exactly' | 'at least'): Rule {
  return (value, at, found) => {
    rule(value, at, found);
    if (!isJson(value)) return;
    const count = names.filter((name) => value[name] !== undefined).length;
    if (count === 0 || (how === 'exactly' && count > 1))
      objection(found, `must provide ${how} one of ${names.join(', ')}`, at);
  };
}

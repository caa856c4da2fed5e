// Reads back a text that was hashed or signed: accepted only as canonical JSON with exactly the expected members.

import { canonicalJson } from './canonical-json.ts';

/** What each member must be. A text with one member more or less does not fit. */
export type Shape<T> = { readonly [K in keyof T]: (value: unknown) => value is T[K] };

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** `value` when it is a text; otherwise the empty text, which fits nothing that is looked for here. */
export function textOrEmpty(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** A SHA-256 or a salt: 64 lower-case hex digits. */
export function isHex64(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** RFC 3339 UTC with milliseconds, and a moment that exists. */
export function isTimestamp(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value)) return false;
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === value;
}

/** A JSON object: neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for an object that has exactly these members and no other. */
export function hasExactly(value: object, names: readonly string[]): boolean {
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/**
 * The members of `text`, or the reason why it cannot be one that keyleak wrote, as the end of a sentence that begins
 * with the thing it belongs to: `has a text that is not JSON`. Never throws.
 */
export function readCanonical<T extends object>(text: string, shape: Shape<T>): T | string {
  const parsed = parse(text);
  if (parsed === undefined) return 'has a text that is not JSON';
  if (canonicalOrNull(parsed.value) !== text) return 'has a text that is not canonical JSON';
  const names = Object.keys(shape);
  if (!isRecord(parsed.value) || !hasExactly(parsed.value, names))
    return `has a text whose members are not exactly ${names.join(', ')}`;
  const { value } = parsed;
  if (fits(value, shape)) return value;
  const wrong = Object.entries<(member: unknown) => boolean>(shape).find(
    ([name, accepts]) => !accepts(value[name]),
  );
  return `has a text whose member ${wrong?.[0] ?? ''} is not of the kind it must be`;
}

function fits<T extends object>(value: object, shape: Shape<T>): value is T {
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.entries<(member: unknown) => boolean>(shape).every(([name, accepts]) =>
    accepts(members.get(name)),
  );
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** `value` as canonical JSON; null when it cannot be written so. */
export function canonicalOrNull(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch {
    return null;
  }
}

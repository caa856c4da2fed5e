// The one text form of a value that is hashed or signed: canonical JSON (RFC 8785) for integers and well-formed
// strings. What the format cannot hold is refused, never rounded, dropped or repaired.

import { KeyleakError } from './errors.ts';

/** Nesting beyond this is refused; a value that contains itself ends here too. */
const MAX_DEPTH = 64;

/** With the `u` flag a surrogate that is half of a pair is no longer a surrogate: this finds only lone ones. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * `value` as canonical JSON, RFC 8785 section 3.2: no whitespace, names sorted by UTF-16 code units (3.2.3),
 * strings escaped as in 3.2.2.2. Numbers are safe integers only (minus zero is written `0`, appendix B);
 * strings are well formed; arrays have no holes; objects are plain and have no undefined members.
 * Throws KL_LOG_NOT_CANONICAL with the path of the first offence, such as `$.data.keys[2]`.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', 0);
}

function write(value: unknown, path: string, depth: number): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isSafeInteger(value)) throw refusal(path, 'a number that is not a safe integer');
      return String(value);
    case 'string':
      return writeString(value, path);
    case 'object':
      if (depth === MAX_DEPTH) throw refusal(path, `more than ${MAX_DEPTH} levels of nesting`);
      return Array.isArray(value) ? writeArray(value, path, depth) : writeObject(value, path, depth);
    default:
      throw refusal(path, `a value of type ${typeof value}`);
  }
}

/** JSON.stringify escapes a well-formed string exactly as RFC 8785 section 3.2.2.2 asks. */
function writeString(text: string, path: string): string {
  if (LONE_SURROGATE.test(text)) throw refusal(path, 'text with half a surrogate pair');
  return JSON.stringify(text);
}

function writeArray(items: readonly unknown[], path: string, depth: number): string {
  // Array.from visits holes, which map would skip.
  return `[${Array.from(items, (item, index) => write(item, `${path}[${index}]`, depth + 1)).join(',')}]`;
}

function writeObject(value: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw refusal(path, 'an object that is not plain');
  if (Object.getOwnPropertySymbols(value).length > 0)
    throw refusal(path, 'an object with a symbol for a name');
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => {
      const at = memberPath(path, name);
      return `${writeString(name, at)}:${write(member, at, depth + 1)}`;
    });
  return `{${members.join(',')}}`;
}

function memberPath(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

function refusal(path: string, what: string): KeyleakError {
  return new KeyleakError(
    'KL_LOG_NOT_CANONICAL',
    `The value at ${path} is ${what}, which canonical JSON as used in the log cannot hold; nothing was written.`,
    'Report this as a bug in keyleak, with this message and what you did before it.',
  );
}

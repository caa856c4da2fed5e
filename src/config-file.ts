// Reads keyleak.yml: bounded, plain values only, and every mistake with line, column and what to write instead.

import { readFileSync, statSync } from 'node:fs';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { type ConfigProblem, kindOf } from './config-problem.ts';
import { type ConfigFile, configSchema } from './config-schema.ts';
import { type SchemaProblem, schemaProblems } from './config-schema-problem.ts';
import { containsSecret } from './domain/redaction.ts';

export interface ReadConfig {
  /** What the file says; nothing when it has problems or does not exist. */
  readonly value: ConfigFile;
  readonly problems: readonly ConfigProblem[];
}

const MAX_BYTES = 64 * 1024;
const HELD_BACK = 'Take it out, replace it where it was issued, and set it in the environment instead.';

/** `path` is opened, `name` is what people are shown. A missing file is a problem only when `required`. */
export function readConfigFile(path: string, name: string, required: boolean): ReadConfig {
  const whole = (message: string, fix: string): ReadConfig => ({
    value: {},
    problems: [{ place: name, message, fix }],
  });
  let bytes: Uint8Array;
  try {
    const facts = statSync(path);
    // A pipe is never opened: it could block.
    if (!facts.isFile()) return whole('This is not a file.', 'Name a YAML file in KEYLEAK_CONFIG.');
    if (facts.size > MAX_BYTES)
      return whole('The file is larger than 64 KiB.', 'Take out what does not belong.');
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (reason === 'ENOENT' && !required) return { value: {}, problems: [] };
    return whole(
      `The file cannot be read (${reason}).`,
      'Check KEYLEAK_CONFIG, and that the account which runs keyleak may read the file.',
    );
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('The file is not UTF-8 text.', 'Save it as UTF-8.');
  }
  return parseConfig(text, name);
}

/** Checks the text of a configuration file. `name` only labels the problems. */
export function parseConfig(text: string, name: string): ReadConfig {
  const source = read(text);
  if (source === null) {
    const fix = 'Write it as in keyleak.example.yml.';
    return {
      value: {},
      problems: [{ place: `${name}:1:1`, message: 'The file is nested too deeply.', fix }],
    };
  }
  const { document, value } = source;
  const faults = [...syntaxProblems(document, text), ...secretProblems(document)];
  const fatal = faults.filter((fault) => fault.fatal).map(({ offset }) => offset);
  for (const problem of value === undefined ? [] : schemaProblems(value)) {
    const { start, end } = locate(document, problem);
    // What follows a syntax error may only look wrong because of it.
    if (fatal.every((offset) => end < offset)) faults.push({ ...problem, offset: start, fatal: false });
  }
  if (faults.length === 0) return { value: configSchema.parse(value), problems: [] };
  const problems = faults
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, message, fix }) => ({ place: `${name}:${position(text, offset)}`, message, fix }));
  return { value: {}, problems };
}

/** The document and its plain value, an empty file as an empty mapping; null when it is too deep for the parser. */
function read(text: string): { document: Document; value: unknown } | null {
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      stringKeys: true,
      // Errors are returned in any case; this only keeps the parser from warning on stderr by itself.
      logLevel: 'error',
    });
    if (aliases(document).length > 0) return { document, value: undefined };
    const value: unknown = document.toJS();
    return { document, value: value === null && document.errors.length === 0 ? {} : value };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Fault {
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
  /** Whether what stands after it can be trusted no more. */
  readonly fatal: boolean;
}

function syntaxProblems(document: Document, text: string): Fault[] {
  const faults = [...document.errors, ...document.warnings].map((error): Fault => {
    const offset = error.pos[0];
    if (error.code === 'DUPLICATE_KEY') {
      return { offset, message: 'This key is there twice.', fix: 'Keep one of the two.', fatal: false };
    }
    const handle = error.code === 'BAD_SCALAR_START' && text[offset] === '@';
    return {
      offset,
      // The parser's own words may quote the line, and so a secret.
      message: handle ? 'YAML cannot begin a plain word with @.' : `This is not valid YAML (${error.code}).`,
      fix: handle ? 'Put the handle in quotes.' : 'Correct it here; the cause may be on the lines above.',
      fatal: document.errors.some((one) => one === error),
    };
  });
  for (const offset of aliases(document)) {
    const message = 'Anchors and aliases are not read here.';
    faults.push({ offset, message, fix: 'Write the value out in full.', fatal: false });
  }
  return faults;
}

function aliases(document: Document): number[] {
  const found: number[] = [];
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor !== undefined) found.push(node.range?.[0] ?? 0);
    },
  });
  return found;
}

/** This file is kept where many may read it. */
function secretProblems(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Scalar: (_, node) => {
      const text = typeof node.value === 'string' ? node.value : '';
      if (containsSecret(text) === null && kindOf(text) === null) return;
      const offset = node.range?.[0] ?? 0;
      faults.push({ offset, message: 'A secret stands here.', fix: HELD_BACK, fatal: false });
    },
  });
  return faults;
}

/** Where the value at the problem's path stands, or the key that leads to it. */
function locate(document: Document, { path, at }: SchemaProblem): { start: number; end: number } {
  let key: Node | null = null;
  let value: unknown = document.contents;
  for (const part of path) {
    if (isMap(value)) {
      // Of two equal keys the later one counts, as in toJS.
      const pair = value.items.findLast((item) => isScalar(item.key) && item.key.value === part);
      if (pair === undefined) break;
      key = isNode(pair.key) ? pair.key : null;
      value = pair.value;
    } else if (isSeq(value) && typeof part === 'number') {
      key = null;
      value = value.items[part];
    } else break;
  }
  const [start, end] = (isNode(value) ? value.range : null) ?? [0, 0];
  const [keyStart, keyEnd] = key?.range ?? [start, end];
  if (at === 'key') return { start: keyStart, end: keyEnd };
  // An empty value stands nowhere: its key does, and what it lacks may be what was misread.
  return start === end ? { start: keyStart, end: Number.POSITIVE_INFINITY } : { start, end };
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset);
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
}

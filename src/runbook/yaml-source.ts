// Reads YAML text that a stranger may have written: bounded in size, nesting and number of nodes before it is
// composed, plain values only, and able to say where in the text each value stands.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

/** A mistake in the text, at an offset in UTF-16 code units. */
export interface SourceProblem {
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
}

export interface YamlSource {
  readonly problems: readonly SourceProblem[];
  /** The plain value; undefined when the text has none that can be trusted. */
  readonly value: unknown;
  /** Offset of the first syntax error: what stands after it may be misread. Infinity when there is none. */
  readonly reliableUntil: number;
  /** Start and end of the value at `path`, or of the key that leads to it. */
  locate(
    path: readonly (string | number)[],
    at: 'key' | 'value',
  ): { readonly start: number; readonly end: number };
  position(offset: number): { readonly line: number; readonly column: number };
}

export const MAX_BYTES = 256 * 1024;
// A full runbook needs 6 levels and a few thousand nodes. Unbounded nesting would overflow the composer's stack.
const MAX_DEPTH = 32;
const MAX_NODES = 10_000;

const CORRECT = 'Correct the YAML here; the cause may be on the lines above.';
const FIXES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Line it up with its neighbours, with spaces.',
  MULTIPLE_DOCS: 'Put each runbook into a file of its own.',
  NON_STRING_KEY: 'Write the key as a plain word.',
  TAG_RESOLVE_FAILED: 'Remove the tag.',
};

export function readYaml(text: string): YamlSource {
  const position = (offset: number) => positionIn(text, offset);
  const excess = Buffer.byteLength(text, 'utf8') > MAX_BYTES ? 'is larger than 256 KiB' : overgrowth(text);
  if (excess !== null) {
    const problem = {
      offset: 0,
      message: `The file ${excess}.`,
      fix: 'A runbook is a short list: take out what is not one.',
    };
    const locate = () => ({ start: 0, end: 0 });
    return { problems: [problem], value: undefined, reliableUntil: 0, locate, position };
  }
  const document = parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    // Errors are returned in any case; this only keeps the parser from warning on stderr by itself.
    logLevel: 'error',
  });
  const references = referenceProblems(document, text);
  const syntax = [...document.errors, ...document.warnings];
  return {
    problems: [...syntax.map(syntaxProblem), ...references],
    // Aliases make a tree of few nodes unfold into very many.
    value: references.length > 0 ? undefined : document.toJS(),
    reliableUntil: document.errors
      .filter((error) => error.code !== 'DUPLICATE_KEY')
      .reduce((first, error) => Math.min(first, error.pos[0]), Number.POSITIVE_INFINITY),
    locate: (path, at) => locate(document, path, at),
    position,
  };
}

/** Counted on the text itself: the parser's own LineCounter misses line breaks behind some syntax errors. */
function positionIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

function syntaxProblem(error: YAMLError): SourceProblem {
  const offset = error.pos[0];
  if (error.code === 'DUPLICATE_KEY') {
    return { offset, message: 'This key is there twice in the same mapping.', fix: 'Keep one of the two.' };
  }
  const message = error.message.replace(/; please use YAML\.\w+\(\)$/, '').replace(/\.?$/, '.');
  return { offset, message: `YAML: ${message}`, fix: FIXES[error.code] ?? CORRECT };
}

/** What the text has too much of, found on its tokens without recursion; null when it is within bounds. */
function overgrowth(text: string): string | null {
  let nodes = 0;
  for (const token of new Parser().parse(text)) {
    const waiting: { token: unknown; depth: number }[] = [{ token, depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { token: current, depth } = next;
      if (typeof current !== 'object' || current === null) continue;
      nodes += 1;
      if (depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
      if (nodes > MAX_NODES) return `has more than ${MAX_NODES.toLocaleString('en')} values`;
      if ('items' in current && Array.isArray(current.items)) {
        for (const item of current.items) waiting.push({ token: item, depth: depth + 1 });
      }
      if ('key' in current) waiting.push({ token: current.key, depth });
      if ('value' in current) waiting.push({ token: current.value, depth });
    }
  }
  return null;
}

function referenceProblems(document: Document, text: string): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const message = 'A runbook has no anchors or aliases.';
  visit(document, {
    Node: (_, node) => {
      const start = node.range?.[0] ?? 0;
      if (isAlias(node)) problems.push({ offset: start, message, fix: 'Write the value out in full.' });
      else if (node.anchor !== undefined) {
        problems.push({
          offset: text.lastIndexOf('&', start),
          message,
          fix: `Remove &${node.anchor.slice(0, 40)}.`,
        });
      }
    },
  });
  return problems;
}

function locate(document: Document, path: readonly (string | number)[], at: 'key' | 'value') {
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
  // An empty value stands nowhere: its key does.
  return at === 'key' || start === end ? { start: keyStart, end: keyEnd } : { start, end };
}

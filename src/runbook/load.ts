// From a YAML file to a checked Runbook, or to every mistake in it at once, each with line, column and fix.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyleakError } from '../domain/errors.ts';
import { type Runbook, runbookSchema } from '../domain/runbook.ts';
import { checkRunbook } from '../domain/runbook-check.ts';
import { folderProblems } from './folder-problems.ts';
import { MAX_BYTES, readYaml, type SourceProblem } from './yaml-source.ts';

/** A mistake in a runbook file. Line and column count from 1, the column in UTF-16 code units. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

export type ParsedRunbook = { readonly runbook: Runbook } | { readonly problems: readonly FileProblem[] };

/** More than this helps nobody. */
const MAX_PROBLEMS = 100;

/** Parses and checks the text of a runbook. `fileName` only labels the problems. */
export function parseRunbook(yamlText: string, fileName: string): ParsedRunbook {
  const source = readYaml(yamlText);
  const faults = [...source.problems];
  if (source.value !== undefined) {
    for (const { path, at, message, fix } of checkRunbook(source.value)) {
      const { start, end } = source.locate(path, at);
      // What follows a syntax error may only look wrong because of it.
      if (end < source.reliableUntil) faults.push({ offset: start, message, fix });
    }
  }
  if (faults.length === 0) return { runbook: runbookSchema.parse(source.value) };
  const shown = shortened(faults.sort((a, b) => a.offset - b.offset));
  return {
    problems: shown.map(({ offset, message, fix }) => ({
      file: fileName,
      ...source.position(offset),
      message,
      fix,
    })),
  };
}

function shortened(faults: readonly SourceProblem[]): readonly SourceProblem[] {
  const last = faults[MAX_PROBLEMS - 1];
  if (last === undefined || faults.length === MAX_PROBLEMS) return faults;
  const hidden = faults.length - MAX_PROBLEMS + 1;
  const rest = {
    offset: last.offset,
    message: `${hidden} more mistakes from here on.`,
    fix: 'Correct those above first.',
  };
  return [...faults.slice(0, MAX_PROBLEMS - 1), rest];
}

/** One line for a person or an editor: `file:line:column: message fix`. */
export function problemLine({ file, line, column, message, fix }: FileProblem): string {
  return `${file}:${line}:${column}: ${message} ${fix}`;
}

/** Reads, parses and checks a file. Throws KL_RUNBOOK_UNREADABLE when there is no file to read. */
export async function parseRunbookFile(path: string): Promise<ParsedRunbook> {
  const bytes = await readBounded(path);
  const whole = (message: string, fix: string) => ({
    problems: [{ file: path, line: 1, column: 1, message, fix }],
  });
  if (bytes === null)
    return whole('The file is larger than 256 KiB.', 'A runbook is a short list: take out what is not one.');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('The file is not UTF-8 text.', 'Save it as UTF-8.');
  }
  return parseRunbook(text, path);
}

/** The runbook in a file. Throws KL_RUNBOOK_INVALID with every mistake, KL_RUNBOOK_UNREADABLE without a file. */
export async function readRunbook(path: string): Promise<Runbook> {
  const parsed = await parseRunbookFile(path);
  if ('problems' in parsed) throw invalid(path, parsed.problems);
  return parsed.runbook;
}

/**
 * All runbooks of a folder (`*.yaml`, `*.yml`) by id. Throws KL_RUNBOOK_INVALID with the mistakes of all files
 * together: two files with one id or prefix, or a step that two files count differently, among them.
 */
export async function loadRunbooks(dir: string): Promise<Map<string, Runbook>> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw unreadable(dir, cause);
  });
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const sound: { file: string; runbook: Runbook }[] = [];
  const problems: FileProblem[] = [];
  for (const name of files) {
    const file = join(dir, name);
    const parsed = await parseRunbookFile(file);
    if ('problems' in parsed) problems.push(...parsed.problems);
    else sound.push({ file, runbook: parsed.runbook });
  }
  problems.push(...folderProblems(sound).map((problem) => ({ line: 1, column: 1, ...problem })));
  if (problems.length > 0) throw invalid(dir, problems);
  return new Map(sound.map(({ runbook }) => [runbook.id, runbook]));
}

/** The bytes of a regular file; null when there are more than MAX_BYTES. A pipe is never opened: it could block. */
async function readBounded(path: string): Promise<Uint8Array | null> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw unreadable(path, undefined);
    return facts.size > MAX_BYTES ? null : await readFile(path);
  } catch (cause) {
    throw cause instanceof KeyleakError ? cause : unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_RUNBOOK_UNREADABLE',
    `No runbook can be read at ${path}.`,
    'Check that the path is right and that the account which runs keyleak may read it.',
    { cause },
  );
}

function invalid(path: string, problems: readonly FileProblem[]): KeyleakError {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return new KeyleakError(
    'KL_RUNBOOK_INVALID',
    `${path} has ${count}:\n${problems.map(problemLine).join('\n')}`,
    'Correct every line named, then check again with: keyleak runbook check FILE',
  );
}

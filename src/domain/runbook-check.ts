// Says everything that is wrong with a runbook at once, each with its place and what to write instead.

import type { z } from 'zod';
import { durationMs, FORMS, runbookSchema } from './runbook.ts';

/** One mistake. `path` leads to the offending value, or to the parent of a missing one. */
export interface RunbookProblem {
  readonly path: readonly (string | number)[];
  /** Whether the key at the end of `path` offends, or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly fix: string;
}

/** All mistakes of a would-be runbook, in shape and between its parts; empty when it is one. */
export function checkRunbook(value: unknown): RunbookProblem[] {
  const shape = runbookSchema.safeParse(value);
  const misshapen = shape.success ? [] : shape.error.issues.flatMap((issue) => shapeProblems(value, issue));
  return [...misshapen, ...prefixProblems(value), ...phaseProblems(value), ...stepProblems(value)];
}

type Path = (string | number)[];

const KINDS: Readonly<Record<string, { is: string; fix: string }>> = {
  string: { is: 'text', fix: 'Write text; put it in quotes if YAML reads it as something else.' },
  array: { is: 'a list', fix: 'Write a list, such as [2m, 4m] or lines that begin with a hyphen.' },
  object: { is: 'a mapping', fix: 'Write `key: value` lines.' },
  boolean: { is: 'true or false', fix: 'Write true or false, without quotes.' },
};

function shapeProblems(value: unknown, issue: z.core.$ZodIssue): RunbookProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const name = nameOf(path);
  if (path.length > 0 && reach(value, path) === undefined) {
    const parent = path.slice(0, -1);
    return [{ path: parent, at: 'value', message: `${name} is missing.`, fix: `Add ${name} here.` }];
  }
  const problem = (message: string, fix: string): RunbookProblem[] => [
    { path, at: 'value', message: `${name} ${message}.`, fix },
  ];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(path).join(', ');
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        message: `${quoted(key)} is not a key that a runbook knows here.`,
        fix: `Remove it, or use one of: ${known}.`,
      }));
    }
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? { is: issue.expected, fix: 'Correct it.' };
      return problem(`must be ${kind.is}`, kind.fix);
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String).join(', ');
      return problem(
        `must be ${issue.values.length === 1 ? '' : 'one of '}${allowed}`,
        'Write that, or remove the line.',
      );
    }
    case 'too_big':
      return issue.origin === 'string'
        ? problem(`has more than ${issue.maximum} characters`, 'Say it in fewer words.')
        : problem(`has more than ${issue.maximum} entries`, 'Remove or merge some.');
    case 'too_small':
      return problem(
        'is empty',
        issue.origin === 'string' ? 'Write it out.' : 'Add an entry, or remove the key if it may be absent.',
      );
    case 'invalid_format': {
      const form = Object.values(FORMS).find(({ pattern }) => String(pattern) === issue.pattern);
      return problem(form?.message ?? 'has the wrong form', form?.fix ?? 'Correct it.');
    }
    default: {
      const fix: unknown = issue.code === 'custom' ? issue.params?.fix : undefined;
      return problem(issue.message, typeof fix === 'string' ? fix : 'Correct it.');
    }
  }
}

function prefixProblems(value: unknown): RunbookProblem[] {
  const prefixes = listAt(value, 'prefixes');
  return prefixes.flatMap((prefix, index) =>
    typeof prefix === 'string' && prefixes.indexOf(prefix) < index
      ? [twice('prefix', prefix, ['prefixes', index])]
      : [],
  );
}

function phaseProblems(value: unknown): RunbookProblem[] {
  const problems: RunbookProblem[] = [];
  const seen = new Set<string>();
  let longest: { text: string; ms: number } | null = null;
  for (const [index, phase] of listAt(value, 'phases').entries()) {
    const path = ['phases', index];
    const id = reach(phase, ['id']);
    if (typeof id === 'string' && seen.has(id)) problems.push(twice('phase', id, [...path, 'id']));
    if (typeof id === 'string') seen.add(id);

    const within = readDuration(reach(phase, ['within']));
    problems.push(...nudgeProblems(phase, path, within));
    if (within === null) continue;
    if (longest !== null && within.ms <= longest.ms) {
      problems.push({
        path: [...path, 'within'],
        at: 'value',
        message: `within ${within.text} is not longer than the ${longest.text} of a phase before it.`,
        fix: 'Put the phases in order of their deadlines.',
      });
    } else longest = within;
  }
  return problems;
}

function nudgeProblems(
  phase: unknown,
  path: Path,
  within: { text: string; ms: number } | null,
): RunbookProblem[] {
  const problems: RunbookProblem[] = [];
  let previous = 0;
  for (const [index, item] of listAt(phase, 'nudges').entries()) {
    const nudge = readDuration(item);
    if (nudge === null) continue;
    const at = { path: [...path, 'nudges', index], at: 'value' } as const;
    if (within !== null && nudge.ms >= within.ms) {
      const message = `The nudge at ${nudge.text} is not before the deadline of ${within.text}.`;
      problems.push({ ...at, message, fix: 'Choose a shorter time, or remove it.' });
    }
    if (nudge.ms <= previous) {
      const message = `The nudge at ${nudge.text} is not later than the one before it.`;
      problems.push({ ...at, message, fix: 'Put the nudges in ascending order, each once.' });
    }
    previous = Math.max(previous, nudge.ms);
  }
  return problems;
}

interface FoundStep {
  readonly id: string;
  readonly path: Path;
  readonly needs: readonly { readonly id: string; readonly path: Path }[];
}

function stepProblems(value: unknown): RunbookProblem[] {
  const problems: RunbookProblem[] = [];
  const steps = new Map<string, FoundStep>();
  for (const step of findSteps(value)) {
    if (steps.has(step.id)) problems.push(twice('step', step.id, [...step.path, 'id']));
    else steps.set(step.id, step);
  }
  for (const step of steps.values()) {
    const named = new Set<string>();
    for (const need of step.needs) {
      if (named.has(need.id)) problems.push(twice('need', need.id, need.path));
      else if (!steps.has(need.id)) {
        const message = `No step of this runbook has the id ${quoted(need.id)}.`;
        problems.push({ path: need.path, at: 'value', message, fix: 'Use the id of a step in this file.' });
      }
      named.add(need.id);
    }
  }
  return [...problems, ...cycleProblems(steps)];
}

/** One problem for each need that closes a circle. */
function cycleProblems(steps: ReadonlyMap<string, FoundStep>): RunbookProblem[] {
  const problems: RunbookProblem[] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const walk = (step: FoundStep): void => {
    trail.push(step.id);
    for (const need of step.needs) {
      const start = trail.indexOf(need.id);
      const next = steps.get(need.id);
      if (start >= 0) {
        const circle = [...trail.slice(start), need.id].join(' needs ');
        const message = `These steps wait for each other: ${circle}.`;
        problems.push({ path: need.path, at: 'value', message, fix: 'Remove one of these needs.' });
      } else if (next !== undefined && !finished.has(need.id)) walk(next);
    }
    trail.pop();
    finished.add(step.id);
  };
  for (const step of steps.values()) if (!finished.has(step.id)) walk(step);
  return problems;
}

function findSteps(value: unknown): FoundStep[] {
  return listAt(value, 'phases').flatMap((phase, phaseIndex) =>
    listAt(phase, 'steps').flatMap((step, stepIndex) => {
      const path = ['phases', phaseIndex, 'steps', stepIndex];
      const id = reach(step, ['id']);
      if (typeof id !== 'string') return [];
      const needs = listAt(step, 'needs').flatMap((need, index) =>
        typeof need === 'string' ? [{ id: need, path: [...path, 'needs', index] }] : [],
      );
      return [{ id, path, needs }];
    }),
  );
}

function twice(what: string, id: string, path: Path): RunbookProblem {
  return {
    path,
    at: 'value',
    message: `The ${what} ${quoted(id)} is there twice.`,
    fix: what === 'need' || what === 'prefix' ? 'Remove one of them.' : 'Give each an id of its own.',
  };
}

function readDuration(value: unknown): { text: string; ms: number } | null {
  if (typeof value !== 'string' || !FORMS.duration.pattern.test(value)) return null;
  return { text: value, ms: durationMs(value) };
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

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = reach(value, [key]);
  return Array.isArray(list) ? list : [];
}

function nameOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last === 'string') return `\`${last}\``;
  return last === undefined ? 'A runbook' : `Entry ${last + 1} of \`${String(path.at(-2))}\``;
}

function keysAt(path: Path): string[] {
  const phase = runbookSchema.shape.phases.element;
  if (path.length === 0) return Object.keys(runbookSchema.shape);
  return Object.keys(path.length === 2 ? phase.shape : phase.shape.steps.element.shape);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

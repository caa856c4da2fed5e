// The error page and the code, held together.

import type { SourceFile } from './imports.ts';

export interface ErrorCodes {
  /** In the code but not on the page. */
  readonly undocumented: readonly string[];
  /** On the page but not in the code. */
  readonly unused: readonly string[];
  /** Sections that lack the sentence or the next step. */
  readonly incomplete: readonly string[];
}

/** Compares the codes in `'KL_…'` literals with the `## KL_…` sections of the page. */
export function compareErrors(files: readonly SourceFile[], page: string): ErrorCodes {
  const used = new Set(
    files.flatMap(({ text }) => [...text.matchAll(/['"`](KL_[A-Z0-9_]+)['"`]/g)].map((m) => m[1] ?? '')),
  );
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section): [string, string] => [section.split('\n')[0]?.trim() ?? '', section]),
  );
  return {
    undocumented: [...used].filter((code) => !sections.has(code)).sort(),
    unused: [...sections.keys()].filter((code) => !used.has(code)).sort(),
    incomplete: [...sections]
      .filter(([, text]) => !/\*\*What happened\.\*\* \S/.test(text) || !/\*\*What to do\.\*\* \S/.test(text))
      .map(([code]) => code),
  };
}

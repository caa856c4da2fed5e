// keyleak runbook check: every mistake in a runbook file at once, with its place and the way out.

import { resolve } from 'node:path';
import { parseRunbookFile, problemLine } from '../runbook/load.ts';
import { EXIT, type Io } from './io.ts';

export async function checkRunbookFile(io: Io, file: string): Promise<number> {
  const parsed = await parseRunbookFile(resolve(io.cwd, file));
  if ('runbook' in parsed) {
    const steps = parsed.runbook.phases.reduce((count, phase) => count + phase.steps.length, 0);
    await io.out(
      `${file}: ok, ${parsed.runbook.id}, ${parsed.runbook.phases.length} phases, ${steps} steps\n`,
    );
    return EXIT.ok;
  }
  for (const problem of parsed.problems) await io.out(`${problemLine({ ...problem, file })}\n`);
  return EXIT.failed;
}

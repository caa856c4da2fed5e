// What is wrong between the runbooks of one folder: each is sound by itself, but an incident has to choose one of them,
// and may be moved from one to another.

import type { Runbook, Step } from '../domain/runbook.ts';

/** A mistake of the runbook in `file`, which stands behind the one that it disagrees with. */
export interface FolderProblem {
  readonly file: string;
  readonly message: string;
  readonly fix: string;
}

/**
 * Ids and prefixes that two files claim; steps of one id that two files count differently, once for each key or once
 * altogether: moving an incident would lose what was done there. In the order of the files.
 */
export function folderProblems(
  files: readonly { readonly file: string; readonly runbook: Runbook }[],
): FolderProblem[] {
  const problems: FolderProblem[] = [];
  const ids = new Set<string>();
  const claims = new Map<string, string>();
  const steps = new Map<string, { readonly each: Step['each']; readonly runbook: string }>();
  for (const { file, runbook } of files) {
    const { id } = runbook;
    const tell = (message: string, fix: string): number => problems.push({ file, message, fix });
    if (ids.has(id)) {
      tell(`Another file of this folder has the id ${id} too.`, 'Give each runbook an id of its own.');
      continue;
    }
    ids.add(id);
    for (const prefix of runbook.prefixes ?? []) {
      const other = claims.get(prefix);
      if (other === undefined) claims.set(prefix, id);
      else tell(`The runbook ${other} claims the prefix ${prefix} too.`, 'Leave it to one of the two.');
    }
    for (const step of runbook.phases.flatMap((phase) => phase.steps)) {
      const other = steps.get(step.id);
      if (other === undefined) steps.set(step.id, { each: step.each, runbook: id });
      else if (other.each !== step.each) {
        const with_ = step.each === undefined ? 'without' : 'with';
        const message = `The step ${step.id} is ${with_} each: key, other than in the runbook ${other.runbook}.`;
        tell(message, 'Write each as it is there, or give the step an id of its own.');
      }
    }
  }
  return problems;
}

// The runbooks of an installation, and which of them a new incident gets.

import { chooseRunbook } from '../domain/choose-runbook.ts';
import type { Runbook } from '../domain/runbook.ts';
import type { Declaration } from './api.ts';

export interface Runbooks {
  /** By their ids. */
  readonly all: ReadonlyMap<string, Runbook>;
  /** The one that was chosen by hand, else the one that the words speak of, else the usual one. */
  chosenFor(declaration: Pick<Declaration, 'runbook' | 'reports' | 'where'>): Runbook;
}

export function runbooks(all: ReadonlyMap<string, Runbook>, usual: Runbook): Runbooks {
  return {
    all,
    chosenFor: ({ runbook, reports, where }) =>
      all.get(runbook ?? chooseRunbook(all, { reports, where }) ?? '') ?? usual,
  };
}

// Says whether a log is what keyleak wrote: a whole database, one incident of it, or one that was exported.
// Everything is recomputed from the stored texts. Whatever it is given, it answers with findings and never throws.

import { createHash } from 'node:crypto';
import {
  compareWithLogs,
  type KeyUse,
  type UncheckedCheckpoint,
  verifyCheckpoints,
} from './verify-checkpoints.ts';
import { type Finding, type UncheckedEntry, verifyEntries } from './verify-entries.ts';

/**
 * How much of a database is at hand.
 * `database`: all incidents and all checkpoints. `incident`: some incidents, and all checkpoints.
 * `export`: one incident and its own checkpoints, whose numbers have gaps.
 */
export type Extent = 'database' | 'incident' | 'export';

export interface IncidentLog {
  readonly id: string;
  /** In the order in which they are stored. */
  readonly rows: readonly UncheckedEntry[];
}

export interface LogToVerify {
  readonly extent: Extent;
  readonly incidents: readonly IncidentLog[];
  /** In the order in which they are stored. */
  readonly checkpoints: readonly UncheckedCheckpoint[];
  /** Canonical texts of the frozen runbooks; null when they did not come along and are not checked. */
  readonly runbooks: readonly string[] | null;
}

export interface IncidentFacts {
  readonly id: string;
  readonly entries: number;
  /** Hash of the last entry; the empty string when there is none. */
  readonly head: string;
  /** Recomputed hash of each entry in order: what a witness is compared with. */
  readonly heads: readonly string[];
  readonly checkpoints: number;
  /** Free texts that were purged. */
  readonly purged: number;
}

export interface Verification {
  /** Empty when the log is sound. */
  readonly findings: readonly Finding[];
  readonly incidents: readonly IncidentFacts[];
  readonly checkpoints: number;
  /** Keys whose signatures hold, in order of use. A change of key is no finding: it is for people to judge. */
  readonly keys: readonly KeyUse[];
}

export function verifyLog(log: LogToVerify): Verification {
  const chains = log.incidents.map(({ id, rows }) => ({ id, ...verifyEntries(id, rows) }));
  const signed = verifyCheckpoints(log.checkpoints, log.extent !== 'export');
  const heads = new Map(chains.map((chain) => [chain.id, chain.heads]));
  const compared = compareWithLogs(signed.facts, heads, log.extent !== 'incident');
  const frozen =
    log.runbooks === null
      ? null
      : new Set(log.runbooks.map((text) => createHash('sha256').update(text, 'utf8').digest('hex')));
  return {
    findings: [
      ...chains.flatMap(({ id, findings, runbooks }) => [
        ...findings,
        ...checkRunbooks(id, runbooks, frozen),
      ]),
      ...twice(log.incidents),
      ...signed.findings,
      ...compared,
    ],
    incidents: chains.map((chain) => ({
      id: chain.id,
      entries: chain.heads.length,
      head: chain.heads.at(-1) ?? '',
      heads: chain.heads,
      checkpoints: signed.facts.filter(({ incident }) => incident === chain.id).length,
      purged: chain.purged,
    })),
    checkpoints: log.checkpoints.length,
    keys: signed.keys,
  };
}

function checkRunbooks(
  incident: string,
  runbooks: readonly string[],
  frozen: ReadonlySet<string> | null,
): readonly Finding[] {
  if (frozen === null || runbooks.every((sha256) => frozen.has(sha256))) return [];
  return [{ incident, seq: 1, problem: 'The runbook that was frozen into it is missing or was changed.' }];
}

function twice(incidents: readonly IncidentLog[]): readonly Finding[] {
  const seen = new Set<string>();
  return incidents.flatMap(({ id }): Finding[] => {
    if (seen.has(id)) return [{ incident: id, seq: null, problem: 'The incident is there twice.' }];
    seen.add(id);
    return [];
  });
}

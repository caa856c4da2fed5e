// Checks signed checkpoints against docs/log-format.md: their own chain, their signatures, and the logs they speak of.

import type { KeyObject } from 'node:crypto';
import { type CheckpointFacts, checkpointHash, fingerprintOf, signatureHolds } from './checkpoint.ts';
import {
  isCount,
  isHex64,
  isText,
  isTimestamp,
  readCanonical,
  type Shape,
  textOrEmpty,
} from './read-canonical.ts';
import { GENESIS } from './seal.ts';
import { type Finding, quoted } from './verify-entries.ts';

/** A checkpoint from a place that is not trusted: a `Checkpoint` of which nothing is known yet. */
export interface UncheckedCheckpoint {
  readonly n: unknown;
  readonly incident: unknown;
  readonly count: unknown;
  readonly head: unknown;
  readonly text: unknown;
  readonly signature: unknown;
}

/** A run of checkpoints signed with one key. More than one run means that the key changed. */
export interface KeyUse {
  readonly fingerprint: string;
  /** Numbers of the first and the last checkpoint of the run. */
  readonly from: number;
  readonly to: number;
}

export interface CheckpointChain {
  readonly findings: readonly Finding[];
  readonly keys: readonly KeyUse[];
  /** What the readable checkpoints say, in order. */
  readonly facts: readonly CheckpointFacts[];
}

const CHECKPOINT: Shape<CheckpointFacts> = {
  n: isCount,
  incident: isText,
  count: isCount,
  head: isHex64,
  prev: isHex64,
  public_key: isText,
  signed_at: isTimestamp,
};

/**
 * Checks checkpoints, given in the order in which they are stored. `whole` is true when they are all that a database
 * has; otherwise they are those of one incident, whose numbers have gaps that no link can be checked across.
 */
export function verifyCheckpoints(
  checkpoints: readonly UncheckedCheckpoint[],
  whole: boolean,
): CheckpointChain {
  const findings: Finding[] = [];
  const keys: KeyUse[] = [];
  const known = new Map<string, KeyObject>();
  const all: CheckpointFacts[] = [];
  const counts = new Map<string, number>();
  let before: { readonly n: number; readonly text: string } | null = null;
  checkpoints.forEach((checkpoint, index) => {
    const place = `The checkpoint in place ${index + 1}`;
    const text = textOrEmpty(checkpoint.text);
    const facts = readCanonical(text, CHECKPOINT);
    if (typeof facts === 'string') {
      findings.push({ incident: null, seq: null, problem: `${place} ${facts}.` });
      before = null;
      return;
    }
    const { n, incident, count } = facts;
    const report = (problem: string): void => {
      findings.push({ incident, seq: null, problem: `Checkpoint ${n} ${problem}.` });
    };
    for (const name of ['n', 'incident', 'count', 'head'] as const) {
      if (checkpoint[name] !== facts[name]) report(`is stored with another ${name} than was signed`);
    }
    const expected = whole ? index + 1 : null;
    if (expected !== null && n !== expected)
      report(`stands in place ${expected}: checkpoints are missing or mixed up`);
    if (expected === null && n <= (all.at(-1)?.n ?? 0)) report('does not come after the one before it');
    const prev = prevOf(n, before);
    if (prev !== null && facts.prev !== prev) report('does not continue the checkpoint before it');
    if (count <= (counts.get(incident) ?? 0)) report('speaks of no more entries than the one before it');
    counts.set(incident, count);
    if (!isText(checkpoint.signature) || !signatureHolds(text, checkpoint.signature, facts.public_key, known))
      report('has a signature that does not hold');
    else noteKey(keys, fingerprintOf(facts.public_key), n);
    all.push(facts);
    before = { n, text };
  });
  return { findings, keys, facts: all };
}

/** What a checkpoint's `prev` must be; null when the one before it is not at hand. */
function prevOf(n: number, before: { readonly n: number; readonly text: string } | null): string | null {
  if (n === 1) return GENESIS;
  return before !== null && before.n === n - 1 ? checkpointHash(before.text) : null;
}

function noteKey(keys: KeyUse[], fingerprint: string, n: number): void {
  const last = keys.at(-1);
  if (last?.fingerprint === fingerprint) keys[keys.length - 1] = { ...last, to: n };
  else keys.push({ fingerprint, from: n, to: n });
}

/**
 * What checkpoints say of the logs. `heads` has the recomputed hashes of each incident at hand. `complete` is true
 * when an incident that is not at hand does not exist.
 */
export function compareWithLogs(
  facts: readonly CheckpointFacts[],
  heads: ReadonlyMap<string, readonly string[]>,
  complete: boolean,
): readonly Finding[] {
  const findings: Finding[] = [];
  const last = new Map<string, number>();
  const strangers = new Set<string>();
  for (const { n, incident, count, head } of facts) {
    const chain = heads.get(incident);
    if (chain === undefined) {
      if (complete) strangers.add(incident);
      continue;
    }
    last.set(incident, count);
    const at = chain[count - 1];
    if (at === undefined)
      findings.push({
        incident,
        seq: null,
        problem: `Checkpoint ${n} speaks of ${count} entries, but there are ${chain.length}.`,
      });
    else if (at !== head)
      findings.push({ incident, seq: count, problem: `Checkpoint ${n} was signed over another entry.` });
  }
  for (const incident of strangers)
    findings.push({
      incident,
      seq: null,
      problem: `Checkpoints speak of ${quoted(incident)}, which is not there.`,
    });
  for (const [incident, chain] of heads) {
    const covered = last.get(incident);
    if (covered === undefined) findings.push({ incident, seq: null, problem: 'No checkpoint speaks of it.' });
    else if (covered < chain.length)
      findings.push({
        incident,
        seq: covered + 1,
        problem: `The last checkpoint speaks of ${covered} entries, but there are ${chain.length}.`,
      });
  }
  return findings;
}

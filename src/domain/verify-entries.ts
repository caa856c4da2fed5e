// Checks the stored rows of one incident against docs/log-format.md, from the stored text alone. Never throws.

import {
  hasExactly,
  isCount,
  isHex64,
  isRecord,
  isText,
  isTimestamp,
  readCanonical,
  type Shape,
  textOrEmpty,
} from './read-canonical.ts';
import { entryHash, GENESIS, textHash } from './seal.ts';

/** One thing that is wrong, in a plain sentence. `incident` and `seq` say where, as far as that can be said. */
export interface Finding {
  readonly incident: string | null;
  readonly seq: number | null;
  readonly problem: string;
}

/** A row of the log from a place that is not trusted: a `StoredEntry` of which nothing is known yet. */
export interface UncheckedEntry {
  readonly seq: unknown;
  readonly text: unknown;
  readonly hash: unknown;
  readonly texts: unknown;
}

/** What the rows of one incident say, recomputed. */
export interface EntryChain {
  readonly findings: readonly Finding[];
  /** Hash of each row in order: the head of a log of `count` entries is `heads[count - 1]`. */
  readonly heads: readonly string[];
  /** How many free texts were purged. */
  readonly purged: number;
  /** SHA-256 of each runbook that an `incident.declared` froze into the incident: one in a sound log. */
  readonly runbooks: readonly string[];
}

interface EntryMembers {
  readonly seq: number;
  readonly incident: string;
  readonly kind: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly prev: string;
}

const ENTRY: Shape<EntryMembers> = {
  seq: isCount,
  incident: isText,
  kind: isText,
  occurred_at: isTimestamp,
  recorded_at: isTimestamp,
  actor: isText,
  data: isRecord,
  prev: isHex64,
};

type Report = (seq: number | null, problem: string) => void;

/** Checks the rows of `incident`, given in the order in which they are stored. */
export function verifyEntries(incident: string, rows: readonly UncheckedEntry[]): EntryChain {
  const findings: Finding[] = [];
  const report: Report = (seq, problem) => findings.push({ incident, seq, problem });
  if (rows.length === 0) report(null, 'The incident has no entries.');

  const heads = rows.map(({ text }) => entryHash(textOrEmpty(text)));
  const entries = rows.map(({ text }, index) => {
    const read = readCanonical(textOrEmpty(text), ENTRY);
    if (typeof read !== 'string') return read;
    report(index + 1, `The entry ${read}.`);
    return null;
  });
  checkChain(incident, rows, heads, entries, report);
  const purges = purgesOf(entries);
  let purged = 0;
  rows.forEach(({ texts }, index) => {
    const committed = commitmentsIn(entries[index]?.data ?? {});
    purged += checkTexts(index + 1, texts, entries[index] === null ? null : committed, purges, report);
  });
  return { findings, heads, purged, runbooks: runbooksIn(entries) };
}

function checkChain(
  incident: string,
  rows: readonly UncheckedEntry[],
  heads: readonly string[],
  entries: readonly (EntryMembers | null)[],
  report: Report,
): void {
  let latest = '';
  rows.forEach((row, index) => {
    const seq = index + 1;
    if (row.seq !== seq) report(seq, `The row in place ${seq} is stored under another number.`);
    if (row.hash !== heads[index]) report(seq, 'The stored hash is not the hash of the entry.');
    const entry = entries[index];
    if (!entry) return;
    if (entry.seq !== seq) report(seq, `The entry in place ${seq} says that it is number ${entry.seq}.`);
    if (entry.incident !== incident) report(seq, 'The entry belongs to another incident.');
    if (entry.prev !== (index === 0 ? GENESIS : heads[index - 1]))
      report(
        seq,
        index === 0 ? 'The first entry continues another.' : 'It does not continue the entry before it.',
      );
    // Timestamps of this one form sort as text.
    if (entry.recorded_at < latest) report(seq, 'It was recorded before the entry that stands before it.');
    else latest = entry.recorded_at;
  });
}

/** Field names and hashes of the free texts that an entry commits to: members of `data` that hold only `text_sha256`. */
function commitmentsIn(data: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(data).flatMap(([field, value]): [string, unknown][] =>
      isRecord(value) && hasExactly(value, ['text_sha256']) ? [[field, value.text_sha256]] : [],
    ),
  );
}

/** Numbers and fields of the texts that a later entry declares purged. */
function purgesOf(entries: readonly (EntryMembers | null)[]): ReadonlySet<string> {
  return new Set(
    entries.flatMap((entry) => {
      if (entry?.kind !== 'text.purged') return [];
      const { seq, field } = entry.data;
      return isCount(seq) && isText(field) && seq < entry.seq ? [`${seq} ${field}`] : [];
    }),
  );
}

/** Checks the texts beside one entry; `committed` is null when the entry cannot be read. Returns how many are purged. */
function checkTexts(
  seq: number,
  texts: unknown,
  committed: ReadonlyMap<string, unknown> | null,
  purges: ReadonlySet<string>,
  report: Report,
): number {
  if (!isRecord(texts)) {
    report(seq, 'The texts beside the entry cannot be read.');
    return 0;
  }
  const present = new Map(Object.entries(texts));
  if (committed === null) return 0;
  for (const field of present.keys()) {
    if (!committed.has(field))
      report(seq, `It carries a text ${quoted(field)} that the entry does not commit to.`);
  }
  let purged = 0;
  for (const [field, hash] of committed) {
    const gone = purges.has(`${seq} ${field}`);
    if (!present.has(field)) {
      if (gone) purged += 1;
      else report(seq, `The text ${quoted(field)} is missing, and no entry says that it was purged.`);
    } else if (gone) {
      report(seq, `The text ${quoted(field)} is still there, though an entry says that it was purged.`);
    } else if (!isTextOf(present.get(field), hash)) {
      report(seq, `The text ${quoted(field)} is not the one that the entry commits to.`);
    }
  }
  return purged;
}

/** The digits of a salt are compared too: hex decoding would take upper case and stop at the first wrong digit. */
function isTextOf(value: unknown, hash: unknown): boolean {
  if (!isRecord(value) || !hasExactly(value, ['salt', 'text'])) return false;
  const { salt, text } = value;
  return isHex64(salt) && isText(text) && text.isWellFormed() && textHash({ salt, text }) === hash;
}

function runbooksIn(entries: readonly (EntryMembers | null)[]): readonly string[] {
  return entries.flatMap((entry) => {
    const runbook = entry?.kind === 'incident.declared' ? entry.data.runbook : undefined;
    return isRecord(runbook) && isText(runbook.sha256) ? [runbook.sha256] : [];
  });
}

/** A name out of the log, short enough for a sentence. */
export function quoted(name: string): string {
  return `“${name.slice(0, 40)}”`;
}

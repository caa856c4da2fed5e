// Turns an exported .json or .ndjson file back into what can be verified. Nothing in the file is believed: what does
// not fit becomes a finding or a row that fails, and only a file that is no export at all is refused.

import { KeyleakError } from '../domain/errors.ts';
import { canonicalOrNull, hasExactly, isRecord } from '../domain/read-canonical.ts';
import type { UncheckedCheckpoint } from '../domain/verify-checkpoints.ts';
import type { Finding, UncheckedEntry } from '../domain/verify-entries.ts';
import type { LogToVerify } from '../domain/verify-log.ts';

const FORMAT = 'keyleak.export.v1';

export interface ExportedLog {
  /** As the header says. */
  readonly incident: string;
  readonly log: LogToVerify;
  /** What is wrong with the file around the log. */
  readonly findings: readonly Finding[];
}

type Json = Readonly<Record<string, unknown>>;

interface Parts {
  readonly header: Json;
  readonly entries: readonly unknown[];
  readonly checkpoints: readonly unknown[];
  /** Undefined when the form carries none. */
  readonly runbook: unknown;
  readonly problems: readonly string[];
}

/** Reads the text of a file that `keyleak export --format json` or `ndjson` wrote. Throws KL_EXPORT_UNREADABLE. */
export function readExport(text: string): ExportedLog {
  const source = text.replace(/^\ufeff/, '');
  const parts = readJson(source) ?? readNdjson(source);
  const incident = parts?.header.incident;
  if (parts === null || parts.header.format !== FORMAT || typeof incident !== 'string') throw unreadable();
  const rows = parts.entries.map(rowOf);
  return {
    incident,
    log: {
      extent: 'export',
      incidents: [{ id: incident, rows }],
      checkpoints: parts.checkpoints.map(checkpointOf),
      runbooks: parts.runbook === undefined ? null : [canonicalOrNull(parts.runbook) ?? ''],
    },
    findings: [
      ...parts.problems,
      ...overdone(parts.checkpoints),
      ...headerProblems(parts.header, parts.entries),
    ].map((problem) => ({ incident, seq: null, problem })),
  };
}

function readJson(text: string): Parts | null {
  const whole = parse(text);
  if (!isRecord(whole) || !isRecord(whole.export) || !('entries' in whole)) return null;
  const problems: string[] = [];
  const list = (name: string): readonly unknown[] => {
    const value = whole[name];
    if (Array.isArray(value)) return value;
    problems.push(`The file has no list of ${name}.`);
    return [];
  };
  const parts = {
    header: whole.export,
    entries: list('entries'),
    checkpoints: list('checkpoints'),
    runbook: whole.runbook ?? null,
  };
  if (!hasExactly(whole, ['export', 'runbook', 'entries', 'checkpoints']))
    problems.push('The file has other parts than an export has.');
  return { ...parts, problems };
}

function readNdjson(text: string): Parts | null {
  const lines = text.split('\n').map((line, index) => ({ value: parse(line), number: index + 1, line }));
  const [first, ...rest] = lines.filter(({ line }) => line.trim() !== '');
  if (!isRecord(first?.value) || !isRecord(first.value.export)) return null;
  const entries: unknown[] = [];
  const checkpoints: unknown[] = [];
  const problems: string[] = hasExactly(first.value, ['export'])
    ? []
    : ['The header has more than it should have.'];
  for (const { value, number } of rest) {
    if (isRecord(value) && 'kind' in value) entries.push(value);
    else if (isRecord(value) && hasExactly(value, ['checkpoint'])) checkpoints.push(value.checkpoint);
    else problems.push(`Line ${number} is neither an entry nor a checkpoint.`);
  }
  return { header: first.value.export, entries, checkpoints, runbook: undefined, problems };
}

/** The hashed text is written anew from all members but `hash` and `texts`, so that one too many shows in the hash. */
function rowOf(value: unknown): UncheckedEntry {
  if (!isRecord(value)) return { seq: null, text: '', hash: null, texts: {} };
  const { hash, texts = {}, ...hashed } = value;
  return { seq: hashed.seq, text: canonicalOrNull(hashed) ?? '', hash, texts };
}

function checkpointOf(value: unknown): UncheckedCheckpoint {
  const { n, incident, count, head, text, signature } = isRecord(value) ? value : {};
  return { n, incident, count, head, text, signature };
}

function overdone(checkpoints: readonly unknown[]): string[] {
  const names = ['n', 'incident', 'count', 'head', 'text', 'signature'];
  return checkpoints.every((value) => isRecord(value) && hasExactly(value, names))
    ? []
    : ['A checkpoint has other members than a checkpoint has.'];
}

/** The header is signed by nobody; people read it all the same, so it must say what the log says. */
function headerProblems(header: Json, entries: readonly unknown[]): string[] {
  const first = entries[0];
  const last = entries.at(-1);
  const data = isRecord(first) ? first.data : undefined;
  const said: readonly [name: string, value: unknown][] = [
    ['entries', entries.length],
    ['head', isRecord(last) ? last.hash : undefined],
    ['uid', isRecord(data) ? data.uid : undefined],
  ];
  return said
    .filter(([name, value]) => header[name] !== value)
    .map(([name]) => `The header says another ${name} than the log.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(): KeyleakError {
  return new KeyleakError(
    'KL_EXPORT_UNREADABLE',
    'The file is not an export of keyleak in json or ndjson, or it was cut or changed beyond reading.',
    'Export the incident again with keyleak export KL-… --format json, and verify that file.',
  );
}

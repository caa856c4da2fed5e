// What `keyleak verify` says of a log: one line an incident, the keys that signed, and everything that is wrong.

import type { Finding } from '../domain/verify-entries.ts';
import { type LogToVerify, type Verification, verifyLog } from '../domain/verify-log.ts';
import { compareWithWitness, parseWitness } from '../domain/witness.ts';
import { printable } from './printable.ts';

/** Findings shown for one incident; a log that was hashed anew has thousands that all say the same. */
const SHOWN = 20;

export interface Judgement extends Verification {
  /** The witness that agreed; null when none was given or it did not. */
  readonly witness: string | null;
}

/** Verifies a log, and its one incident against `witness` if one is given. Throws KL_WITNESS_FORM. */
export function judge(
  gathered: { readonly log: LogToVerify; readonly findings: readonly Finding[] },
  witness: string | null,
): Judgement {
  const wanted = witness === null ? null : parseWitness(witness);
  const verified = verifyLog(gathered.log);
  const against =
    wanted === null
      ? []
      : verified.incidents.flatMap((incident) => compareWithWitness(incident, wanted) ?? []);
  return {
    ...verified,
    findings: [...gathered.findings, ...verified.findings, ...against],
    witness: wanted === null || against.length > 0 ? null : `${wanted.count}:${wanted.head}`,
  };
}

/** The judgement as lines for stdout. */
export function judgementText(judgement: Judgement): string {
  const { findings, incidents, keys, witness } = judgement;
  const known = new Set(incidents.map(({ id }) => id));
  const lines = incidents.flatMap((incident) => {
    const own = findings.filter((finding) => finding.incident === incident.id);
    const purged = incident.purged === 0 ? '' : `  ${counted(incident.purged, 'text')} purged`;
    return [
      `${incident.id}  ${own.length === 0 ? 'ok' : 'BROKEN'}  ${incident.entries} entries  head ${incident.head.slice(0, 32)}  ${counted(incident.checkpoints, 'checkpoint')}${purged}`,
      ...findingLines(own),
    ];
  });
  const others = findings.filter(({ incident }) => incident === null || !known.has(incident));
  if (others.length > 0) lines.push('checkpoints  BROKEN', ...findingLines(others));
  if (witness !== null) lines.push(`witness  ok  ${witness}`);
  keys.forEach(({ fingerprint, from, to }, index) => {
    lines.push(`key  ${fingerprint}  checkpoints ${from} to ${to}${index === 0 ? '' : '  CHANGED'}`);
  });
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function findingLines(findings: readonly Finding[]): string[] {
  const lines = findings
    .slice(0, SHOWN)
    .map(({ seq, problem }) => `  ${seq === null ? '' : `entry ${seq}: `}${problem}`);
  return findings.length > SHOWN ? [...lines, `  and ${findings.length - SHOWN} more`] : lines;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

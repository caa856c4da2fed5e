// The incident as a Markdown post-mortem: what happened, to which keys, what was done, and every entry with its UTC time.

import { describeEntry } from '../domain/describe.ts';
import type { Case, Incident, KeyState } from '../domain/incident.ts';
import { conditionWord, keyCondition } from '../domain/key-condition.ts';
import { instances } from '../domain/progress.ts';
import type { Dossier } from './dossier.ts';
import { inert } from './markdown-text.ts';
import { conditionWords, entered, moment } from './words.ts';

const wording = { actor: inert, text: inert };

const MARKS = { open: ' ', running: ' ', needs_human: ' ', done: 'x', skipped: '-' } as const;

function keyLine(incident: Incident, key: KeyState): string {
  const of = keyCondition(incident, key);
  const said = conditionWords(of, incident.declaredAt, { ...wording, code: (text) => `\`${text}\`` });
  const state = `  - **${conditionWord(of)}**${said}`;
  if (key.facts === null)
    return [
      `- **${key.subject}**: not identified. Reported as: ${inert(key.words ?? '(text purged)')}`,
      state,
    ].join('\n');
  const { facts } = key;
  const place =
    facts.scope === 'organization'
      ? 'whole organization'
      : inert(facts.workspace?.name ?? facts.workspace?.id ?? '?');
  const owner = key.owner?.name ?? facts.owner?.id;
  return [
    `- **${key.subject}**: ${inert(facts.name)}, \`${facts.id}\`${facts.hint === null ? '' : `, hint \`${facts.hint.replaceAll('`', '')}\``}`,
    `  - workspace ${place}${owner === undefined ? '' : `, owner ${inert(owner)}`}`,
    state,
  ].join('\n');
}

function checklist(subject: Case): string {
  return subject.runbook.phases
    .map((phase) => {
      const done = subject.incident.phases[phase.id];
      const missed = phase.id in subject.incident.missed ? ', deadline missed' : '';
      const lines = instances(subject, phase).map(({ step, subject: key, state }) => {
        const about = key === null ? '' : ` (${key})`;
        const by =
          state.by === null || state.at === null
            ? ''
            : `: ${state.status}, ${inert(state.by)}, ${moment(state.at)}`;
        const reason = state.reason === null ? '' : `. Reason: ${inert(state.reason)}`;
        return `- [${MARKS[state.status]}] ${inert(step.title)}${about}${by}${reason}`;
      });
      const when = done === undefined ? 'not complete' : `complete at ${moment(done)}`;
      return [`### ${inert(phase.title)} (${when}${missed})`, '', ...lines].join('\n');
    })
    .join('\n\n');
}

/** The whole post-mortem. Every entry is one table row with its UTC HH:MM:SS. */
export function exportMarkdown(dossier: Dossier): string {
  const { incident } = dossier.case;
  const rows = dossier.entries.map((logged) => {
    const { entry } = logged;
    const at = entry.recorded_at.slice(0, 19).replace('T', ' ');
    return `| ${entry.seq} | ${at} | ${entry.kind} | ${describeEntry(logged, wording)}${entered(entry)} |`;
  });
  const closed =
    incident.closed === null ? 'open' : `closed ${moment(incident.closed.at)} as ${incident.closed.verdict}`;
  return [
    `# ${incident.id}: leaked API key`,
    '',
    `- Status: ${closed}`,
    `- Severity: ${incident.severity}`,
    `- Declared: ${moment(incident.declaredAt)} by ${inert(incident.declaredBy)}`,
    `- Seen: ${incident.where === null ? '(text purged)' : incident.where === '' ? 'not said' : inert(incident.where)}`,
    '',
    '## Keys',
    '',
    ...incident.keys.map((key) => keyLine(incident, key)),
    '',
    '## Checklist',
    '',
    checklist(dossier.case),
    '',
    '## Timeline (UTC)',
    '',
    '| # | Recorded | Kind | What |',
    '|--:|---|---|---|',
    ...rows,
    '',
    '## Check this log',
    '',
    `Witness: \`${incident.seq}:${incident.head.slice(0, 32)}\`. Compare it with the witnesses posted in the incident's channel, and run \`keyleak verify ${incident.id} --witness COUNT:HEAD\`.`,
    `Exported ${moment(dossier.exportedAt)}.`,
    '',
  ].join('\n');
}

// The incident as a Markdown post-mortem: what happened, to which keys, what was done, and every entry with its UTC time.

import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import { describeEntry, duration } from '../domain/describe.ts';
import type { Case, Incident, KeyState } from '../domain/incident.ts';
import { conditionWord, type KeyCondition, keyCondition } from '../domain/key-condition.ts';
import { instances } from '../domain/progress.ts';
import type { Dossier } from './dossier.ts';
import { inert } from './markdown-text.ts';

dayjs.extend(utc);

const wording = { actor: inert, text: inert };

const MARKS = { open: ' ', running: ' ', needs_human: ' ', done: 'x', skipped: '-' } as const;

function moment(ms: number): string {
  return dayjs.utc(ms).format('YYYY-MM-DD HH:mm:ss [UTC]');
}

function keyLine(incident: Incident, key: KeyState): string {
  const state = `  - ${condition(keyCondition(incident, key), incident.declaredAt)}`;
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

function condition(of: KeyCondition, declaredAt: number): string {
  const word = `**${conditionWord(of)}**`;
  switch (of.is) {
    case 'dead':
      return `${word}: provider says \`${of.status}\`${of.already ? ' (already)' : ''} at ${moment(of.at)}, ${duration(of.at - declaredAt)} after the declaration; asked for by ${inert(of.by)}`;
    case 'not_checked': {
      const { how, by, at } = of;
      const who = by === null ? '' : ` by ${inert(by)}`;
      return `${word}: deactivation ${how === 'skipped' ? 'skipped' : 'marked done by hand'}${who}${at === null ? '' : ` at ${moment(at)}`}; the provider has not confirmed it dead`;
    }
    case 'not_read_back':
      return `${word} in the last listing; the provider was not asked again`;
    case 'live':
      return `${word}: the provider has not confirmed it dead`;
  }
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
    const late = Date.parse(entry.recorded_at) - Date.parse(entry.occurred_at);
    const entered = late > 120_000 ? ` (happened ${duration(late)} before)` : '';
    return `| ${entry.seq} | ${at} | ${entry.kind} | ${describeEntry(logged, wording)}${entered} |`;
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

// The incident as one HTML file that loads nothing and runs nothing, rendered from the data and not from Markdown.

import { createHash } from 'node:crypto';
import { describeEntry } from '../domain/describe.ts';
import type { Case, Incident, KeyState } from '../domain/incident.ts';
import { conditionWord, keyCondition } from '../domain/key-condition.ts';
import { instances } from '../domain/progress.ts';
import type { Dossier } from './dossier.ts';
import { STYLE } from './html-style.ts';
import { escaped } from './html-text.ts';
import { conditionWords, entered, moment } from './words.ts';

const wording = { actor: escaped, text: escaped };
const MARKS = { open: '○', running: '◐', needs_human: '!', done: '✓', skipped: '–' } as const;
const STATES = {
  open: 'open',
  running: 'running',
  needs_human: 'needs a person',
  done: 'done',
  skipped: 'skipped',
} as const;

/** The browser runs and loads nothing but this style. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

export function exportHtml(dossier: Dossier): string {
  const { incident } = dossier.case;
  const title = `${incident.id}: leaked API key`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${facts(incident)}
<h2>Keys</h2>
<ul>
${incident.keys.map((key) => keyItem(incident, key)).join('\n')}
</ul>
<h2>Checklist</h2>
${checklist(dossier.case)}
<h2>Timeline</h2>
${timeline(dossier)}
<h2>Check this log</h2>
<p>Witness: <code>${incident.seq}:${incident.head.slice(0, 32)}</code>. Compare it with the witnesses posted in the incident’s channel, and run <code>keyleak verify ${incident.id} --witness COUNT:HEAD</code>.</p>
<p class="quiet">Exported ${moment(dossier.exportedAt)}.</p>
</main>
</body>
</html>
`;
}

function facts(incident: Incident): string {
  const { closed, where } = incident;
  const rows = [
    ['Status', closed === null ? 'open' : `closed ${moment(closed.at)} as ${closed.verdict}`],
    ['Severity', String(incident.severity)],
    ['Declared', `${moment(incident.declaredAt)} by ${escaped(incident.declaredBy)}`],
    ['Seen', where === null ? '(text purged)' : where === '' ? 'not said' : escaped(where)],
  ];
  return `<dl>\n${rows.map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`).join('\n')}\n</dl>`;
}

function keyItem(incident: Incident, key: KeyState): string {
  const of = keyCondition(incident, key);
  const said = conditionWords(of, incident.declaredAt, {
    ...wording,
    code: (text) => `<code>${text}</code>`,
  });
  const state = `<span class="word${of.is === 'dead' ? ' dead' : ''}">${conditionWord(of)}</span>${said}`;
  const { facts: known } = key;
  if (known === null)
    return `<li><strong>${key.subject}</strong>: not identified. Reported as: ${escaped(key.words ?? '(text purged)')}<br>${state}</li>`;
  const place =
    known.scope === 'organization'
      ? 'whole organization'
      : `workspace ${escaped(known.workspace?.name ?? known.workspace?.id ?? '?')}`;
  const owner = key.owner?.name ?? known.owner?.id;
  const hint = known.hint === null ? '' : `, hint <code>${escaped(known.hint)}</code>`;
  return `<li><strong>${key.subject}</strong>: ${escaped(known.name)}, <code>${escaped(known.id)}</code>${hint}<br>${place}${owner === undefined ? '' : `, owner ${escaped(owner)}`}<br>${state}</li>`;
}

function checklist(subject: Case): string {
  const { incident, runbook } = subject;
  return runbook.phases
    .map((phase) => {
      const done = incident.phases[phase.id];
      const missed = phase.id in incident.missed ? ', deadline missed' : '';
      const steps = instances(subject, phase).map(({ step, subject: key, state }) => {
        const by =
          state.by === null || state.at === null ? '' : `, ${escaped(state.by)}, ${moment(state.at)}`;
        const reason = state.reason === null ? '' : `. Reason: ${escaped(state.reason)}`;
        return `<li><span aria-hidden="true">${MARKS[state.status]}</span> ${escaped(step.title)}${key === null ? '' : ` (${key})`}: ${STATES[state.status]}${by}${reason}</li>`;
      });
      const when = done === undefined ? 'not complete' : `complete at ${moment(done)}`;
      return `<h3>${escaped(phase.title)} <span class="quiet">(${when}${missed})</span></h3>\n<ul class="steps">\n${steps.join('\n')}\n</ul>`;
    })
    .join('\n');
}

function timeline({ entries }: Dossier): string {
  const rows = entries.map((logged) => {
    const { entry } = logged;
    const at = entry.recorded_at.slice(0, 19).replace('T', ' ');
    return `<tr><td>${entry.seq}</td><td><time datetime="${entry.recorded_at}">${at}</time></td><td>${entry.kind}</td><td>${describeEntry(logged, wording)}${entered(entry)}</td></tr>`;
  });
  return `<table>
<caption>Every entry of the log, times in UTC</caption>
<thead><tr><th scope="col">#</th><th scope="col">Recorded</th><th scope="col">Kind</th><th scope="col">What</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

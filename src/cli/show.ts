// keyleak show: one incident with its keys, phases, steps and deadlines.

import type { Case, Incident, KeyState } from '../domain/incident.ts';
import { conditionWord, type KeyCondition, keyCondition } from '../domain/key-condition.ts';
import { dueAt, instances } from '../domain/progress.ts';
import { EXIT, type Io } from './io.ts';
import { readDossier, withLog } from './open-log.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

function keyView(incident: Incident, key: KeyState): object {
  return {
    key: key.subject,
    reported_as: key.words,
    id: key.facts?.id ?? null,
    name: key.facts?.name ?? null,
    hint: key.facts?.hint ?? null,
    workspace: key.facts?.workspace?.name ?? key.facts?.workspace?.id ?? null,
    owner: key.owner?.name ?? key.facts?.owner?.id ?? null,
    state: keyCondition(incident, key).is,
    provider_status: key.dead?.status ?? key.facts?.status ?? null,
    already: key.dead?.already ?? null,
    deactivated_at: key.dead === null ? null : iso(key.dead.at),
    candidates: key.candidates?.keys.map(({ id, name }) => ({ id, name })) ?? [],
  };
}

function conditionWords(condition: KeyCondition): string {
  const word = conditionWord(condition);
  switch (condition.is) {
    case 'dead':
      return `${word} (${condition.already ? 'already ' : ''}${condition.status}, ${iso(condition.at)})`;
    case 'not_checked': {
      const { how, by, at } = condition;
      const who = by === null ? '' : ` by ${by}`;
      return `${word} (deactivation ${how === 'skipped' ? 'skipped' : 'marked done by hand'}${who}${at === null ? '' : `, ${iso(at)}`})`;
    }
    case 'not_read_back':
      return `${word} in the last listing; not read back`;
    case 'live':
      return condition.deactivating ? `${word}, being deactivated` : word;
  }
}

function view({ incident, runbook }: Case): object {
  return {
    id: incident.id,
    status: incident.status,
    severity: incident.severity,
    declared_at: iso(incident.declaredAt),
    declared_by: incident.declaredBy,
    where: incident.where,
    closed_at: incident.closed === null ? null : iso(incident.closed.at),
    keys: incident.keys.map((key) => keyView(incident, key)),
    phases: runbook.phases.map((phase) => {
      const done = incident.phases[phase.id];
      return {
        id: phase.id,
        title: phase.title,
        due_at: iso(dueAt(incident, phase)),
        completed_at: done === undefined ? null : iso(done),
        missed: phase.id in incident.missed,
        steps: instances({ incident, runbook }, phase).map(({ step, subject, state }) => ({
          id: step.id,
          title: step.title,
          key: subject,
          status: state.status,
          by: state.by,
          at: state.at === null ? null : iso(state.at),
          error:
            state.error === null
              ? null
              : { code: state.error.code, message: state.error.message, next: state.error.next },
        })),
      };
    }),
    entries: incident.seq,
    head: incident.head,
  };
}

function words(subject: Case): string {
  const { incident, runbook } = subject;
  const lines = [
    `${incident.id}  ${incident.status}  severity ${incident.severity}`,
    `declared ${iso(incident.declaredAt)} by ${incident.declaredBy}`,
    '',
  ];
  for (const key of incident.keys) {
    const name = key.facts?.name ?? key.words ?? '(text purged)';
    lines.push(`${key.subject}  ${name}  ${conditionWords(keyCondition(incident, key))}`);
  }
  for (const phase of runbook.phases) {
    const missed = phase.id in incident.missed ? ', missed' : '';
    lines.push('', `${phase.title} (due ${iso(dueAt(incident, phase))}${missed})`);
    for (const { step, subject: key, state } of instances(subject, phase)) {
      const about = key === null ? '' : ` (${key})`;
      lines.push(`  ${state.status.replace('_', ' ').padEnd(12)} ${step.title}${about}`);
      if (state.error !== null)
        lines.push(`               ${state.error.code}: ${state.error.message} ${state.error.next}`);
    }
  }
  lines.push('', `log ${incident.seq}:${incident.head.slice(0, 32)}`);
  return `${lines.join('\n')}\n`;
}

export async function show(io: Io, id: string, options: { json?: boolean }): Promise<number> {
  const dossier = await withLog(io, (log) => readDossier(log, id, io.now()));
  await io.out(
    options.json === true ? `${JSON.stringify(view(dossier.case), null, 2)}\n` : words(dossier.case),
  );
  return EXIT.ok;
}

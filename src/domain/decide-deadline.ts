// A deadline that fell due: missed, or met in the meantime.

import { consequences } from './consequences.ts';
import { type Decision, NOTHING, type Situation } from './decision.ts';
import { BOT, type NewEntry } from './entry.ts';
import { type Case, deadlineParts } from './incident.ts';
import { dueAt, isOpenUntil } from './progress.ts';

/**
 * Settles a deadline by its name. `late_ms` in the entry is how long after it was due that was noticed. A clock that was
 * put back since then makes it due again later: nothing is decided before.
 */
export function decideDeadline(subject: Case, name: string, situation: Situation): Decision {
  const { incident, runbook } = subject;
  const { phase: id, key } = deadlineParts(name);
  const phase = runbook.phases.find((candidate) => candidate.id === id);
  const settled = (as: 'missed' | 'met' | 'cancelled') => [{ phase: name, as }];
  if (phase === undefined || incident.status === 'closed')
    return { ...NOTHING, settled: settled('cancelled') };
  if (name in incident.missed) return { ...NOTHING, settled: settled('missed') };
  if (!isOpenUntil(subject, phase, key)) return { ...NOTHING, settled: settled('met') };
  const due = dueAt(incident, phase, key);
  if (situation.now < due) return NOTHING;
  const missed: NewEntry = {
    kind: 'deadline.missed',
    actor: BOT,
    occurredAt: due,
    data: {
      phase: id,
      ...(key === null ? {} : { key }),
      due_at: new Date(due).toISOString(),
      late_ms: Math.max(0, situation.now - due),
    },
  };
  return consequences(subject, { ...NOTHING, entries: [missed], settled: settled('missed') }, situation);
}

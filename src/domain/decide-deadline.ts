// A deadline that fell due: missed, or met in the meantime.

import { consequences } from './consequences.ts';
import { type Decision, NOTHING, type Situation } from './decision.ts';
import { BOT } from './entry.ts';
import type { Case } from './incident.ts';
import { dueAt } from './progress.ts';

/** Settles the deadline of a phase. `late_ms` in the entry is how long after it was due that was noticed. */
export function decideDeadline(subject: Case, phase: string, situation: Situation): Decision {
  const { incident, runbook } = subject;
  const found = runbook.phases.find((candidate) => candidate.id === phase);
  if (found === undefined || incident.status === 'closed') {
    return { ...NOTHING, settled: [{ phase, as: 'cancelled' }] };
  }
  if (phase in incident.missed) return { ...NOTHING, settled: [{ phase, as: 'missed' }] };
  if (phase in incident.phases) return { ...NOTHING, settled: [{ phase, as: 'met' }] };
  const due = dueAt(incident, found);
  return consequences(
    subject,
    {
      ...NOTHING,
      entries: [
        {
          kind: 'deadline.missed',
          actor: BOT,
          occurredAt: due,
          data: { phase, due_at: new Date(due).toISOString(), late_ms: Math.max(0, situation.now - due) },
        },
      ],
      settled: [{ phase, as: 'missed' }],
    },
    situation,
  );
}

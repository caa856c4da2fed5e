// What is written down when it becomes known which key this is, by the provider's listing or by a person.

import type { Situation } from './decision.ts';
import { type Actor, BOT, type NewEntry } from './entry.ts';
import { type Case, keyState, stepState } from './incident.ts';
import type { KeyFacts } from './key.ts';
import { IDENTIFY_STEP, isSettled } from './progress.ts';
import { severityOf } from './severity.ts';

export function identified(
  { incident, runbook }: Case,
  key: string,
  facts: KeyFacts,
  by: { how: 'exact' | 'confirmed'; actor: Actor },
  { now, rules, elsewhere }: Situation,
): { entries: NewEntry[]; severity: number } {
  const others = incident.keys.filter((other) => other.subject !== key).map((other) => other.facts);
  const severity = Math.min(runbook.severity ?? 3, severityOf([...others, facts]));
  const entries: NewEntry[] = [
    {
      kind: 'key.identified',
      actor: by.actor,
      occurredAt: now,
      data: { ...facts, key, how: by.how, severity },
    },
  ];
  const other = elsewhere(facts.id);
  if (other !== null && other !== keyState(incident, key)?.alsoIn)
    entries.push({ kind: 'incident.linked', actor: BOT, occurredAt: now, data: { key, other } });
  const systems = rules.systems(facts);
  if (systems.length + (keyState(incident, key)?.systems.length ?? 0) > 0) {
    entries.push({
      kind: 'systems.listed',
      actor: BOT,
      occurredAt: now,
      data: { key, systems: [...systems] },
    });
  }
  if (!isSettled(stepState(incident, IDENTIFY_STEP, key))) {
    entries.push({
      kind: 'step.completed',
      actor: by.actor,
      occurredAt: now,
      data: { step: IDENTIFY_STEP, key, how: by.how === 'exact' ? 'automatic' : 'by_hand' },
    });
  }
  return { entries, severity };
}

// Which key it is: said by a person who presses its name, or described anew in words.

import { queryFacts, searchFor } from './decide-declare.ts';
import type { RequestCommand } from './decide-request.ts';
import { refused, type Situation, type Verdict } from './decision.ts';
import type { NewEntry } from './entry.ts';
import { identified } from './identified.ts';
import { type Asker, type Case, keyState, stepState } from './incident.ts';
import { decided, isAtLeast, NO_SUCH_STEP, notAllowed } from './judging.ts';
import type { KeyFacts } from './key.ts';
import { IDENTIFY_STEP } from './progress.ts';

/** Entries by which a person names the key. Empty when it is that key already; null when it is another. */
export function naming(
  subject: Case,
  by: Asker,
  key: string,
  candidate: KeyFacts,
  situation: Situation,
): NewEntry[] | null {
  const state = keyState(subject.incident, key);
  // A button may carry an older picture of the same key; only after the provider showed a change is it confirmed anew.
  const changed = state?.candidates?.why === 'changed';
  if (state?.facts?.id === candidate.id && !changed) return [];
  if (state?.facts && state.dead !== null) return null;
  return identified(subject, key, candidate, { how: 'confirmed', actor: by.actor }, situation).entries;
}

export function otherKey(): Verdict {
  return refused({
    code: 'KL_KEY_CHANGED',
    message: 'This button was drawn for another key than the one the incident now has. Nothing was done.',
    next: 'Look at the card again and press the button that it shows now.',
  });
}

export function identify(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'identify' }>,
  situation: Situation,
): Verdict {
  if (keyState(subject.incident, request.key) === null) return refused(NO_SUCH_STEP);
  if (!isAtLeast(by, 'responder')) {
    return notAllowed(by, 'responder', 'say which key it is', IDENTIFY_STEP, request.key, situation.now);
  }
  const known = keyState(subject.incident, request.key)?.facts;
  if (
    known &&
    known.id !== request.candidate.id &&
    stepState(subject.incident, IDENTIFY_STEP, request.key).status === 'done'
  ) {
    return otherKey();
  }
  const entries = naming(subject, by, request.key, request.candidate, situation);
  if (entries === null) return otherKey();
  return entries.length === 0 ? { verdict: 'joined' } : decided(subject, { entries }, situation);
}

export function describe(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'describe' }>,
  situation: Situation,
): Verdict {
  const state = keyState(subject.incident, request.key);
  if (state === null) return refused(NO_SUCH_STEP);
  if (!isAtLeast(by, 'responder') && by.actor !== subject.incident.declaredBy) {
    return notAllowed(by, 'responder', 'describe the key', IDENTIFY_STEP, request.key, situation.now);
  }
  if (state.facts !== null) {
    return refused({
      code: 'KL_KEY_KNOWN',
      message: `The key is identified already: ${state.facts.name}.`,
      next: 'If another key leaked too, declare it with /keyleak.',
    });
  }
  const generation = stepState(subject.incident, IDENTIFY_STEP, request.key).generation + 1;
  const search = searchFor(subject, request.key, request.report.query, generation, situation);
  const reported: NewEntry = {
    kind: 'key.reported',
    actor: by.actor,
    occurredAt: situation.now,
    data: { key: request.key, query: queryFacts(request.report.query) },
    texts: { words: request.report.words },
  };
  return decided(subject, { entries: [reported, ...search.entries], runs: search.runs }, situation);
}

// What a person asks of an open incident: authority, order and double presses are judged here, on the server.

import type { Report } from './decide-declare.ts';
import { deployed } from './decide-deployed.ts';
import { describe, identify } from './decide-naming.ts';
import { assign, complete, perform, skip } from './decide-steps.ts';
import { addKeys, changeRunbook } from './decide-widened.ts';
import { refused, type Situation, type Verdict } from './decision.ts';
import type { NewEntry } from './entry.ts';
import type { Asker, Case } from './incident.ts';
import { decided, isAtLeast, notAllowed, reasonMissing } from './judging.ts';
import type { KeyFacts } from './key.ts';
import { isLive } from './progress.ts';
import type { Runbook } from './runbook.ts';

/** What a person asks. `key` is a local name such as `k1`; null where the step has no key. */
export type RequestCommand =
  | {
      readonly type: 'perform';
      readonly step: string;
      readonly key: string | null;
      readonly candidate: KeyFacts | null;
      /** Id of the replacement that a person chose; the step `replace-key` alone knows it. */
      readonly choice?: string | null;
    }
  | { readonly type: 'identify'; readonly key: string; readonly candidate: KeyFacts }
  | { readonly type: 'describe'; readonly key: string; readonly report: Report }
  | { readonly type: 'complete'; readonly step: string; readonly key: string | null }
  | {
      readonly type: 'skip';
      readonly step: string;
      readonly key: string | null;
      readonly reason: string;
      readonly verdict: 'false_alarm' | null;
    }
  | { readonly type: 'assign'; readonly step: string; readonly key: string | null; readonly assignee: string }
  | { readonly type: 'deployed'; readonly key: string; readonly system: string }
  | { readonly type: 'add-keys'; readonly reports: readonly Report[] }
  | { readonly type: 'change-runbook'; readonly runbook: Runbook }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'close'; readonly verdict: 'resolved' | 'false_alarm'; readonly reason: string };

/** Judges one request against the incident as it stands. Pure and total. */
export function decideRequest(
  subject: Case,
  by: Asker,
  request: RequestCommand,
  situation: Situation,
): Verdict {
  const { incident } = subject;
  if (incident.status === 'closed' && request.type !== 'note') {
    return refused({
      code: 'KL_INCIDENT_CLOSED',
      message: `${incident.id} is closed.`,
      next: 'Declare a new incident with /keyleak if the key is still a danger. Notes can still be added.',
    });
  }
  switch (request.type) {
    case 'perform':
      return perform(subject, by, request, situation);
    case 'identify':
      return identify(subject, by, request, situation);
    case 'describe':
      return describe(subject, by, request, situation);
    case 'complete':
      return complete(subject, by, request, situation);
    case 'skip':
      return skip(subject, by, request, situation);
    case 'assign':
      return assign(subject, by, request, situation);
    case 'deployed':
      return deployed(subject, by, request, situation);
    case 'add-keys':
      return addKeys(subject, by, request, situation);
    case 'change-runbook':
      return changeRunbook(subject, by, request, situation);
    case 'note':
      return note(subject, by, request.text, situation);
    case 'close':
      return close(subject, by, request, situation);
  }
}

function note(subject: Case, by: Asker, text: string, situation: Situation): Verdict {
  if (text.trim() === '') {
    return refused({
      code: 'KL_NOTE_EMPTY',
      message: 'The note is empty, so nothing was added.',
      next: 'Write what you saw or did: /keyleak note <text>.',
    });
  }
  const added: NewEntry = {
    kind: 'note.added',
    actor: by.actor,
    occurredAt: situation.now,
    data: {},
    texts: { text: text.trim() },
  };
  return decided(subject, { entries: [added] }, situation);
}

function close(
  subject: Case,
  by: Asker,
  request: Extract<RequestCommand, { type: 'close' }>,
  situation: Situation,
): Verdict {
  const { incident, runbook } = subject;
  const live = incident.keys.filter((key) => isLive(incident, key));
  if (!isAtLeast(by, 'responder')) {
    return notAllowed(by, 'responder', 'close the incident', null, null, situation.now);
  }
  if (live.length > 0) {
    if (by.role !== 'manager' && request.verdict !== 'false_alarm') {
      return notAllowed(
        by,
        'manager',
        'close the incident over a live key, unless it is a false alarm',
        null,
        live[0]?.subject ?? null,
        situation.now,
      );
    }
    if (request.reason.trim() === '') return reasonMissing('close the incident over a live key');
  }
  const closed: NewEntry = {
    kind: 'incident.closed',
    actor: by.actor,
    occurredAt: situation.now,
    data: { verdict: request.verdict },
    texts: { reason: request.reason.trim() },
  };
  const settled = runbook.phases
    .filter((phase) => !(phase.id in incident.phases) && !(phase.id in incident.missed))
    .map((phase) => ({ phase: phase.id, as: 'cancelled' as const }));
  return decided(subject, { entries: [closed], settled }, situation);
}

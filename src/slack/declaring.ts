// From parsed words to an open incident and the answer to who declared it. Waits for no call to Slack where a responder
// declares.

import type { Report } from '../domain/decide-declare.ts';
import { type Case, keyState } from '../domain/incident.ts';
import type { Declared as Words } from '../domain/key-words.ts';
import { matchKeys } from '../domain/match-keys.ts';
import { DEACTIVATE_STEP, findStep } from '../domain/progress.ts';
import type { Declaration, Declared, Engine } from '../engine/api.ts';
import type { Desk } from './desk.ts';
import type { Origin } from './payload.ts';
import { declaredAnswer, type KeyAnswer, type Opening, refusalAnswer } from './views/answers.ts';
import type { Message } from './views/message.ts';

export interface Leak {
  readonly origin: Origin;
  readonly declared: Words;
  readonly source: Declaration['source'];
  /** Channel in which it was declared. */
  readonly declaredIn: string | null;
  readonly delivery: string | null;
  /** The incident that **Add key** was pressed for; otherwise that of the channel in which it was declared, if any. */
  readonly into?: string;
}

/** Declares, or joins the incident that the key has already. `message` is for the declarer alone. */
export async function declareLeak(
  desk: Desk,
  { origin, declared, source, declaredIn, delivery, into }: Leak,
): Promise<{ readonly outcome: 'declared' | 'refused'; readonly message: Message }> {
  const { engine, people } = desk;
  const forbidden = await people.mayDeclare({ id: origin.user, team: origin.userTeam });
  if (forbidden !== null)
    return {
      outcome: 'refused',
      message: refusalAnswer(forbidden, await people.holders('responder')),
    };
  const by = await people.asker(origin.user);
  const answer = await engine.declare({
    by,
    source,
    team: origin.team,
    enterprise: origin.enterprise,
    reports: declared.reports,
    where: declared.where,
    declaredIn,
    delivery,
    into: into ?? (await incidentOf(engine, declaredIn)),
  });
  if (answer.outcome === 'refused') return { outcome: 'refused', message: refusalAnswer(answer.refusal, []) };
  const { role } = by;
  const action = findStep(answer.case.runbook, DEACTIVATE_STEP)?.uses;
  const message = declaredAnswer({
    case: answer.case,
    role,
    how: openingOf(answer),
    // Whoever is no responder learns nothing of keys, however the answer is drawn.
    keys: role === 'participant' ? [] : keyAnswers(desk, answer.case, declared.reports),
    masked: declared.masked,
    automated: action !== undefined && engine.automated(action),
    unread: engine.keysUnread(),
    lore: { known: engine.keyLore(), now: desk.clock.now() },
  });
  return { outcome: 'declared', message };
}

/** The incident whose own channel this is; null where none or several are handled there. */
async function incidentOf(engine: Engine, channel: string | null): Promise<string | null> {
  const here = channel === null ? [] : await engine.incidentsIn(channel, null);
  return here.length === 1 ? (here[0] ?? null) : null;
}

function openingOf({ outcome, joined }: Declared): Opening {
  if (joined === undefined) return outcome === 'duplicate' ? 'repeated' : 'declared';
  if (joined.added === 0 || outcome === 'duplicate') return 'joined';
  return joined.known === 0 ? 'added' : 'widened';
}

function keyAnswers({ engine }: Desk, subject: Case, reports: readonly Report[]): KeyAnswer[] {
  const listing = engine.cachedKeys();
  return reports.map((report, index) => ({
    subject: subjectOf(subject, report, index),
    words: report.words,
    match: listing === null ? null : matchKeys(report.query, listing),
  }));
}

/** The incident's own name for a reported key; in an incident that was joined it stands wherever it stood before. */
function subjectOf({ incident }: Case, { query, words }: Report, index: number): string {
  const same = incident.keys.find((key) => {
    if (query.shape === 'name') return key.words === words;
    if (query.shape === 'id') return key.facts?.id === query.id || isSame(key.query, query);
    return query.shape === 'hint' && isSame(key.query, query);
  });
  const byOrder = `k${index + 1}`;
  return (same ?? keyState(incident, byOrder) ?? incident.keys[0])?.subject ?? byOrder;
}

function isSame(one: Report['query'], other: Report['query']): boolean {
  if (one.shape === 'id' && other.shape === 'id') return one.id === other.id;
  if (one.shape !== 'hint' || other.shape !== 'hint') return false;
  return one.start === other.start && one.end === other.end;
}

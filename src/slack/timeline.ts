// /keyleak timeline and the buttons that turn its pages. Who may read is judged at every press; a page is read by its
// numbers, so that ten thousand entries are no slower than ten.

import type { Asker } from '../domain/incident.ts';
import type { EntryPage, EntrySpan } from '../domain/ports.ts';
import type { Answering } from './answering.ts';
import { unreadable } from './click-requests.ts';
import type { Desk } from './desk.ts';
import { namedIncident, refusedToRead, unknownIncident } from './incident-name.ts';
import type { TimelineTurn } from './pages.ts';
import { whoMay } from './refusals.ts';
import { refusalAnswer } from './views/answers.ts';
import { timelineAnswer } from './views/timeline.ts';

/** Entries that are read for a page. It shows as many of them as fit. */
const READ = 20;

export async function onTimeline(
  desk: Desk,
  asker: Asker,
  rest: string,
  answering: Answering,
): Promise<void> {
  const { channel } = answering.origin;
  const named = await namedIncident(desk.engine, asker, { channel, rest, others: true });
  if (named.found) return show(desk, { incident: named.id, to: null }, answering);
  const who = await whoMay(desk.people, named.refusal, asker, null);
  return answering.tell(refusalAnswer(named.refusal, who));
}

/** `turn` is null where the button could not be read. */
export async function onTimelineTurn(
  desk: Desk,
  turn: TimelineTurn | null,
  answering: Answering,
): Promise<void> {
  if (turn === null) return answering.tell(refusalAnswer(unreadable(), []));
  const { user, channel } = answering.origin;
  const asker = await desk.people.asker(user);
  const refusal = await refusedToRead(desk.engine, asker, { incident: turn.incident, channel });
  if (refusal === null) return show(desk, turn, answering);
  return answering.tell(refusalAnswer(refusal, await whoMay(desk.people, refusal, asker, null)));
}

async function show({ engine }: Desk, turn: TimelineTurn, answering: Answering): Promise<void> {
  const { incident } = turn;
  const span: EntrySpan = 'from' in turn ? { from: turn.from, limit: READ } : { to: turn.to, limit: READ };
  const page: EntryPage | null = await engine.page(incident, span);
  if (page === null) return answering.tell(refusalAnswer(unknownIncident(incident), []));
  return answering.turn(timelineAnswer(incident, page, 'from' in turn ? 'first' : 'last'));
}

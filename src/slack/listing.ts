// /keyleak list and the buttons that turn its pages: open incidents before closed ones, newest first. Only responders and
// managers learn which there are.

import type { Asker } from '../domain/incident.ts';
import type { IncidentFilter, IncidentRow } from '../domain/ports.ts';
import type { Engine } from '../engine/api.ts';
import type { Answering } from './answering.ts';
import { unreadable } from './click-requests.ts';
import type { Desk } from './desk.ts';
import type { ListScope, ListTurn } from './pages.ts';
import { whoMay } from './refusals.ts';
import { notice, refusalAnswer } from './views/answers.ts';
import { listAnswer } from './views/incident-list.ts';

const ROWS = 20;
/** Above this they are not counted for whoever only learns how many there are. */
const COUNTED = 100;

export async function onList(desk: Desk, asker: Asker, rest: string, answering: Answering): Promise<void> {
  const word = rest.trim().toLowerCase();
  if (word !== '' && word !== 'all' && word !== 'open')
    return answering.tell(notice('Type `/keyleak list` for the open incidents, or `/keyleak list all`.'));
  if (asker.role === 'participant') return count(desk, answering);
  return show(desk, word === 'all' ? 'all' : 'open', null, answering);
}

/** `turn` is null where the button could not be read. */
export async function onListTurn(desk: Desk, turn: ListTurn | null, answering: Answering): Promise<void> {
  if (turn === null) return answering.tell(refusalAnswer(unreadable(), []));
  const asker = await desk.people.asker(answering.origin.user);
  if (asker.role !== 'participant') return show(desk, turn.scope, turn, answering);
  const refusal = {
    code: 'KL_NOT_ALLOWED',
    message: 'You are not allowed to see which incidents there are.',
    next: 'A responder or a manager may. Ask one of them.',
  } as const;
  return answering.tell(refusalAnswer(refusal, await whoMay(desk.people, refusal, asker, null)));
}

async function count({ engine }: Desk, answering: Answering): Promise<void> {
  const { length } = await engine.list({ status: 'open', limit: COUNTED + 1 });
  if (length === 0) return answering.tell(notice('No incident is open.'));
  const many = length > COUNTED ? `More than ${COUNTED}` : String(length);
  const head = length === 1 ? '1 incident is open.' : `${many} incidents are open.`;
  return answering.tell(notice(`${head} Responders and managers see which.`));
}

async function show(
  { engine }: Desk,
  scope: ListScope,
  turn: ListTurn | null,
  answering: Answering,
): Promise<void> {
  const found = await (turn?.way === 'back' ? back(engine, turn) : on(engine, scope, turn));
  return answering.turn(listAnswer(scope, found));
}

interface ListPage {
  readonly rows: readonly IncidentRow[];
  /** Whether there is more before and after these. */
  readonly before: boolean;
  readonly after: boolean;
}

async function on(engine: Engine, scope: ListScope, turn: ListTurn | null): Promise<ListPage> {
  const want = ROWS + 1;
  const beside = turn === null ? {} : { before: turn.number };
  const open = turn?.status === 'closed' ? [] : await engine.list({ status: 'open', limit: want, ...beside });
  const closed: IncidentFilter = {
    status: 'closed',
    limit: want - open.length,
    ...(turn?.status === 'closed' ? beside : {}),
  };
  const more = scope === 'all' && closed.limit > 0 ? await engine.list(closed) : [];
  const rows = [...open, ...more];
  return { rows: rows.slice(0, ROWS), before: turn !== null, after: rows.length > ROWS };
}

async function back(engine: Engine, { status, number }: ListTurn): Promise<ListPage> {
  const want = ROWS + 1;
  const closed = status === 'open' ? [] : await engine.list({ status: 'closed', limit: want, after: number });
  const open: IncidentFilter = {
    status: 'open',
    limit: want - closed.length,
    after: status === 'open' ? number : 0,
  };
  const rows = [...(open.limit > 0 ? await engine.list(open) : []), ...closed];
  return { rows: rows.slice(-ROWS), before: rows.length > ROWS, after: true };
}

// A page of the list of incidents, a line each.

import type { Button } from '@slack/types';
import type { IncidentRow } from '../../domain/ports.ts';
import { ACTION } from '../ids.ts';
import { encodeListTurn, type ListScope, type ListTurn } from '../pages.ts';
import { actions } from './buttons.ts';
import type { Message } from './message.ts';
import { bold, date, lines, type Piece, plain, section } from './words.ts';

/** At most 20 rows; `before` and `after` say whether there is more on either side. */
export function listAnswer(
  scope: ListScope,
  page: { readonly rows: readonly IncidentRow[]; readonly before: boolean; readonly after: boolean },
): Message {
  const { rows } = page;
  const text = headOf(scope, page);
  const turns: Button[] = [];
  const [first] = rows;
  const last = rows.at(-1);
  if (page.before && first !== undefined) turns.push(turnButton('Back', scope, 'back', first));
  if (page.after && last !== undefined) turns.push(turnButton('More', scope, 'on', last));
  return {
    text,
    blocks: [
      section('list', text),
      ...(rows.length === 0 ? [] : [lines('incidents', rows.map(line))]),
      ...(turns.length === 0 ? [] : [actions('turns', turns)]),
    ],
  };
}

function headOf(
  scope: ListScope,
  page: { rows: readonly unknown[]; before: boolean; after: boolean },
): string {
  const { length } = page.rows;
  if (length === 0) return scope === 'open' ? 'No incident is open.' : 'There are no more incidents.';
  if (scope === 'all') return 'Incidents, open ones first, newest first.';
  if (page.before || page.after) return 'Open incidents, newest first.';
  return length === 1 ? '1 incident is open.' : `${length} incidents are open.`;
}

function line(row: IncidentRow): readonly Piece[] {
  return [
    bold(row.id),
    ` · severity ${row.severity} · declared `,
    date(row.declaredAt),
    ...(row.closedAt === null ? [] : [' · closed ', date(row.closedAt)]),
    ...place(row.room),
  ];
}

/** Only channels can be linked to. */
function place(room: string | null): readonly Piece[] {
  return room !== null && /^[CG][A-Z0-9]+$/.test(room) ? [' · ', { type: 'channel', channel_id: room }] : [];
}

function turnButton(label: string, scope: ListScope, way: ListTurn['way'], row: IncidentRow): Button {
  const number = Number(row.id.slice('KL-'.length));
  return {
    type: 'button',
    action_id: `${ACTION.list}:${way}`,
    text: plain(label),
    value: encodeListTurn({ scope, way, status: row.status, number }),
  };
}

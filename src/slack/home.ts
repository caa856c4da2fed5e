// The Home tab, drawn anew whenever somebody opens it. What they see follows from who they are at that moment.

import type { Case } from '../domain/incident.ts';
import type { Desk } from './desk.ts';
import { asRemoteError } from './remote.ts';
import { homeView } from './views/home.ts';

/** Open incidents that are read for one tab. */
const SHOWN = 20;

/** A tab that cannot be drawn costs nothing but itself: the fault is told to the operator. */
export async function drawHome(desk: Desk, user: string): Promise<void> {
  const { engine, people, client } = desk;
  try {
    const { role } = await people.asker(user);
    const rows = await engine.list({ status: 'open', limit: SHOWN + 1 });
    const cases: Case[] = [];
    for (const { id } of rows.slice(0, SHOWN)) {
      const subject = await engine.view(id);
      if (subject !== null) cases.push(subject);
    }
    const view = homeView({ user, role, cases, more: rows.length > SHOWN });
    await client.views.publish({ user_id: user, view });
  } catch (error) {
    desk.onFault(asRemoteError(error, 'draw the Home tab'));
  }
}

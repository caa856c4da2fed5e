// Reminds the room, by name, that a deadline is near; unless by then it is met, or the next reminder is due as well.

import type { Action, ActionWorld } from '../domain/ports.ts';
import { isOpenUntil, startOf } from '../domain/progress.ts';
import { staleAt } from '../domain/reminders.ts';
import { runSubject } from '../domain/run.ts';
import type { Phase } from '../domain/runbook.ts';
import { chatOf, findPosted, noRoomYet, posted, postOnce } from './room.ts';

/** Observes `posted`, or `done` where there is nothing to remind of any more. */
export const postNudge: Action = {
  name: 'slack/post-nudge@1',
  effect: 'creation',
  needs: 'chat',
  maxAttempts: Number.POSITIVE_INFINITY,
  async perform(world) {
    const phase = phaseToRemindOf(world);
    if (phase === null) return { type: 'done' };
    if (world.case.incident.room === null || world.case.incident.card === null) throw noRoomYet();
    const people = await chatOf(world).responders(world.signal);
    const key = runSubject(world.run);
    return posted(
      'nudge',
      await postOnce(world, { type: 'nudge', case: world.case, phase: phase.id, key, people }),
    );
  },
  async find(world) {
    if (world.case.incident.room === null) return null;
    const found = await findPosted(world);
    return found === null ? null : posted('nudge', found);
  },
};

function phaseToRemindOf({ case: subject, run, now }: ActionWorld): Phase | null {
  const phase = subject.runbook.phases.find(({ id }) => id === run.input.phase);
  const key = runSubject(run);
  if (phase === undefined || !isOpenUntil(subject, phase, key)) return null;
  const stale = staleAt(phase, startOf(subject.incident, key), Number(run.input.due));
  return now() < stale ? phase : null;
}

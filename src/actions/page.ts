// Calls people outside Slack by the configured webhook. The page has the same id at every attempt, so that whoever
// receives it can tell a repetition.

import type { PageReason } from '../domain/entry.ts';
import { deadlineName, type Incident } from '../domain/incident.ts';
import type { Action, ActionWorld } from '../domain/ports.ts';
import { isLive } from '../domain/progress.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { runSubject } from '../domain/run.ts';
import { markerOf } from './room.ts';

const TYPES = {
  missed: 'keyleak.deadline.missed',
  unanswered: 'keyleak.unanswered',
  break_glass: 'keyleak.break-glass',
} as const;

/**
 * Observes `paged`; `done` where somebody answered meanwhile. A page that may have gone out already is sent again even
 * then: the receiver knows its id, and the log must not stay in doubt whether somebody was called.
 */
export const page: Action = {
  name: 'paging/page@1',
  effect: 'idempotent',
  needs: 'pager',
  maxAttempts: 20,
  async perform(world) {
    const { pager } = world;
    if (pager === null) throw noPager();
    const { incident } = world.case;
    const reason = world.run.input.reason as PageReason;
    const phase = typeof world.run.input.phase === 'string' ? world.run.input.phase : null;
    const needed = reason !== 'unanswered' || !(incident.answered || incident.status === 'closed');
    if (!needed && !world.run.doubtful) return { type: 'done' };
    const id = markerOf(world);
    await pager.page(
      {
        id,
        type: TYPES[reason],
        at: world.run.createdAt,
        incident: incident.id,
        severity: incident.severity,
        phase,
        liveKeys: incident.keys.filter((key) => isLive(incident, key)).length,
        link: roomLink(incident),
        lateMs: lateness(world, phase),
      },
      world.signal,
    );
    return { type: 'paged', page: id, reason, phase };
  },
};

/** Slack's own address that opens a channel in any client. */
function roomLink({ team, room }: Incident): string | null {
  if (team === null || room === null) return null;
  return `https://slack.com/app_redirect?team=${team}&channel=${room.channel}`;
}

function lateness({ case: { incident }, run }: ActionWorld, phase: string | null): number {
  return phase === null ? 0 : (incident.missed[deadlineName(phase, runSubject(run))] ?? 0);
}

function noPager(): RemoteError {
  return new RemoteError(
    'KL_PAGER_MISSING',
    'No paging webhook is configured here, so nobody was called outside Slack.',
    'Call the next person yourself, and set paging.webhook in keyleak.yml.',
    { outcome: 'refused', reason: 'no pager' },
  );
}

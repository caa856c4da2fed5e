// Work that keyleak does for itself beside the runbook: in the room, at the provider, to wake people.

import type { Situation } from './decision.ts';
import { BOT } from './entry.ts';
import type { NewRun, RunInput } from './run.ts';

const ACTIONS = {
  'open-room': 'slack/open-room@1',
  'post-card': 'slack/post-card@1',
  'pin-card': 'slack/pin-card@1',
  'invite-people': 'slack/invite-people@1',
  'invite-owner': 'slack/invite-owner@1',
  'call-people': 'slack/call-people@1',
  'call-assignee': 'slack/call-assignee@1',
  'post-candidates': 'slack/post-candidates@1',
  'post-witness': 'slack/post-witness@1',
  'post-missed': 'slack/post-missed@1',
  'post-nudge': 'slack/post-nudge@1',
  'remove-nudge': 'slack/remove-nudge@1',
  'remove-twin': 'slack/remove-twin@1',
  'post-undo': 'slack/post-undo@1',
  'tell-managers': 'slack/tell-managers@1',
  page: 'paging/page@1',
  'find-owner': 'anthropic/find-owner@1',
  'measure-impact': 'anthropic/measure-impact@1',
  'watch-replacement': 'anthropic/watch-replacement@1',
  'watch-containment': 'anthropic/watch-containment@1',
} as const;

export type Chore = keyof typeof ACTIONS;

/** Names of runs that stand in no runbook. */
export const CHORES: ReadonlySet<string> = new Set(Object.keys(ACTIONS));

/**
 * A run for a chore; none where its service is not configured. `cause` tells apart runs of one chore and subject: the
 * number of the entry that caused it, so that the same cause never starts it twice.
 */
export function chore(
  step: Chore,
  of: { subject: string | null; cause: number; input: RunInput; notBefore?: number },
  situation: Situation,
): NewRun[] {
  const action = ACTIONS[step];
  if (!situation.automated(action)) return [];
  return [
    {
      step,
      subject: of.subject ?? '-',
      generation: of.cause,
      action,
      input: of.input,
      actor: BOT,
      notBefore: of.notBefore ?? situation.now,
    },
  ];
}

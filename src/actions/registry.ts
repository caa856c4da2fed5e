// Every automated step by its name and version. A runbook that names another falls back to the guide.

import type { Action } from '../domain/ports.ts';
import { callAssignee } from './call-assignee.ts';
import { callPeople } from './call-people.ts';
import { checkContainment, watchContainment } from './containment.ts';
import { deactivateKey } from './deactivate-key.ts';
import { findOwner } from './find-owner.ts';
import { identifyKey } from './identify-key.ts';
import { inviteOwner } from './invite-owner.ts';
import { invitePeople } from './invite-people.ts';
import { measureImpact } from './measure-impact.ts';
import { openRoom } from './open-room.ts';
import { page } from './page.ts';
import { pinCard } from './pin-card.ts';
import { postCandidates } from './post-candidates.ts';
import { postCard } from './post-card.ts';
import { postMissed } from './post-missed.ts';
import { postNudge } from './post-nudge.ts';
import { postUndo } from './post-undo.ts';
import { postWitness } from './post-witness.ts';
import { removeNudge } from './remove-nudge.ts';
import { removeTwin } from './remove-twin.ts';
import { confirmReplacement, watchReplacement } from './replacement.ts';
import { tellManagers } from './tell-managers.ts';

export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  [
    identifyKey,
    deactivateKey,
    findOwner,
    openRoom,
    postCard,
    pinCard,
    invitePeople,
    inviteOwner,
    callPeople,
    callAssignee,
    postCandidates,
    postWitness,
    postMissed,
    postNudge,
    removeNudge,
    removeTwin,
    postUndo,
    tellManagers,
    page,
    measureImpact,
    watchReplacement,
    confirmReplacement,
    watchContainment,
    checkContainment,
  ].map((action) => [action.name, action]),
);

/** Creations: after a crash what they may have made is looked for only once it can no longer be on its way. */
export const PATIENT_ACTIONS: readonly string[] = [...ACTIONS.values()]
  .filter(({ effect }) => effect === 'creation')
  .map(({ name }) => name);

/** Whether an action can be carried out with these services. */
export function automatedWith(services: {
  provider: boolean;
  chat: boolean;
  pager: boolean;
}): (action: string) => boolean {
  return (name) => {
    const action = ACTIONS.get(name);
    return action !== undefined && services[action.needs];
  };
}

// Every button that keyleak shows. The words on them are part of the contract: people and tests find them by these.

import type { ActionsBlock, Button } from '@slack/types';
import type { Incident, KeyState } from '../../domain/incident.ts';
import type { KeyFacts } from '../../domain/key.ts';
import { DEACTIVATE_STEP, REPLACE_STEP, VERIFY_STEP } from '../../domain/progress.ts';
import { ACTION, encodeSeveral, encodeTarget, fitsValue, type Target } from '../ids.ts';
import { deactivateAllDialog, deactivateDialog, type NamedKey, workspaceOf } from './dialogs.ts';
import { outside, plain } from './words.ts';

type Place = Pick<Target, 'incident'> & Partial<Target>;

function target(place: Place): string {
  return encodeTarget({ step: null, key: null, candidate: null, ...place });
}

/** `suffix` tells apart the ids of several buttons of one kind in a block. */
function button(action: string, label: string, place: Place, suffix = ''): Button {
  const text = { ...plain(outside(label, 75)), emoji: true };
  return { type: 'button', action_id: `${action}${suffix}`, text, value: target(place) };
}

/** A block holds at most 25 elements. */
export function actions(id: string, elements: readonly Button[]): ActionsBlock {
  return { type: 'actions', block_id: id, elements: elements.slice(0, 25) };
}

/** The red button, with the question that shows whose key it is and what stops. */
export function deactivateButton(
  incident: Incident,
  subject: string,
  key: KeyFacts,
  named: { candidate: boolean },
): Button {
  const place = {
    incident: incident.id,
    step: DEACTIVATE_STEP,
    key: subject,
    candidate: named.candidate ? key.id : null,
  };
  return {
    ...button(ACTION.deactivate, 'Deactivate key', place),
    style: 'danger',
    confirm: deactivateDialog(incident, subject, key),
  };
}

/** One press for several keys, each of which its question names or counts; null for fewer than two. */
export function deactivateAllButton(incident: Incident, keys: readonly NamedKey[]): Button | null {
  const named = keys.map(({ subject, facts }) => ({ key: subject, candidate: facts.id }));
  const value = encodeSeveral({ incident: incident.id, keys: named });
  if (keys.length < 2) return null;
  if (!fitsValue(value)) return deactivateAllButton(incident, keys.slice(0, -1));
  return {
    type: 'button',
    action_id: ACTION.deactivateAll,
    text: plain('Deactivate all'),
    value,
    style: 'danger',
    confirm: deactivateAllDialog(incident, keys),
  };
}

/** What a button that names a key says: its name, workspace and the end of its hint. */
export function candidateLabel(key: KeyFacts): string {
  const end = key.hint === null ? '' : ` …${key.hint.slice(-4)}`;
  const status = key.status === 'active' ? '' : ` (${key.status})`;
  const room = 75 - end.length - status.length - 3;
  const name = outside(key.name, Math.max(20, Math.min(room, 40)));
  return `${name} · ${outside(workspaceOf(key), Math.max(8, room - name.length))}${end}${status}`;
}

export function identifyButton(incident: Incident, subject: string, key: KeyFacts, index: number): Button {
  const place = { incident: incident.id, key: subject, candidate: key.id };
  return button(ACTION.identify, candidateLabel(key), place, `:${index}`);
}

export function nameKeyButton(incident: Incident, key: KeyState): Button {
  return button(ACTION.nameKey, 'Name the key', { incident: incident.id, key: key.subject });
}

/** What keyleak can do or look into by itself, where it is asked by a button of its own. */
const PERFORMED: Readonly<Record<string, string>> = {
  [REPLACE_STEP]: 'Confirm replacement',
  [VERIFY_STEP]: 'Check containment',
};

export function isPerformed(step: string): boolean {
  return step in PERFORMED;
}

/** The button by which keyleak does or looks into the step; none where the step has no such button. One on a card is leading. */
export function performButtons(
  incident: Incident,
  step: string,
  key: string | null,
  { leading }: { leading: boolean },
): Button[] {
  const label = PERFORMED[step];
  if (label === undefined) return [];
  const plainly = button(ACTION.perform, label, { incident: incident.id, step, key });
  return [leading ? { ...plainly, style: 'primary' } : plainly];
}

/** Confirms this very key as the replacement. */
export function choiceButton(incident: Incident, subject: string, key: KeyFacts, index: number): Button {
  const place = { incident: incident.id, step: REPLACE_STEP, key: subject, candidate: key.id };
  return button(ACTION.perform, candidateLabel(key), place, `:${index}`);
}

export function linkButton(label: string, url: string, place: Place): Button {
  return { ...button(ACTION.link, label, place), url };
}

export function deployedButton(incident: Incident, step: string, key: string, system: string): Button {
  return button(ACTION.deployed, 'Mark done', { incident: incident.id, step, key, system });
}

/** `byRows`: the step is done by the rows of its systems, and not as a whole. */
export function stepButtons(
  incident: Incident,
  step: string,
  key: string | null,
  { byRows }: { byRows: boolean },
): Button[] {
  const place = { incident: incident.id, step, key };
  return [
    ...(byRows ? [] : [button(ACTION.complete, 'Mark done', place)]),
    button(ACTION.skip, 'Skip', place),
    button(ACTION.assign, 'Assign', place),
    button(ACTION.guide, 'How to', place),
  ];
}

export function noteButton(incident: Incident): Button {
  return button(ACTION.note, 'Add note', { incident: incident.id });
}

export function addKeyButton(incident: Incident): Button {
  return button(ACTION.addKey, 'Add key', { incident: incident.id });
}

export function changeRunbookButton(incident: Incident): Button {
  return button(ACTION.changeRunbook, 'Change runbook', { incident: incident.id });
}

export function closeButton(incident: Incident): Button {
  return button(ACTION.close, 'Close incident', { incident: incident.id });
}

// Every button that keyleak shows. The words on them are part of the contract: people and tests find them by these.

import type { ActionsBlock, Button } from '@slack/types';
import { type Incident, type KeyState, keyState } from '../../domain/incident.ts';
import type { KeyFacts } from '../../domain/key.ts';
import { DEACTIVATE_STEP } from '../../domain/progress.ts';
import { environmentOf } from '../../domain/severity.ts';
import { ACTION, encodeTarget, type Target } from '../ids.ts';
import { outside, plain } from './words.ts';

interface Place {
  readonly incident: string;
  readonly step?: string | null;
  readonly key?: string | null;
  readonly candidate?: string | null;
}

function target({ incident, step = null, key = null, candidate = null }: Place): string {
  const whole: Target = { incident, step, key, candidate };
  return encodeTarget(whole);
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

export function workspaceOf(key: KeyFacts): string {
  return key.scope === 'organization'
    ? 'whole organization'
    : (key.workspace?.name ?? key.workspace?.id ?? 'unknown workspace');
}

function ownerOf(incident: Incident, subject: string, key: KeyFacts): string {
  const owner = keyState(incident, subject)?.owner;
  return owner?.name ?? owner?.id ?? key.owner?.id ?? 'unknown';
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
  const facts = [
    outside(key.name, 60),
    `Workspace: ${outside(workspaceOf(key), 40)}`,
    `Environment: ${environmentOf(key)}`,
    `Owner: ${outside(ownerOf(incident, subject, key), 40)}`,
    'Everything that uses this key stops working. It can be undone in the Console.',
  ];
  return {
    ...button(ACTION.deactivate, 'Deactivate key', place),
    style: 'danger',
    confirm: {
      title: plain('Deactivate this key?'),
      text: plain(facts.join('\n').slice(0, 300)),
      confirm: plain('Deactivate'),
      deny: plain('Not now'),
      style: 'danger',
    },
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

export function stepButtons(incident: Incident, step: string, key: string | null): Button[] {
  const place = { incident: incident.id, step, key };
  return [
    button(ACTION.complete, 'Mark done', place),
    button(ACTION.skip, 'Skip', place),
    button(ACTION.guide, 'How to', place),
  ];
}

export function noteButton(incident: Incident): Button {
  return button(ACTION.note, 'Add note', { incident: incident.id });
}

export function closeButton(incident: Incident): Button {
  return button(ACTION.close, 'Close incident', { incident: incident.id });
}

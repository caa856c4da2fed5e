// The rows of putting another key in a leaked one's place: what it should be called, what was seen of it, who confirms it,
// and which systems have it.

import type { Button, KnownBlock, SectionBlock } from '@slack/types';
import type { Incident, KeyState } from '../../domain/incident.ts';
import type { KeyFacts } from '../../domain/key.ts';
import { DEPLOY_STEP } from '../../domain/progress.ts';
import { sameWorkspace, suggestedName } from '../../domain/replacement.ts';
import { choiceButton, deployedButton, linkButton } from './buttons.ts';
import { workspaceOf } from './dialogs.ts';
import { bold, code, date, lines, outside, type Piece, person, utc } from './words.ts';

const CONSOLE_KEYS = 'https://platform.claude.com/settings/keys';

/** New keys that could be the replacement, without those that took another key's place meanwhile. */
function offered(incident: Incident, key: KeyState): readonly KeyFacts[] {
  const taken = new Set(incident.keys.flatMap((one) => [one.replacement?.id, one.facts?.id]));
  return key.successors.filter(({ id }) => !taken.has(id));
}

/** What to call the new key, and which ones were seen. `now` in milliseconds since the epoch. */
export function replaceRows(incident: Incident, key: KeyState, now: number): Piece[][] {
  const { facts } = key;
  if (facts === null) return [];
  const place =
    facts.scope === 'organization'
      ? 'Make it without a workspace'
      : `Make it in workspace ${outside(workspaceOf(facts), 80)}`;
  const seen = offered(incident, key).map((one): Piece[] => [
    'New: ',
    bold(outside(one.name, 120)),
    ...(sameWorkspace(one, facts) ? [] : [` in ${outside(workspaceOf(one), 80)}, another workspace`]),
    ...created(one),
  ]);
  return [
    [`${place}, name it `, code(outside(suggestedName(facts, now), 90))],
    ...(seen.length === 0
      ? [['No new key seen yet. keyleak looks again and again for an hour, and when you press.']]
      : seen),
  ];
}

function created({ created_at }: KeyFacts): Piece[] {
  const at = Date.parse(created_at ?? '');
  if (Number.isNaN(at)) return [];
  // Slack counts it anew whenever it is looked at: the card is drawn again only when something changes.
  const ago = {
    type: 'date',
    timestamp: Math.floor(at / 1_000),
    format: '{ago}',
    fallback: utc(at),
  } as const;
  return [', created ', ago];
}

/** The Console, and the new keys by name where not a single one of the workspace is plain. */
export function replaceButtons(incident: Incident, key: KeyState, step: string): Button[] {
  const { facts } = key;
  const found = offered(incident, key);
  const [only] = found;
  const plain = found.length === 1 && facts !== null && only !== undefined && sameWorkspace(only, facts);
  return [
    linkButton('Open the Console', CONSOLE_KEYS, { incident: incident.id, step, key: key.subject }),
    ...(plain ? [] : found.map((one, index) => choiceButton(incident, key.subject, one, index))),
  ];
}

/** True where the step is done system by system. */
export function isBySystems(step: string, key: KeyState | null): boolean {
  return step === DEPLOY_STEP && key !== null && key.systems.length > 0;
}

/** A row with its own Mark done for each system that lacks the replacement, at most `shown`; then a line on all of them. */
export function systemBlocks(incident: Incident, key: KeyState, shown: number): KnownBlock[] {
  const open = key.systems.filter(({ deployed }) => deployed === null);
  const rows = open.slice(0, shown).map((system, index): SectionBlock => {
    const how = system.how === null ? '' : `: ${outside(system.how, 300)}`;
    return {
      type: 'section',
      block_id: `system:${key.subject}:${index}`,
      text: { type: 'plain_text', text: `${outside(system.name, 150)}${how}`, emoji: false },
      ...(system.owner === null || !/^[UW][A-Z0-9]{2,}$/.test(system.owner)
        ? {}
        : { fields: [{ type: 'mrkdwn', text: `Owner <@${system.owner}>` }] }),
      accessory: deployedButton(incident, DEPLOY_STEP, key.subject, system.name),
    };
  });
  const more = open.length - rows.length;
  return [...rows, lines(`systems:${key.subject}`, deployedRows(key, more))];
}

function deployedRows({ systems }: KeyState, more: number): Piece[][] {
  const done = systems.flatMap(({ name, deployed }) => (deployed === null ? [] : [{ name, deployed }]));
  const last = done.toSorted((a, b) => b.deployed.at - a.deployed.at)[0];
  return [
    [
      `${done.length} of ${systems.length} systems have the replacement`,
      ...(last === undefined
        ? []
        : [`, last ${outside(last.name, 80)} `, date(last.deployed.at), ' by ', person(last.deployed.by)]),
      ...(more > 0 ? [`; ${more} more come up as these are marked done`] : []),
      '.',
    ],
  ];
}

/** For whoever wonders why there are no rows. */
export const NO_SYSTEMS: Piece[] = ['systems: in keyleak.yml lists who needs the new key, a row for each.'];

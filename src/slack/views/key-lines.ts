// A key on the card: what it is, whether it lives, and who said so.

import type { KnownBlock } from '@slack/types';
import type { Case, Incident, KeyState } from '../../domain/incident.ts';
import { stepState } from '../../domain/incident.ts';
import { conditionWord, keyCondition } from '../../domain/key-condition.ts';
import { DEACTIVATE_STEP, IDENTIFY_STEP, isLive, isSettled, VERIFY_STEP } from '../../domain/progress.ts';
import { environmentOf } from '../../domain/severity.ts';
import { actions, deactivateButton, identifyButton, nameKeyButton } from './buttons.ts';
import { containmentRows } from './containment.ts';
import { impactWords, type NamedKey, ownerOf, workspaceOf } from './dialogs.ts';
import { bold, code, date, emoji, lines, outside, type Piece, person } from './words.ts';

/** Names of keys that stand as buttons on the card; the rest are found by name. */
const OFFERED = 10;

function ageDays(created: string | null, now: number): string {
  const at = created === null ? Number.NaN : Date.parse(created);
  return Number.isNaN(at) ? '' : ` · created ${Math.max(0, Math.floor((now - at) / 86_400_000))} days ago`;
}

/** LIVE or DEAD, the provider's own word and the time it was said. */
function stateLine(incident: Incident, key: KeyState): Piece[] {
  const condition = keyCondition(incident, key);
  const word = bold(` ${conditionWord(condition)}`);
  switch (condition.is) {
    case 'dead':
      return [
        emoji('white_check_mark'),
        word,
        ` · the provider says ${condition.already ? 'already ' : ''}`,
        bold(condition.status),
        ', checked ',
        date(condition.at),
        ' · asked for by ',
        person(condition.by),
      ];
    case 'not_checked': {
      const { how, by, at } = condition;
      return [
        emoji('large_yellow_circle'),
        word,
        ` · deactivation ${how === 'skipped' ? 'skipped' : 'marked done by hand'}`,
        ...(by === null ? [] : [' by ', person(by)]),
        ...(at === null ? [] : [' ', date(at)]),
      ];
    }
    case 'not_read_back':
      return [emoji('large_orange_circle'), word, ' in the last listing; not read back yet'];
    case 'live':
      return [emoji('red_circle'), word, condition.deactivating ? ' · being deactivated' : ''];
  }
}

function identityLines(key: KeyState, now: number): Piece[][] {
  const { facts } = key;
  if (facts === null)
    return [['Reported as: ', key.words === null ? '(text purged)' : outside(key.words, 200)]];
  const owner: Piece[] =
    key.owner?.slack_user != null ? [person(key.owner.slack_user)] : [outside(ownerOf(key, facts), 80)];
  return [
    [bold(outside(facts.name, 120)), ...(facts.hint === null ? [] : ['  ', code(outside(facts.hint, 60))])],
    [
      `${facts.scope === 'organization' ? 'Whole organization' : `Workspace ${outside(workspaceOf(facts), 80)}`} · ${environmentOf(facts)} · owner `,
      ...owner,
      ageDays(facts.created_at, now),
    ],
  ];
}

/** Two incidents may turn out to be about one key; one of them is enough. */
function alsoInRow({ alsoIn }: KeyState): Piece[][] {
  if (alsoIn === null) return [];
  return [
    [
      emoji('twisted_rightwards_arrows'),
      ` ${alsoIn} is open with this key too. Work in one of them, and close the other with a note.`,
    ],
  ];
}

/** What stops when it dies; once it is dead that is the figures' matter. */
function impactRow(incident: Incident, key: KeyState): Piece[][] {
  const [words] = impactWords(key.impact);
  return key.impact === null || words === undefined || !isLive(incident, key) ? [] : [[words]];
}

const ODDITIES = {
  name: 'its name breaks the convention',
  workspace: 'it is in another workspace than the leaked key',
} as const;

/** What the figures last said, once no step on the card says it. */
function useRows(incident: Incident, key: KeyState): Piece[][] {
  if (key.dead === null || key.containment === null) return [];
  const told = incident.status === 'closed' || isSettled(stepState(incident, VERIFY_STEP, key.subject));
  return told ? containmentRows(incident, key) : [];
}

/** The key that took its place, and what is odd about it. Stays when the incident is closed. */
function replacementRow({ replacement }: KeyState): Piece[][] {
  if (replacement === null) return [];
  const odd = replacement.warnings.map((warning) => ODDITIES[warning]).join('; ');
  return [
    [
      'Replaced by ',
      bold(outside(replacement.name, 120)),
      ...(replacement.hint === null ? [] : ['  ', code(outside(replacement.hint, 60))]),
      ' · said by ',
      person(replacement.by),
    ],
    ...(odd === '' ? [] : [[emoji('warning'), ` Look at the replacement again: ${odd}.`]]),
  ];
}

function whatIsMissing(key: KeyState): Piece[][] {
  if (key.candidates !== null) {
    if (key.candidates.why === 'changed')
      return [['The key is no longer what was confirmed. Press its name as it is now, then deactivate it.']];
    const exchanged = key.candidates.why === 'swapped' ? 'With its two ends exchanged the hint fits. ' : '';
    const more = key.candidates.total > OFFERED ? ` The first ${OFFERED} of ${key.candidates.total}.` : '';
    return [[`${exchanged}Which key is it? One press on its name says so and does nothing else.${more}`]];
  }
  if (key.unmatched)
    return [['No key of the provider’s list fits. Name it in other words, or look in the Console.']];
  return key.facts === null && key.query.shape === 'none' ? [['Nobody has named the key yet.']] : [];
}

/** Blocks of one key: a line or two, and what can be pressed. */
export function keyBlocks(
  { incident }: Case,
  key: KeyState,
  now: number,
  automated: { deactivate: boolean },
): KnownBlock[] {
  const many = incident.keys.length > 1;
  const state = stateLine(incident, key);
  const rows = [
    ...(many ? [[bold(`${key.subject} `), ...state]] : [state]),
    ...identityLines(key, now),
    ...alsoInRow(key),
    ...impactRow(incident, key),
    ...replacementRow(key),
    ...useRows(incident, key),
    ...(incident.status === 'open' ? whatIsMissing(key) : []),
  ];
  const blocks: KnownBlock[] = [lines(`key:${key.subject}`, rows)];
  const buttons = incident.status === 'open' ? keyButtons(incident, key, automated) : [];
  if (buttons.length > 0) blocks.push(actions(`key-actions:${key.subject}`, buttons));
  return blocks;
}

/** What can die by a press now: identified, not doubted since, alive, and not being deactivated already. */
export function deactivatable(incident: Incident, key: KeyState): NamedKey | null {
  const running = stepState(incident, DEACTIVATE_STEP, key.subject).status === 'running';
  if (key.facts === null || key.candidates !== null || running || !isLive(incident, key)) return null;
  return { subject: key.subject, facts: key.facts };
}

function keyButtons(incident: Incident, key: KeyState, automated: { deactivate: boolean }) {
  if (key.candidates !== null) {
    return [
      ...key.candidates.keys
        .slice(0, OFFERED)
        .map((one, index) => identifyButton(incident, key.subject, one, index)),
      ...(key.facts === null ? [nameKeyButton(incident, key)] : []),
    ];
  }
  if (key.facts !== null) {
    const pressable = automated.deactivate && deactivatable(incident, key) !== null;
    return pressable ? [deactivateButton(incident, key.subject, key.facts, { candidate: true })] : [];
  }
  const looking = stepState(incident, IDENTIFY_STEP, key.subject).status === 'running';
  return looking ? [] : [nameKeyButton(incident, key)];
}

/** One line for a key that has to be short. */
export function keyLine(incident: Incident, key: KeyState): Piece[] {
  const name = key.facts?.name ?? key.words ?? '(text purged)';
  const by = key.replacement === null ? '' : ` · replaced by ${outside(key.replacement.name, 60)}`;
  return [bold(`${key.subject} `), ...stateLine(incident, key).slice(0, 2), ` · ${outside(name, 60)}${by}`];
}

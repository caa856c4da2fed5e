// The questions that the red buttons ask. Slack shows at most 300 characters: what is known of the key goes in whole as far
// as that allows, and what does not fit is left out or told shorter, never cut where it would say something else.

import type { ConfirmationDialog } from '@slack/types';
import type { Incident, KeyState } from '../../domain/incident.ts';
import { keyState } from '../../domain/incident.ts';
import type { KeyFacts } from '../../domain/key.ts';
import { environmentOf } from '../../domain/severity.ts';
import { outside, plain } from './words.ts';

const MAX_DIALOG = 300;

/** A key with its local name, as a button for several of them is about. */
export interface NamedKey {
  readonly subject: string;
  readonly facts: KeyFacts;
}

export function workspaceOf(key: KeyFacts): string {
  return key.scope === 'organization'
    ? 'whole organization'
    : (key.workspace?.name ?? key.workspace?.id ?? 'unknown workspace');
}

/** The owner's name as far as it is known. */
export function ownerOf(state: KeyState | null, key: KeyFacts): string {
  const name = state?.owner?.name ?? state?.owner?.id ?? key.owner?.id ?? 'unknown';
  return state?.ownerLeft === true ? `${name} (has left)` : name;
}

/** Both ends of a long name stay, since names often differ in the last word only. */
function bothEnds(text: string, length: number): string {
  const whole = outside(text, 2_000);
  if (whole.length <= length) return whole;
  const end = Math.floor(length / 3);
  return `${whole.slice(0, length - end - 1).toWellFormed()}…${whole.slice(-end).toWellFormed()}`;
}

/** Whose key it is, what it was used for lately, and what stops. */
export function deactivateDialog(incident: Incident, subject: string, key: KeyFacts): ConfirmationDialog {
  const state = keyState(incident, subject);
  const impacts = impactWords(state?.impact ?? null);
  const text = firstThatFits(
    [40, 24, 12].flatMap((owner) =>
      impacts.map((impact) => [
        bothEnds(key.name, 60),
        `Workspace: ${bothEnds(workspaceOf(key), 40)}`,
        `Environment: ${environmentOf(key)}`,
        `Owner: ${bothEnds(ownerOf(state, key), owner)}`,
        impact,
        'Everything that uses this key stops working. It can be undone in the Console.',
      ]),
    ),
  );
  return question('Deactivate this key?', text, 'Deactivate');
}

export function deactivateAllDialog(incident: Incident, keys: readonly NamedKey[]): ConfirmationDialog {
  const different = (values: readonly string[]): number => new Set(values).size;
  const environments = [...new Set(keys.map(({ facts }) => environmentOf(facts)))].map(
    (name) => `${keys.filter(({ facts }) => environmentOf(facts) === name).length} ${name}`,
  );
  const owners = keys.map(({ subject, facts }) => ownerOf(keyState(incident, subject), facts));
  const counts = `Workspaces: ${different(keys.map(({ facts }) => workspaceOf(facts)))} · owners: ${different(owners)}`;
  const ending = [
    counts,
    `Environments: ${environments.join(', ')}`,
    'Everything that uses these keys stops working. It can be undone in the Console.',
  ];
  const names = keys.map(({ facts }) => bothEnds(facts.name, 60));
  const variants = names.map((_, left) => {
    const shown = names.slice(0, names.length - left).join(', ');
    return [left === 0 ? shown : `${shown} and ${left} more`, ...ending];
  });
  const text = firstThatFits([...variants, [`${keys.length} keys`, ...ending]]);
  return question(`Deactivate all ${keys.length} keys?`, text, 'Deactivate all');
}

function question(title: string, text: string, confirm: string): ConfirmationDialog {
  return {
    title: plain(title),
    text: plain(text),
    confirm: plain(confirm),
    deny: plain('Not now'),
    style: 'danger',
  };
}

function firstThatFits(variants: readonly (readonly string[])[]): string {
  const texts = variants.map((rows) => rows.join('\n'));
  return texts.find((text) => text.length <= MAX_DIALOG) ?? outside(texts.at(-1) ?? '', MAX_DIALOG);
}

/** `1,204`. */
export function count(n: number): string {
  return n.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The same truth in fewer and fewer words. Times are UTC: a dialog knows no reader's zone. */
export function impactWords(impact: KeyState['impact']): readonly string[] {
  if (impact === null) return ['Last hour: not known'];
  const { requests, uncounted, models, refreshed_at, starting_at, ending_at } = impact;
  const until = refreshed_at === null ? null : Math.min(Date.parse(refreshed_at), Date.parse(ending_at));
  const figures =
    until === null
      ? 'freshness not known'
      : `figures until ${new Date(until).toISOString().slice(11, 16)} UTC`;
  if (requests === 0 && !uncounted) {
    if (until === null) return ['Last hour: no use seen; freshness not known'];
    if (until <= Date.parse(starting_at)) return [`Last hour: not known; ${figures}`];
    return [`Last hour: no requests; ${figures}`];
  }
  const used = uncounted
    ? requests === 0
      ? 'used, requests not counted'
      : `at least ${count(requests)} requests`
    : `${count(requests)} ${requests === 1 ? 'request' : 'requests'}`;
  const names = models.map(({ model }) => outside(model, 40));
  const shorter = names.map((_, left) => {
    const more = left === 0 ? '' : ` and ${left} more`;
    return `Last hour: ${used}, ${names.slice(0, names.length - left).join(', ')}${more}; ${figures}`;
  });
  return [...shorter, `Last hour: ${used}; ${figures}`];
}

// Every kind of entry as one sentence for people. The command line, Markdown and Slack show the same words.

import type { LoggedEntry } from './entry.ts';
import type { KeyFacts } from './key.ts';

/** How a reader's medium shows people and free text: Slack mentions or plain ids, escaped or not. */
export interface Wording {
  actor(actor: string): string;
  /** A free text, or a name that came from outside. */
  text(text: string): string;
}

export const PLAIN: Wording = { actor: (actor) => actor, text: (text) => text };

const ODDITIES = {
  name: 'its name breaks the convention',
  workspace: 'it is in another workspace',
} as const;

const PURGED = '(text purged)';

function keyPhrase(key: Pick<KeyFacts, 'name' | 'id'>, say: Wording): string {
  return `${say.text(key.name)} (${key.id})`;
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? 'nobody' : words.join(', ');
}

/** Milliseconds as `2 min 5 s`, to the second; days and hours where it is that long. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0).slice(0, 2);
  return shown.length === 0 ? '0 s' : shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

/** One sentence without the time. Who did it is part of the sentence. */
export function describeEntry({ entry, texts }: LoggedEntry, say: Wording = PLAIN): string {
  const who = say.actor(entry.actor);
  const text = (field: string): string => {
    const found = texts[field]?.text;
    return found === undefined ? PURGED : say.text(found);
  };
  const instance = (step: string, key: string | null): string => (key === null ? step : `${step} (${key})`);
  switch (entry.kind) {
    case 'incident.declared': {
      const where = texts.where?.text === '' ? '' : `, seen: ${text('where')}`;
      return `${who} declared the leak${where}.`;
    }
    case 'key.reported':
      return `${who} reported key ${entry.data.key}: ${texts.words?.text === '' ? 'not named yet' : text('words')}.`;
    case 'candidates.found':
      return `${entry.data.total} key(s) could be ${entry.data.key}: ${listed(entry.data.candidates.map((key) => keyPhrase(key, say)))}.`;
    case 'key.unmatched':
      return `No key of the ${entry.data.listing.keys} listed fits ${entry.data.key}.`;
    case 'key.identified': {
      const how = entry.data.how === 'exact' ? 'is the only key that fits' : `was named by ${who}`;
      return `${entry.data.key} identified: ${keyPhrase(entry.data, say)} ${how}; severity ${entry.data.severity}.`;
    }
    case 'incident.linked':
      return `${entry.data.other} is open with the same key as ${entry.data.key}.`;
    case 'owner.found': {
      const { owner } = entry.data;
      if (owner === null) return `The owner of ${entry.data.key} could not be found.`;
      const slack = owner.slack_user === null ? '' : `, in Slack ${say.actor(owner.slack_user)}`;
      return `Owner of ${entry.data.key}: ${say.text(owner.name ?? owner.id)}${slack}.`;
    }
    case 'runbook.changed':
      return `${who} changed the runbook to ${entry.data.id}; severity ${entry.data.severity}.`;
    case 'impact.measured': {
      const { requests, uncounted, models, refreshed_at } = entry.data;
      const by = models.map((one) => `${say.text(one.model)} ${one.requests}`);
      const until = refreshed_at === null ? 'with no word how fresh' : `known until ${refreshed_at}`;
      return `${entry.data.key} was used ${uncounted ? 'at least ' : ''}${requests} times in the last hour (${until}); models: ${by.length === 0 ? 'none' : by.join(', ')}.`;
    }
    case 'replacement.seen':
      return `New since the declaration, for ${entry.data.key}: ${listed(entry.data.candidates.map((key) => keyPhrase(key, say)))}.`;
    case 'replacement.confirmed': {
      const odd = entry.data.warnings.map((warning) => ODDITIES[warning]);
      return `${who} confirmed the replacement of ${entry.data.key}: ${keyPhrase(entry.data, say)}${odd.length === 0 ? '' : ` (${odd.join('; ')})`}.`;
    }
    case 'systems.listed':
      return `Systems that use ${entry.data.key}: ${listed(entry.data.systems.map((system) => say.text(system.name)))}.`;
    case 'system.deployed':
      return `${who} marked ${say.text(entry.data.system)} as having the replacement of ${entry.data.key}.`;
    case 'containment.checked': {
      const { key, requests, uncounted, covered, refreshed_at, replacement } = entry.data;
      const until =
        refreshed_at === null ? 'the figures say not how fresh they are' : `figures until ${refreshed_at}`;
      const proof = covered ? until : `${until}, too early to tell`;
      const fresh = replacement === null ? '' : `; the replacement ${replacement.requests} requests`;
      return `Use of ${key} after its death: ${uncounted ? 'at least ' : ''}${requests} requests (${proof})${fresh}.`;
    }
    case 'step.assigned':
      if (entry.data.assignee === entry.actor)
        return `${who} took on ${instance(entry.data.step, entry.data.key)}.`;
      return `${who} gave ${instance(entry.data.step, entry.data.key)} to ${say.actor(entry.data.assignee)}.`;
    case 'step.started':
      return entry.data.policy === 'automatic'
        ? `${instance(entry.data.step, entry.data.key)} started by policy, in the name of ${who}.`
        : `${who} started ${instance(entry.data.step, entry.data.key)}.`;
    case 'step.completed': {
      const how = entry.data.how === 'automatic' ? 'completed' : 'marked as done by hand';
      return `${instance(entry.data.step, entry.data.key)} ${how} (${who}).`;
    }
    case 'step.skipped': {
      const verdict = entry.data.verdict === 'false_alarm' ? ' as a false alarm' : '';
      return `${who} skipped ${instance(entry.data.step, entry.data.key)}${verdict}: ${text('reason')}`;
    }
    case 'action.failed': {
      const then = entry.data.follow_up === 'retry' ? 'keyleak tries again' : 'a person has to act';
      return `${instance(entry.data.step, entry.data.key)} failed, attempt ${entry.data.attempt} (${entry.data.code}): ${entry.data.message} Then: ${then}.`;
    }
    case 'key.deactivated': {
      const already = entry.data.already ? 'was already' : 'is';
      return `The provider says that ${keyPhrase(entry.data, say)} ${already} ${entry.data.status}; asked for by ${who}.`;
    }
    case 'channel.opened':
      return `Room opened: ${entry.data.place} ${entry.data.name ?? entry.data.channel}.`;
    case 'card.posted':
      return 'Card posted.';
    case 'people.invited': {
      const refused = entry.data.refused.map(({ user, why }) => `${say.actor(user)} (${why})`);
      const not = refused.length === 0 ? '' : ` Not possible: ${refused.join(', ')}.`;
      return `Invited: ${listed(entry.data.invited.map((user) => say.actor(user)))}.${not}`;
    }
    case 'message.posted':
      return `Message posted: ${entry.data.purpose}.`;
    case 'message.removed':
      return `Message removed: ${entry.data.purpose}.`;
    case 'page.sent':
      return `Called by the paging webhook: ${entry.data.reason.replace('_', ' ')}.`;
    case 'witness.posted':
      return `Witness posted: ${entry.data.count}:${entry.data.head.slice(0, 32)}.`;
    case 'phase.completed':
      return `Phase ${entry.data.phase} completed after ${duration(entry.data.took_ms)}.`;
    case 'phase.reopened':
      return `Phase ${entry.data.phase} is open again: ${entry.data.key === null ? 'the runbook was changed' : `${entry.data.key} was found`}.`;
    case 'deadline.missed':
      return `Deadline of phase ${entry.data.phase}${entry.data.key === undefined ? '' : ` for ${entry.data.key}`} missed (due ${entry.data.due_at}${entry.data.late_ms >= 2_000 ? `, noticed ${duration(entry.data.late_ms)} late` : ''}).`;
    case 'note.added':
      return `${who} noted: ${text('text')}`;
    case 'access.refused':
      return `${who} was not allowed to ${say.text(entry.data.what)}.`;
    case 'incident.closed': {
      const why = texts.reason?.text === '' ? '' : `: ${text('reason')}`;
      return `${who} closed the incident as ${entry.data.verdict === 'false_alarm' ? 'a false alarm' : 'resolved'}${why}`;
    }
    case 'text.purged':
      return `${who} purged the text “${entry.data.field}” of entry ${entry.data.seq}.`;
    default:
      return `${(entry as { kind: string }).kind} by ${who}.`;
  }
}

// What people do in a hurry: declare in crowds, press what they see (twice, wrongly, at once), write notes, and work at
// the command line.

import { carryOut } from '../../src/control/desk.ts';
import type { Command } from '../../src/control/protocol.ts';
import { KeyleakError } from '../../src/domain/errors.ts';
import { parseKeys } from '../../src/domain/key-words.ts';
import type { PersonAtSlack } from '../../src/sandbox/slack/person.ts';
import type { Chance } from '../support/virtual-time.ts';
import type { Workspace } from '../support/workspace.ts';

const PEOPLE = ['rio', 'rio', 'priya', 'mei', 'dana', 'sam', 'gus'];

const WORDS = [
  'R2D...igAA in a repository',
  'R2D...igAA, h7Q...x2AA, vE1...qDAA in a log',
  '...9kAA seen in chat',
  'prod-search-index',
  'apikey_01OrgAdmin on a screenshot',
  'B6s...m1AA old one',
  'zzz...zzAA nowhere',
  'https://example.com/paste/1',
];

/** Keys that turn up later. */
const HINTS = ['h7Q...x2AA', 'vE1...qDAA', 'R2D...igAA', 'zzz...zzAA'];

/** What people in a hurry press first. */
const DECISIVE = /^(Deactivate|Confirm replacement|.* …\w+AA)/;

const MEMBERS: Readonly<Record<string, string>> = {
  rio: 'U0RIOA',
  priya: 'U0PRIYA',
  mei: 'U0MEIT',
  dana: 'U0DANA',
  sam: 'U0SAMO',
};

export interface Crowd {
  /** Somebody does something; the promise may stay open when the bot dies over it. */
  act(first: boolean): Promise<void>;
  /** Texts of notes that were acknowledged as kept, by incident. */
  readonly noted: readonly { readonly incident: string; readonly text: string }[];
  /** Incidents that somebody was told are open. */
  readonly opened: ReadonlySet<string>;
}

export function crowd(parts: {
  readonly workspace: Workspace;
  readonly chance: Chance;
  /** How many at most declare at the same moment. */
  readonly size: number;
  /** Disguises of one whole key that people paste. */
  readonly pasted: readonly string[];
  readonly seed: number;
  readonly dead: () => boolean;
  readonly say: (line: string) => void;
}): Crowd {
  const { workspace, chance, pasted, say } = parts;
  const { slack } = workspace;
  const noted: { incident: string; text: string }[] = [];
  const opened = new Set<string>();
  let typed = 0;

  async function declare(who: PersonAtSlack, name: string): Promise<void> {
    const words = chance.next() < 0.15 ? `${chance.pick(pasted)} pasted` : chance.pick(WORDS);
    const { outcome, answer } = await who.slash('general', words);
    const id = /^(KL-\d+) (?:is open|has this key already)/.exec(answer?.text ?? '')?.[1];
    if (id !== undefined) opened.add(id);
    say(`${name} declares: ${outcome} ${id ?? ''}`);
  }

  /** Several at the same moment, as when a leak is seen by many or many leaks come out at once. */
  async function burst(): Promise<void> {
    const names = Array.from({ length: 1 + chance.below(parts.size) }, () => chance.pick(PEOPLE));
    await Promise.all(names.map((name) => declare(slack.as(name), name)));
  }

  async function press(who: PersonAtSlack, name: string): Promise<void> {
    const rooms = slack.channels().filter((one) => one.name.startsWith('kl-') || one.id === 'C0SECURITY');
    const spots = rooms.flatMap(({ id: room }) =>
      who.sees(room).flatMap(({ buttons }) => buttons.map((label) => ({ room, label }))),
    );
    if (spots.length === 0) return;
    const decisive = spots.filter(({ label }) => DECISIVE.test(label));
    const { room, label } = chance.pick(decisive.length > 0 && chance.next() < 0.6 ? decisive : spots);
    const nth = chance.below(spots.filter((spot) => spot.room === room && spot.label === label).length);
    try {
      const outcomes = await Promise.all(
        Array.from({ length: chance.next() < 0.3 ? 2 : 1 }, () =>
          who.click({ text: label, channel: room, nth }),
        ),
      );
      say(`${name} presses ${label} in ${room}: ${outcomes.map(({ outcome }) => outcome).join(', ')}`);
    } catch {
      // It went away under the finger.
      return;
    }
    await workspace.settle();
    await fillIn(who, name);
  }

  async function fillIn(who: PersonAtSlack, name: string): Promise<void> {
    const modal = who.modal();
    if (modal === null) return;
    const reason = `because ${chance.below(1_000)}`;
    try {
      if (modal.title === 'Add a key') await who.submit({ 'Which key?': chance.pick(HINTS) });
      else if (modal.title.startsWith('Add'))
        await who.submit({ text: `${reason} ${chance.next() < 0.3 ? chance.pick(pasted) : ''}` });
      else if (modal.title.startsWith('Name')) await who.submit({ key: 'R2D...igAA' });
      else if (modal.submit !== null) await who.submit({ reason });
      say(`${name} sends the form ${modal.title}`);
      if (who.modal() !== null) await who.close();
    } catch {
      await who.close().catch(() => undefined);
    }
  }

  async function note(who: PersonAtSlack, name: string): Promise<void> {
    const room = slack
      .channels()
      .find((one) => one.name.startsWith('kl-') && one.members.has(MEMBERS[name] ?? ''));
    if (room === undefined) return;
    const text = `note ${chance.below(1_000_000)}`;
    const { answer } = await who.slash(room.id, `note ${text}`);
    const id = /^Noted in (KL-\d+)/.exec(answer?.text ?? '')?.[1];
    if (id !== undefined) noted.push({ incident: id, text });
    say(`${name} notes: ${id ?? 'not kept'}`);
  }

  /** The same command again, as the command line sends it when its answer was lost, is the same delivery. */
  async function operate(): Promise<void> {
    const text = `note ${chance.below(1_000_000)} from the machine`;
    const command = await commandOf(text);
    for (const time of [1, 2]) {
      const told = await carryOut(workspace.bot().engine, command);
      say(`operator ${command.call}, time ${time}: ${told.outcome}`);
      if (told.outcome !== 'done' && told.outcome !== 'duplicate') return;
      if (command.call === 'note' && time === 1) noted.push({ incident: command.incident, text });
      if (command.call === 'declare') opened.add(told.incident);
    }
  }

  async function commandOf(text: string): Promise<Command> {
    typed += 1;
    const delivery = `cli:${Buffer.from(`${parts.seed} ${typed}`).toString('hex').padStart(32, '0')}`;
    const by = { operator: 'gus', delivery };
    const { engine } = workspace.bot();
    const open = await engine.list({ status: 'open', limit: 10 });
    const incident = open.length === 0 ? null : chance.pick(open).id;
    const drawn = chance.next();
    if (incident === null || drawn < 0.3) {
      const { reports } = parseKeys(chance.pick(HINTS));
      return { ...by, call: 'declare', reports, where: 'a log', reason: 'Slack is slow' };
    }
    if (drawn < 0.6) return { ...by, call: 'note', incident, text };
    const candidate = (await engine.view(incident))?.incident.keys[0]?.facts?.id ?? 'none';
    return { ...by, call: 'deactivate', incident, key: 'k1', candidate, reason: 'Slack is slow' };
  }

  return {
    noted,
    opened,
    async act(first) {
      const name = chance.pick(PEOPLE);
      const who = slack.as(name);
      const drawn = chance.next();
      try {
        if (first || drawn < 0.2) await burst();
        else if (drawn < 0.75) await press(who, name);
        else if (drawn < 0.85) await operate();
        else await note(who, name);
      } catch (error) {
        // Over a bot that died nobody hears anything; what a full disk refuses is told, and nothing came of it.
        if (!parts.dead() && !(error instanceof KeyleakError && error.code === 'KL_STORE_FULL')) throw error;
      }
    },
  };
}

// One seed is one story: people who declare, press, note, skip and close in a hurry, an operator at the command line, a
// channel that is archived, a network with weather, and a bot that may crash at any named boundary. Every third is told over
// HTTP. The same seed tells the same story.

import { carryOut } from '../../src/control/desk.ts';
import type { Command } from '../../src/control/protocol.ts';
import { parseKeys } from '../../src/domain/key-words.ts';
import type { PersonAtSlack } from '../../src/sandbox/slack/person.ts';
import type { Channel } from '../../src/sandbox/slack/world.ts';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { seeded } from '../support/virtual-time.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';
import { weather } from './weather.ts';

export interface Told {
  readonly workspace: Workspace;
  /** What people did and what came of it, a line each. */
  readonly trace: readonly string[];
  /** Texts of notes that were acknowledged as kept, by incident. */
  readonly noted: readonly { readonly incident: string; readonly text: string }[];
  /** Incidents that somebody was told are open. */
  readonly opened: ReadonlySet<string>;
  readonly canary: string;
  readonly crashes: number;
  /** Boundaries that were passed. */
  readonly boundaries: ReadonlySet<string>;
}

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

const PEOPLE = ['rio', 'rio', 'priya', 'mei', 'dana', 'sam', 'gus'];

/** What people in a hurry press first. */
const DECISIVE = /^(Deactivate|Confirm replacement|.* …\w+AA)/;

/** Keys that turn up later. */
const HINTS = ['h7Q...x2AA', 'vE1...qDAA', 'R2D...igAA', 'zzz...zzAA'];

export async function tell(seed: number): Promise<Told> {
  const chance = seeded(seed);
  const trace: string[] = [];
  const noted: { incident: string; text: string }[] = [];
  const opened = new Set<string>();
  const boundaries = new Set<string>();
  const canary = anthropicKey(seed + 1);
  let crashes = 0;
  let countdown = Number.POSITIVE_INFINITY;
  let dead = false;

  const sky = weather(chance, () => workspace.time);
  const workspace: Workspace = await openWorkspace({
    seed,
    wrap: sky.wrap,
    ...(seed % 3 === 0 ? { http: { replayed: () => chance.next() < 0.2 } } : {}),
    boundary(name) {
      boundaries.add(name);
      countdown -= 1;
      if (countdown > 0 || dead) return;
      dead = true;
      crashes += 1;
      trace.push(`crash at ${name}`);
      workspace.kill();
      throw new Error(`crash at ${name}`);
    },
  });
  const { slack } = workspace;
  if (chance.next() < 0.6) countdown = 1 + chance.below(150);

  async function recover(): Promise<void> {
    if (!dead) return;
    await workspace.crash();
    // What is on its way lands while the bot is down.
    await workspace.pass(1_000 + chance.below(400_000));
    dead = false;
    countdown = chance.next() < 0.4 ? 1 + chance.below(150) : Number.POSITIVE_INFINITY;
    try {
      await workspace.start();
    } catch (error) {
      if (!dead) throw error;
      await recover();
    }
  }

  async function declare(who: PersonAtSlack, name: string): Promise<void> {
    const words = chance.next() < 0.15 ? `${canary} pasted` : chance.pick(WORDS);
    const { outcome, answer } = await who.slash('general', words);
    const id = /^(KL-\d+) (?:is open|has this key already)/.exec(answer?.text ?? '')?.[1];
    if (id !== undefined) opened.add(id);
    trace.push(`${name} declares: ${outcome} ${id ?? ''}`);
  }

  async function press(who: PersonAtSlack, name: string): Promise<void> {
    const rooms = slack.channels().filter((one) => one.name.startsWith('kl-') || one.id === 'C0SECURITY');
    const spots = rooms.flatMap((room) =>
      who
        .sees(room.id)
        .flatMap((message) => message.buttons.map((label) => ({ room: room.id, label, message }))),
    );
    if (spots.length === 0) return;
    const decisive = spots.filter(({ label }) => DECISIVE.test(label));
    const { room, label } = chance.pick(decisive.length > 0 && chance.next() < 0.6 ? decisive : spots);
    const nth = chance.below(spots.filter((spot) => spot.room === room && spot.label === label).length);
    try {
      const twice = chance.next() < 0.3 ? 2 : 1;
      const outcomes = await Promise.all(
        Array.from({ length: twice }, () => who.click({ text: label, channel: room, nth })),
      );
      trace.push(`${name} presses ${label} in ${room}: ${outcomes.map(({ outcome }) => outcome).join(', ')}`);
    } catch {
      // It went away under the finger.
      return;
    }
    await workspace.settle();
    const modal = who.modal();
    if (modal === null) return;
    const reason = `because ${chance.below(1_000)}`;
    try {
      if (modal.title === 'Add a key') await who.submit({ 'Which key?': chance.pick(HINTS) });
      else if (modal.title.startsWith('Add'))
        await who.submit({ text: `${reason} ${chance.next() < 0.3 ? canary : ''}` });
      else if (modal.title.startsWith('Name')) await who.submit({ key: 'R2D...igAA' });
      else if (modal.submit !== null) await who.submit({ reason });
      trace.push(`${name} sends the form ${modal.title}`);
      if (who.modal() !== null) await who.close();
    } catch {
      await who.close().catch(() => undefined);
    }
  }

  async function note(who: PersonAtSlack, name: string): Promise<void> {
    const room = slack
      .channels()
      .find((one) => one.name.startsWith('kl-') && one.members.has(personId(name)));
    if (room === undefined) return;
    const text = `note ${chance.below(1_000_000)}`;
    const { answer } = await who.slash(room.id, `note ${text}`);
    const id = /^Noted in (KL-\d+)/.exec(answer?.text ?? '')?.[1];
    if (id !== undefined) noted.push({ incident: id, text });
    trace.push(`${name} notes: ${id ?? 'not kept'}`);
  }

  let typed = 0;

  /** The same command again, as the command line sends it when its answer was lost, is the same delivery. */
  async function operate(): Promise<void> {
    typed += 1;
    const by = {
      operator: 'gus',
      delivery: `cli:${Buffer.from(`${seed} ${typed}`).toString('hex').padStart(32, '0')}`,
    };
    const ids = await incidents();
    const incident = ids.length === 0 ? null : chance.pick(ids);
    const text = `note ${chance.below(1_000_000)} from the machine`;
    const act = chance.next();
    const command: Command =
      incident === null || act < 0.3
        ? {
            ...by,
            call: 'declare',
            reports: parseKeys(chance.pick(HINTS)).reports,
            where: 'a log',
            reason: 'Slack is slow',
          }
        : act < 0.6
          ? { ...by, call: 'note', incident, text }
          : {
              ...by,
              call: 'deactivate',
              incident,
              key: 'k1',
              candidate: (await workspace.bot().engine.view(incident))?.incident.keys[0]?.facts?.id ?? 'none',
              reason: 'Slack is slow',
            };
    for (const time of [1, 2]) {
      const told = await carryOut(workspace.bot().engine, command);
      trace.push(`operator ${command.call}, time ${time}: ${told.outcome}`);
      if (told.outcome !== 'done' && told.outcome !== 'duplicate') return;
      if (command.call === 'note' && time === 1) noted.push({ incident: command.incident, text });
      if (command.call === 'declare') opened.add(told.incident);
    }
  }

  async function incidents(): Promise<readonly string[]> {
    const rows = await workspace.bot().engine.list({ status: 'open', limit: 10 });
    return rows.map(({ id }) => id);
  }

  /** Several people at the same moment, as when a leak is seen by many or many leaks come out at once. */
  async function burst(): Promise<void> {
    const crowd = Array.from({ length: 1 + chance.below(6) }, () => chance.pick(PEOPLE));
    await Promise.all(crowd.map((name) => declare(slack.as(name), name)));
  }

  const archived: Channel[] = [];
  function archive(): void {
    const room = slack.channels().find((one) => one.name.startsWith('kl-') && !one.archived);
    if (room === undefined) return;
    room.archived = true;
    archived.push(room);
    trace.push(`${room.name} is archived`);
  }

  const moves = 6 + chance.below(14);
  for (let move = 0; move < moves; move += 1) {
    const name = chance.pick(PEOPLE);
    const who = slack.as(name);
    const act = chance.next();
    if (!dead && chance.next() < 0.03) archive();
    const doing =
      move === 0 || act < 0.2
        ? burst()
        : act < 0.75
          ? press(who, name)
          : act < 0.85
            ? operate().catch((error: unknown) => {
                if (!dead) throw error;
              })
            : note(who, name);
    await Promise.race([doing, workspace.pass(4_000)]);
    await workspace.pass(chance.pick([0, 500, 3_000, 20_000, 90_000]));
    await recover();
  }
  sky.clear();
  for (const room of archived) room.archived = false;
  countdown = Number.POSITIVE_INFINITY;
  await workspace.pass(60_000);
  await recover();
  await workspace.pass(14 * 60_000);
  return { workspace, trace, noted, opened, canary, crashes, boundaries };
}

function personId(name: string): string {
  return { rio: 'U0RIOA', priya: 'U0PRIYA', mei: 'U0MEIT', dana: 'U0DANA', sam: 'U0SAMO' }[name] ?? '';
}

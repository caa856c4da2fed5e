// A person at Slack's client, as a test or the demo drives one: types, presses, fills in, submits, closes. Slack's own rules
// of the client are kept: what it would not send is not sent, and what goes wrong the person is told.

import { elementsOf } from './blocks-walk.ts';
import type { Delivered, Delivery } from './delivery.ts';
import { directChannel } from './direct.ts';
import { entered, findOption, optionsOf } from './form.ts';
import { giveHook, showAck } from './hooks.ts';
import { innerText, isJson, type Json, listOf, textOf, type WireBlock } from './json.ts';
import { actionPayload, homePayload, slashPayload, suggestionPayload } from './payloads.ts';
import type { PracticePerson } from './people.ts';
import {
  findSpot,
  type Match,
  type SeenMessage,
  type SeenView,
  type Spot,
  seenEphemeral,
  seenMessages,
  seenView,
} from './screen.ts';
import { closeView, type SubmitOutcome, submitView } from './submission.ts';
import { topOf } from './views.ts';
import { addNotice, type Channel, canSee, type World } from './world.ts';

export interface SlashOutcome {
  readonly outcome: Delivered['outcome'];
  /** What the acknowledgement itself showed; null when it showed nothing. */
  readonly answer: SeenMessage | null;
}

/** The question that a button asks before it does anything. */
export interface Dialog {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly deny: string;
}

export interface ClickOutcome {
  /** `denied`: the person said no to the dialog, and nothing was sent. */
  readonly outcome: Delivered['outcome'] | 'denied';
  readonly dialog: Dialog | null;
  /** Where a link button leads. */
  readonly url: string | null;
}

export interface PersonAtSlack {
  /** Types the app's command in a channel. `text` is what follows the command. */
  slash(channel: string, text: string): Promise<SlashOutcome>;
  /** Presses the one button that fits; says yes to its dialog unless `deny`. */
  click(match: Match, answer?: { readonly deny?: boolean }): Promise<ClickOutcome>;
  /** Chooses an option of a select, radio group or overflow menu outside of inputs. `text` of the match is its placeholder. */
  choose(match: Match, option: string): Promise<ClickOutcome>;
  /** Types into the search of a field in a form, and takes one of the options that come. */
  pick(match: Match, typed: string, option: string): Promise<void>;
  /** The options that an external select offers after `typed`. */
  options(match: Match, typed: string): Promise<readonly string[]>;
  /** Fills in the modal on top, by label or block id, and submits it. */
  submit(values: Readonly<Record<string, string | readonly string[]>>): Promise<SubmitOutcome>;
  /** Closes the modal on top. */
  close(): Promise<void>;
  openHome(): Promise<Delivered['outcome']>;
  /** Loads the page again: what only this person saw is gone. */
  reload(): void;
  /** Messages of a channel, oldest first, with this person's ephemerals; none where they may not look. */
  sees(channel: string): readonly SeenMessage[];
  modal(): SeenView | null;
  home(): SeenView | null;
  /** What Slack itself told this person, oldest first. */
  notices(): readonly string[];
}

export interface Desk {
  readonly world: World;
  readonly delivery: Delivery;
  readonly command: string;
  channel(idOrName: string): Channel;
}

const PRESSED = /button/;
const CHOSEN = /select|radio|overflow|picker|checkboxes/;

export function personAt(desk: Desk, person: PracticePerson): PersonAtSlack {
  const { world, delivery } = desk;

  function visible(name: string): Channel {
    const channel = desk.channel(name);
    if (!canSee(world, person.id, channel)) throw new Error(`${person.name} cannot see ${name}`);
    return channel;
  }

  function tell(text: string, error: string): void {
    addNotice(world, { user: person.id, text, error });
  }

  async function slash(name: string, text: string): Promise<SlashOutcome> {
    const channel = visible(name);
    const facts = { user: person.id, channel: channel.id, clicked: null };
    const said = { command: desk.command, text, channel, responseUrl: giveHook(world, facts) };
    const payload = slashPayload(world, person, said);
    const delivered = await delivery.deliver('slash_commands', payload, true);
    if (delivered.outcome !== 'acked') {
      tell(`${desk.command} failed with the error "${delivered.outcome}"`, delivered.outcome);
      return { outcome: delivered.outcome, answer: null };
    }
    const before = new Set(world.ephemerals);
    showAck(world, facts, delivered.payload);
    const shown = world.ephemerals.find((one) => !before.has(one));
    return { outcome: 'acked', answer: shown === undefined ? null : seenEphemeral(world, shown) };
  }

  async function act(spot: Spot, details: object): Promise<Delivered['outcome']> {
    const { at } = spot;
    const url = at.place === 'view' ? '' : giveHook(world, hookFacts(at));
    const payload = actionPayload(world, person, spot, details, url);
    const { outcome } = await delivery.deliver('interactive', payload, false);
    if (outcome !== 'acked') tell('This app did not respond. Try again?', outcome);
    return outcome;
  }

  function hookFacts(at: Extract<Spot['at'], { place: 'message' }>) {
    const { ts } = at.message ?? at.ephemeral;
    return {
      user: person.id,
      channel: at.channel.id,
      clicked: { ts, ephemeral: at.message === null },
    };
  }

  async function press(spot: Spot, details: object, deny: boolean): Promise<ClickOutcome> {
    const dialog = dialogOf(spot.element);
    const url = textOf(spot.element.url) || null;
    if (dialog !== null && deny) return { outcome: 'denied', dialog, url: null };
    return { outcome: await act(spot, details), dialog, url };
  }

  async function suggestions(spot: Spot, typed: string): Promise<readonly Json[]> {
    const least = spot.element.min_query_length ?? 3;
    if (typed.length < Number(least)) return [];
    const payload = suggestionPayload(world, person, spot, typed);
    const delivered = await delivery.deliver('interactive', payload, true);
    if (delivered.outcome !== 'acked' || !isJson(delivered.payload)) {
      tell('Options could not be loaded.', delivered.outcome);
      return [];
    }
    const options = optionsOf(delivered.payload);
    if (options.length > 100 || options.some(({ text, value }) => tooLong(innerText(text)) || tooLong(value)))
      world.complaints.push('options: more than 100, or longer than 75 characters');
    return options;
  }

  async function offered(spot: Spot, wanted: string): Promise<readonly Json[]> {
    return textOf(spot.element.type).includes('external')
      ? suggestions(spot, wanted)
      : optionsOf(spot.element);
  }

  return {
    slash,
    click: (match, answer) => {
      const spot = findSpot(world, person.id, match, PRESSED);
      const { text, value } = spot.element;
      const details = { text, ...(value === undefined ? {} : { value }) };
      return press(spot, details, answer?.deny ?? false);
    },
    async choose(match, option) {
      const spot = findSpot(world, person.id, match, CHOSEN);
      const options = await offered(spot, option);
      const type = textOf(spot.element.type);
      const details =
        type === 'overflow' ? overflow(options, option) : entered(spot.element, option, options);
      if (spot.at.place === 'view') {
        const { state } = spot.at.view;
        const actions = state[spot.block.block_id];
        if (actions !== undefined && type !== 'overflow') actions[textOf(spot.element.action_id)] = details;
      }
      return press(spot, details, false);
    },
    async pick(match, typed, option) {
      const spot = findSpot(world, person.id, match, CHOSEN);
      if (spot.at.place !== 'view') throw new Error('that is no field of a form');
      const chosen = entered(spot.element, option, await offered(spot, typed));
      const { state } = spot.at.view;
      state[spot.block.block_id] = { [textOf(spot.element.action_id)]: chosen };
    },
    async options(match, typed) {
      const spot = findSpot(world, person.id, match, CHOSEN);
      return (await offered(spot, typed)).map(({ text }) => innerText(text));
    },
    async submit(values) {
      const view = topOf(world, person.id);
      if (view === null) throw new Error(`${person.name} has no modal open`);
      for (const [name, wanted] of Object.entries(values)) {
        const block = inputNamed(view.blocks, name);
        const [placed] = elementsOf(block);
        if (placed === undefined) throw new Error(`${name} cannot be filled in`);
        const at = { place: 'view' as const, view };
        const first = typeof wanted === 'string' ? wanted : (wanted[0] ?? '');
        const options = await offered({ ...placed, at, near: '', whole: '' }, first);
        // The client offers people of the workspace and nobody else.
        if (placed.element.type === 'users_select' && first !== '' && !offersPerson(world, first))
          throw new Error(`there is nobody "${first}" to choose`);
        const actions = view.state[block.block_id] ?? {};
        actions[textOf(placed.element.action_id)] = entered(placed.element, wanted, options);
        view.state[block.block_id] = actions;
      }
      return submitView(world, delivery, person, view);
    },
    async close() {
      const view = topOf(world, person.id);
      if (view === null) throw new Error(`${person.name} has no modal open`);
      await closeView(world, delivery, person, view);
    },
    async openHome() {
      const payload = homePayload(world, person, directChannel(world, [person.id]));
      return (await delivery.deliver('events_api', payload, false)).outcome;
    },
    reload() {
      world.ephemerals = world.ephemerals.filter(({ user }) => user !== person.id);
      world.changed();
    },
    sees: (name) => seenMessages(world, person.id, desk.channel(name)),
    modal() {
      const top = topOf(world, person.id);
      return top === null ? null : seenView(top);
    },
    home() {
      const view = world.homes.get(person.id);
      return view === undefined ? null : seenView(view);
    },
    notices: () => world.notices.filter(({ user }) => user === person.id).map(({ text }) => text),
  };
}

function offersPerson(world: World, id: string): boolean {
  return world.users.get(id)?.deleted === false;
}

function tooLong(value: unknown): boolean {
  return textOf(value).length > 75;
}

function overflow(options: readonly Json[], option: string): Json {
  return { selected_option: findOption(options, option) };
}

function inputNamed(blocks: readonly WireBlock[], name: string): WireBlock {
  const inputs = blocks.filter(({ type }) => type === 'input');
  const found = inputs.find(({ block_id, label }) => block_id === name || innerText(label) === name);
  if (found !== undefined) return found;
  throw new Error(
    `there is no input "${name}"; there are: ${listOf(inputs)
      .map(({ label }) => innerText(label))
      .join(', ')}`,
  );
}

function dialogOf(element: Json): Dialog | null {
  if (!isJson(element.confirm)) return null;
  const { title, text, confirm, deny } = element.confirm;
  return {
    title: innerText(title),
    text: innerText(text),
    confirm: innerText(confirm),
    deny: innerText(deny),
  };
}

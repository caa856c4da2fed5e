// Modals and Home tabs as Slack keeps them: a stack of at most three for each person, each with a hash that changes with
// every update and with what the person has filled in so far.

import type { ViewOutput } from '@slack/bolt';
import { initialState, reported } from './form.ts';
import { innerText, isJson, type Json, textOf } from './json.ts';
import { keptBlocks, lintView } from './lint.ts';
import { refuse } from './wire.ts';
import type { View, World } from './world.ts';

export const STACK = 3;

/** Refuses a view that Slack would refuse, with the places. */
export function checkedView(world: World, body: unknown, type: View['type'], self: View | null): Json {
  const objection = lintView(body, type);
  if (objection !== null || !isJson(body))
    return refuse(objection?.error ?? 'invalid_arguments', {
      response_metadata: { messages: objection?.messages ?? [] },
    });
  const external = textOf(body.external_id);
  const taken =
    external !== '' && everyView(world).some((one) => one !== self && one.body.external_id === external);
  return taken ? refuse('duplicate_external_id') : body;
}

export function everyView(world: World): readonly View[] {
  return [...world.modals.values()].flat().concat([...world.homes.values()]);
}

export function newView(
  world: World,
  user: string,
  type: View['type'],
  body: Json,
  below: View | null,
): View {
  const id = world.id('V');
  const view: View = {
    id,
    type,
    user,
    root: below?.root ?? id,
    previous: below?.id ?? null,
    hash: '',
    body: {},
    blocks: [],
    state: {},
    errors: {},
  };
  fill(world, view, body);
  return view;
}

/** Puts a new body into a view. What was filled in stays where block and action are the same (slackapi/bolt-js#290). */
export function fill(world: World, view: View, body: Json): void {
  view.body = body;
  view.blocks = keptBlocks(body.blocks, () => world.id('b'));
  view.hash = `${Math.floor(world.clock.now() / 1_000)}.${world.id('h')}`;
  view.errors = {};
  const state = initialState(view.blocks);
  for (const [block, actions] of Object.entries(state)) {
    for (const action of Object.keys(actions)) {
      const before = view.state[block]?.[action];
      if (before !== undefined && before.type === actions[action]?.type) actions[action] = before;
    }
  }
  view.state = state;
}

export function stackOf(world: World, user: string): View[] {
  const stack = world.modals.get(user) ?? [];
  world.modals.set(user, stack);
  return stack;
}

export function topOf(world: World, user: string): View | null {
  return world.modals.get(user)?.at(-1) ?? null;
}

/** A view as Slack sends it, to the bot's listeners and in the answers of views.*. */
export function shownView(world: World, view: View): ViewOutput {
  const { body } = view;
  const label = (value: unknown) => ({ type: 'plain_text' as const, text: innerText(value), emoji: true });
  return {
    id: view.id,
    team_id: world.team.id,
    app_installed_team_id: world.team.id,
    app_id: world.bot.app,
    bot_id: world.bot.id,
    type: view.type,
    callback_id: textOf(body.callback_id),
    title: label(body.title ?? 'View Title'),
    submit: body.submit === undefined ? null : label(body.submit),
    close: body.close === undefined ? null : label(body.close),
    blocks: [...view.blocks],
    state: { values: reported(view.state) },
    hash: view.hash,
    private_metadata: textOf(body.private_metadata),
    external_id: textOf(body.external_id),
    root_view_id: view.root,
    previous_view_id: view.previous,
    clear_on_close: body.clear_on_close === true,
    notify_on_close: body.notify_on_close === true,
  };
}

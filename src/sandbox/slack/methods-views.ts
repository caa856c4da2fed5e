// views.*: opening, pushing, updating and publishing.

import type { ViewOutput } from '@slack/bolt';
import type {
  ViewsOpenResponse,
  ViewsPublishResponse,
  ViewsPushResponse,
  ViewsUpdateResponse,
} from '@slack/web-api';
import { botMethod, type Method } from './method.ts';
import { takeTrigger } from './triggers.ts';
import { checkedView, everyView, fill, newView, STACK, shownView, stackOf, topOf } from './views.ts';
import { type Arguments, refuse } from './wire.ts';
import type { View, World } from './world.ts';

function bodyOf(args: Arguments): unknown {
  return args.json('view', 'invalid_arguments');
}

/** An answer has no nulls where the SDK's types know none. */
function answered(world: World, view: View) {
  const { submit, close, app_id, root_view_id, previous_view_id, title, ...rest } = shownView(world, view);
  return {
    view: {
      ...known(rest),
      title: { ...title },
      ...(submit === null ? {} : { submit: { ...submit } }),
      ...(close === null ? {} : { close: { ...close } }),
      ...(app_id === null ? {} : { app_id }),
      ...(root_view_id === null ? {} : { root_view_id }),
      ...(previous_view_id === null ? {} : { previous_view_id }),
    },
  };
}

type Rest = Omit<ViewOutput, 'submit' | 'close' | 'app_id' | 'root_view_id' | 'previous_view_id' | 'title'>;

function known(rest: Rest) {
  const { id, team_id, type, callback_id, blocks, state, hash, private_metadata } = rest;
  const { clear_on_close, notify_on_close, bot_id } = rest;
  return {
    id,
    team_id,
    type,
    callback_id,
    blocks,
    state,
    hash,
    private_metadata,
    clear_on_close,
    notify_on_close,
    bot_id,
    external_id: rest.external_id ?? '',
  };
}

const open = botMethod<ViewsOpenResponse>([], (world, args) => {
  const trigger = args.required('trigger_id');
  const body = checkedView(world, bodyOf(args), 'modal', null);
  const user = takeTrigger(world, trigger);
  const view = newView(world, user, 'modal', body, null);
  world.modals.set(user, [view]);
  world.changed();
  return answered(world, view);
});

const push = botMethod<ViewsPushResponse>([], (world, args) => {
  const trigger = args.required('trigger_id');
  const body = checkedView(world, bodyOf(args), 'modal', null);
  const user = takeTrigger(world, trigger);
  const top = topOf(world, user) ?? refuse('not_found');
  const stack = stackOf(world, user);
  if (stack.length >= STACK) return refuse('push_limit_reached');
  const view = newView(world, user, 'modal', body, top);
  stack.push(view);
  world.changed();
  return answered(world, view);
});

const update = botMethod<ViewsUpdateResponse>([], (world, args) => {
  const id = args.text('view_id');
  const external = args.text('external_id');
  if (id === null && external === null) return refuse('invalid_arguments');
  const view = everyView(world).find((one) =>
    id === null ? one.body.external_id === external : one.id === id,
  );
  if (view === undefined) return refuse('not_found');
  const body = checkedView(world, bodyOf(args), view.type, view);
  const hash = args.text('hash');
  if (hash !== null && hash !== view.hash) return refuse('hash_conflict');
  fill(world, view, body);
  world.changed();
  return answered(world, view);
});

const publish = botMethod<ViewsPublishResponse>([], (world, args) => {
  const user = args.required('user_id');
  const before = world.homes.get(user) ?? null;
  const body = checkedView(world, bodyOf(args), 'home', before);
  if (!world.users.has(user)) return refuse('user_not_found');
  const hash = args.text('hash');
  if (hash !== null && hash !== before?.hash) return refuse('hash_conflict');
  const view = before ?? newView(world, user, 'home', body, null);
  if (before !== null) fill(world, view, body);
  world.homes.set(user, view);
  world.changed();
  return answered(world, view);
});

export const VIEW_METHODS: Readonly<Record<string, Method>> = {
  'views.open': open,
  'views.push': push,
  'views.update': update,
  'views.publish': publish,
};

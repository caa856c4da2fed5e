// The bodies of Slack's deliveries, built as values of Bolt's own types, so that a change there fails the type check.

import type {
  BasicElementAction,
  BlockAction,
  BlockSuggestion,
  EnvelopedEvent,
  SlashCommand,
  ViewClosedAction,
  ViewSubmitAction,
} from '@slack/bolt';
import type { AppHomeOpenedEvent } from '@slack/types';
import { textOf } from './json.ts';
import { shownMessage } from './message.ts';
import type { PracticePerson } from './people.ts';
import type { Spot } from './screen.ts';
import { giveTrigger } from './triggers.ts';
import { shownView } from './views.ts';
import type { Channel, View, World } from './world.ts';

const VERIFICATION = 'practice-verification-token';

function common(world: World, person: PracticePerson) {
  const { id, domain } = world.team;
  return {
    team: { id, domain },
    user: { id: person.id, username: person.name, name: person.name, team_id: person.team },
    api_app_id: world.bot.app,
    token: VERIFICATION,
    is_enterprise_install: false,
  };
}

/** What people type reaches the app with these three escaped. Source: docs.slack.dev/interactivity/implementing-slash-commands. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function channelName({ kind, name }: Channel): string {
  if (kind === 'private') return 'privategroup';
  return kind === 'im' ? 'directmessage' : name;
}

export function slashPayload(
  world: World,
  person: PracticePerson,
  said: { command: string; text: string; channel: Channel; responseUrl: string },
): SlashCommand {
  return {
    token: VERIFICATION,
    team_id: person.team,
    team_domain: world.team.domain,
    channel_id: said.channel.id,
    channel_name: channelName(said.channel),
    user_id: person.id,
    user_name: person.name,
    command: said.command,
    text: escaped(said.text),
    api_app_id: world.bot.app,
    is_enterprise_install: 'false',
    response_url: said.responseUrl,
    trigger_id: giveTrigger(world, person.id),
  };
}

type ModalAction = Omit<BlockAction<BasicElementAction>, 'response_url'>;

/** A press of something in a modal, a Home tab or a message. Only messages have a response_url. */
export function actionPayload(
  world: World,
  person: PracticePerson,
  spot: Spot,
  details: object,
  responseUrl: string,
): ModalAction | BlockAction<BasicElementAction> {
  const action: BasicElementAction = {
    type: textOf(spot.element.type),
    action_id: textOf(spot.element.action_id),
    block_id: spot.block.block_id,
    action_ts: world.stamp(),
    ...details,
  };
  const base = {
    type: 'block_actions' as const,
    ...common(world, person),
    trigger_id: giveTrigger(world, person.id),
    actions: [action],
  };
  if (spot.at.place === 'view') {
    const view = shownView(world, spot.at.view);
    const container = { type: 'view', view_id: view.id };
    return { ...base, container, view } satisfies ModalAction;
  }
  const { channel, message, ephemeral } = spot.at;
  const { ts } = message ?? ephemeral;
  const container = {
    type: 'message',
    message_ts: ts,
    channel_id: channel.id,
    is_ephemeral: message === null,
    ...(message?.thread ? { thread_ts: message.thread } : {}),
  };
  return {
    ...base,
    container,
    channel: { id: channel.id, name: channelName(channel) },
    ...(message === null ? {} : { message: { ...shownMessage(world, message), type: 'message' as const } }),
    state: { values: {} },
    response_url: responseUrl,
  } satisfies BlockAction<BasicElementAction>;
}

export function suggestionPayload(
  world: World,
  person: PracticePerson,
  spot: Spot,
  typed: string,
): BlockSuggestion {
  const base = {
    type: 'block_suggestion' as const,
    ...common(world, person),
    action_id: textOf(spot.element.action_id),
    block_id: spot.block.block_id,
    value: typed,
  };
  if (spot.at.place === 'view') {
    const view = shownView(world, spot.at.view);
    return { ...base, container: { type: 'view', view_id: view.id }, view };
  }
  const { channel, message, ephemeral } = spot.at;
  const container = {
    type: 'message',
    message_ts: (message ?? ephemeral).ts,
    channel_id: channel.id,
    is_ephemeral: message === null,
  };
  return { ...base, container, channel: { id: channel.id, name: channelName(channel) } };
}

export function submissionPayload(world: World, person: PracticePerson, view: View): ViewSubmitAction {
  return {
    type: 'view_submission',
    ...common(world, person),
    trigger_id: giveTrigger(world, person.id),
    view: shownView(world, view),
    response_urls: [],
  };
}

export function closedPayload(
  world: World,
  person: PracticePerson,
  view: View,
  cleared: boolean,
): ViewClosedAction {
  return {
    type: 'view_closed',
    ...common(world, person),
    view: shownView(world, view),
    is_cleared: cleared,
  };
}

/** `app_home_opened`. */
export function homePayload(
  world: World,
  person: PracticePerson,
  channel: Channel,
): EnvelopedEvent<AppHomeOpenedEvent> {
  const eventTs = world.stamp();
  return {
    token: VERIFICATION,
    team_id: world.team.id,
    api_app_id: world.bot.app,
    type: 'event_callback',
    event_id: world.id('Ev'),
    event_time: Math.floor(world.clock.now() / 1_000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: world.team.id,
        user_id: world.bot.user,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    event: {
      type: 'app_home_opened',
      user: person.id,
      channel: channel.id,
      tab: 'home',
      event_ts: eventTs,
    },
  };
}

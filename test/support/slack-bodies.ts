// Bodies as Slack delivers them, cut down to what a delivery needs.

import { randomUUID } from 'node:crypto';

export const TEAM = 'T0ACME';
export const CHANNEL = 'C0GENERAL';
export const RESPONSE_URL = 'https://hooks.slack.com/commands/T0ACME/1/abc';

type Body = Record<string, unknown>;

function trigger(): string {
  return `1.2.${randomUUID()}`;
}

/** `/keyleak <text>`. */
export function slash(text: string, user: string, change: Body = {}): Body {
  return {
    token: 'verification',
    team_id: TEAM,
    team_domain: 'acme',
    channel_id: CHANNEL,
    channel_name: 'general',
    user_id: user,
    user_name: 'somebody',
    command: '/keyleak',
    text,
    api_app_id: 'A0KEYLEAK',
    is_enterprise_install: 'false',
    response_url: RESPONSE_URL,
    trigger_id: trigger(),
    ...change,
  };
}

function interaction(user: string): Body {
  return {
    team: { id: TEAM, domain: 'acme' },
    user: { id: user, username: 'somebody', name: 'somebody', team_id: TEAM },
    api_app_id: 'A0KEYLEAK',
    token: 'verification',
    is_enterprise_install: false,
    trigger_id: trigger(),
  };
}

/** A press on a button of a message; `ephemeral` for one that only this person sees. */
export function click(
  actionId: string,
  value: string | undefined,
  user: string,
  { ephemeral = false, ...change }: Body & { ephemeral?: boolean } = {},
): Body {
  return {
    type: 'block_actions',
    ...interaction(user),
    container: {
      type: 'message',
      message_ts: '1.1',
      channel_id: CHANNEL,
      is_ephemeral: ephemeral,
    },
    channel: { id: CHANNEL, name: 'general' },
    state: { values: {} },
    response_url: 'https://hooks.slack.com/actions/T0ACME/1/abc',
    actions: [
      {
        type: 'button',
        action_id: actionId,
        block_id: 'b1',
        action_ts: '1.1',
        text: { type: 'plain_text', text: 'Press' },
        ...(value === undefined ? {} : { value }),
      },
    ],
    ...change,
  };
}

/** A form that was sent. A field's value is what was written; `{ chosen }` what was chosen. */
export function submission(
  callbackId: string,
  metadata: string,
  fields: Readonly<Record<string, string | { chosen: string }>>,
  user: string,
  change: Body = {},
): Body {
  const values = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      {
        [name]:
          typeof value === 'string'
            ? { type: 'plain_text_input', value: value === '' ? null : value }
            : { type: 'radio_buttons', selected_option: { value: value.chosen } },
      },
    ]),
  );
  return {
    type: 'view_submission',
    ...interaction(user),
    view: {
      id: 'V1',
      root_view_id: 'V1',
      hash: '1.hash',
      team_id: TEAM,
      type: 'modal',
      callback_id: callbackId,
      private_metadata: metadata,
      blocks: Object.keys(fields).map((block_id) => ({ type: 'input', block_id })),
      state: { values },
    },
    response_urls: [],
    ...change,
  };
}

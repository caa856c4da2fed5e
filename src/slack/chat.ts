// Slack as the engine's Chat: rooms, posts with a hidden marker, edits. One method is one effect; what went wrong is told
// by what is known of that effect.

import type { WebClient } from '@slack/web-api';
import type { Clock } from '../domain/clock.ts';
import type { Chat, ChatMessage } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import type { KeyLore } from '../engine/api.ts';
import { findMarked } from './marked-posts.ts';
import { asRemoteError } from './remote.ts';
import type { Message } from './views/message.ts';
import { draw } from './views/posts.ts';

export interface ChatParts {
  readonly client: WebClient;
  /** Id of the configured fallback channel, or null. */
  readonly fallback: string | null;
  readonly responders: () => Promise<readonly string[]>;
  readonly managers: () => Promise<readonly string[]>;
  readonly automated: (action: string) => boolean;
  readonly lore: KeyLore;
  readonly clock: Clock;
}

/** `event_type` of the metadata that carries the marker. Other apps in the channel can read it: no secrets. */
export const MARKER_EVENT = 'keyleak_run';
const PAGE = 200;
const MAX_PAGES = 50;
/** Slack takes a direct conversation of at most eight people, the bot among them. */
const DIRECT_PEOPLE = 7;

export function createChat(parts: ChatParts): Chat {
  const { client } = parts;

  async function asked<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      return await call();
    } catch (error) {
      throw asRemoteError(error, what);
    }
  }

  function drawn(message: ChatMessage): Message {
    return draw(message, parts.clock.now(), parts.automated, parts.lore);
  }

  return {
    openChannel: (name, purpose, signal) =>
      asked('open a private channel', signal, async () => {
        const { channel } = await client.conversations.create({ name, is_private: true });
        if (channel?.id === undefined) throw unreadable('open a private channel');
        await client.conversations.setPurpose({ channel: channel.id, purpose }).catch(() => undefined);
        return { place: 'channel', channel: channel.id, thread: null, name: channel.name ?? name };
      }),

    findChannel: (name, signal) =>
      asked('look for its channel', signal, async () => {
        const { user_id: me } = await client.auth.test();
        let cursor: string | undefined;
        for (let page = 0; page < MAX_PAGES; page += 1) {
          signal.throwIfAborted();
          const list = await client.conversations.list({
            types: 'private_channel',
            exclude_archived: true,
            limit: PAGE,
            ...(cursor === undefined ? {} : { cursor }),
          });
          const found = list.channels?.find((one) => one.name === name && one.creator === me);
          if (found?.id !== undefined) return { place: 'channel', channel: found.id, thread: null, name };
          cursor = list.response_metadata?.next_cursor || undefined;
          if (cursor === undefined) return null;
        }
        return null;
      }),

    fallbackChannel: async (signal) => {
      const { fallback } = parts;
      if (fallback === null) return null;
      try {
        return await asked('look at the fallback channel', signal, async () => {
          const { channel } = await client.conversations.info({ channel: fallback });
          const shared =
            channel?.is_shared ||
            channel?.is_ext_shared ||
            channel?.is_org_shared ||
            channel?.is_pending_ext_shared;
          const fit = channel?.is_private && !shared && !channel.is_archived && channel.is_member;
          return fit ? fallback : null;
        });
      } catch (error) {
        if (error instanceof RemoteError && error.outcome === 'refused') return null;
        throw error;
      }
    },

    openDirect: (users, signal) =>
      asked('open a direct conversation', signal, async () => {
        const { channel } = await client.conversations.open({
          users: users.slice(0, DIRECT_PEOPLE).join(','),
        });
        if (channel?.id === undefined) throw unreadable('open a direct conversation');
        return { place: 'direct', channel: channel.id, thread: null, name: null };
      }),

    async invite(room, users, signal) {
      if (room.place === 'direct') return { invited: [], refused: [] };
      const invited: string[] = [];
      const refused: { user: string; why: string }[] = [];
      for (const user of users) {
        try {
          await asked('invite people', signal, () =>
            client.conversations.invite({ channel: room.channel, users: user }),
          );
          invited.push(user);
        } catch (error) {
          if (!(error instanceof RemoteError) || error.outcome !== 'refused') throw error;
          if (error.reason === 'already_in_channel' || error.reason === 'cant_invite_self')
            invited.push(user);
          else if (ROOM_IS_WRONG.has(error.code)) throw error;
          else refused.push({ user, why: error.reason });
        }
      }
      return { invited, refused };
    },

    post: (room, message, marker, signal) =>
      asked('post a message', signal, async () => {
        const { text, blocks } = drawn(message);
        const at = {
          channel: room.channel,
          ...(room.thread === null ? {} : { thread_ts: room.thread }),
          unfurl_links: false,
          unfurl_media: false,
          metadata: { event_type: MARKER_EVENT, event_payload: { run: marker } },
        };
        const send = (what: { text: string; blocks?: Message['blocks'] }) =>
          what.blocks === undefined
            ? client.chat.postMessage({ ...at, text: what.text })
            : client.chat.postMessage({ ...at, text: what.text, blocks: [...what.blocks] });
        const { ts } = await send({ text, blocks }).catch((error: unknown) => {
          // Better plain words than none.
          if (isTooMuch(error)) return send({ text: plainWords(text) });
          throw error;
        });
        if (ts === undefined) throw unreadable('post a message');
        return { ts };
      }),

    findPost: (room, marker, since, signal, except = null) =>
      asked('look for its message', signal, () => findMarked(client, room, marker, since, except, signal)),

    edit: (at, message, signal) =>
      asked('edit its message', signal, async () => {
        const { text, blocks } = drawn(message);
        try {
          await client.chat.update({ ...at, text, blocks: [...blocks] });
        } catch (error) {
          if (!isTooMuch(error)) throw error;
          await client.chat.update({ ...at, text: plainWords(text), blocks: [] });
        }
      }),

    remove: (at, signal) =>
      asked('remove its message', signal, async () => {
        try {
          await client.chat.delete(at);
        } catch (error) {
          if (asRemoteError(error, 'remove its message').reason !== 'message_not_found') throw error;
        }
      }),

    pin: (at, signal) =>
      asked('pin the card', signal, async () => {
        try {
          await client.pins.add({ channel: at.channel, timestamp: at.ts });
        } catch (error) {
          if (asRemoteError(error, 'pin the card').reason !== 'already_pinned') throw error;
        }
      }),

    async userByEmail(email, signal) {
      try {
        return await asked('look for the owner', signal, async () => {
          const { user } = await client.users.lookupByEmail({ email });
          return user?.id ?? null;
        });
      } catch (error) {
        if (error instanceof RemoteError && error.reason === 'users_not_found') return null;
        throw error;
      }
    },

    responders: () => parts.responders(),
    managers: () => parts.managers(),
  };
}

/** Refusals that are about the room or the app, not about one person. */
const ROOM_IS_WRONG: ReadonlySet<string> = new Set(['KL_SLACK_CHANNEL', 'KL_SLACK_SCOPE', 'KL_SLACK_TOKEN']);

function isTooMuch(error: unknown): boolean {
  const { reason } = asRemoteError(error, 'show it');
  return ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long'].includes(reason);
}

function plainWords(text: string): string {
  return `${text}\nSlack refuses to show the whole message. Type /keyleak status here, or run keyleak show.`;
}

function unreadable(what: string): RemoteError {
  return new RemoteError(
    'KL_SLACK_UNREADABLE',
    `Slack’s answer could not be read, so it is not known whether keyleak could ${what}.`,
    'Nothing: keyleak looks and tries again by itself.',
    { outcome: 'unknown', reason: 'unreadable' },
  );
}

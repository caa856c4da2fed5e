// Tells one person something that nobody else sees, by the first way that works: the response URL, an ephemeral message
// in the channel, a direct message.

import type { WebClient } from '@slack/web-api';
import type { RemoteError } from '../domain/remote-error.ts';
import { asRemoteError } from './remote.ts';
import type { Reply } from './reply.ts';
import type { Message } from './views/message.ts';

export interface Ear {
  readonly user: string;
  readonly channel: string | null;
  readonly responseUrl: string | null;
}

/**
 * `instead` puts the message in the place of the one that was pressed, where the response URL is there to do so.
 * Throws the RemoteError of the last way when none worked.
 */
export type Whisper = (to: Ear, message: Message, instead?: boolean) => Promise<void>;

export function createWhisper(parts: { client: WebClient; reply: Reply }): Whisper {
  const { client, reply } = parts;

  async function inChannel(channel: string, user: string, { text, blocks }: Message): Promise<void> {
    await client.chat.postEphemeral({ channel, user, text, blocks: [...blocks] });
  }

  async function directly(users: string, { text, blocks }: Message): Promise<void> {
    const opened = await client.conversations.open({ users });
    const channel = opened.channel?.id ?? users;
    await client.chat.postMessage({
      channel,
      text,
      blocks: [...blocks],
      unfurl_links: false,
      unfurl_media: false,
    });
  }

  return async ({ user, channel, responseUrl }, message, instead = false) => {
    const ways = [
      ...(responseUrl === null ? [] : [() => reply(responseUrl, message, instead)]),
      ...(channel === null ? [] : [() => inChannel(channel, user, message)]),
      () => directly(user, message),
    ];
    let last: RemoteError | null = null;
    for (const way of ways) {
      try {
        await way();
        return;
      } catch (error) {
        // It may have arrived all the same: the same words twice are better than none.
        last = asRemoteError(error, 'answer you');
      }
    }
    if (last !== null) throw last;
  };
}

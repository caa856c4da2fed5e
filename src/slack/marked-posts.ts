// Finds a message of our own again after its acknowledgement was lost, by the marker that it carries.

import type { WebClient } from '@slack/web-api';
import type { Room } from '../domain/entry.ts';

const PAGE = 200;
const MAX_PAGES = 20;

/**
 * keyleak's message with this marker, not older than `since` (milliseconds since the epoch), and not the one at
 * `except`. Throws what the client throws.
 */
export async function findMarked(
  client: WebClient,
  room: Room,
  marker: string,
  since: number,
  except: string | null,
  signal: AbortSignal,
): Promise<{ readonly ts: string } | null> {
  const { bot_id: me, user_id: user } = await client.auth.test();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    signal.throwIfAborted();
    const asked = {
      channel: room.channel,
      oldest: String(Math.floor(since / 1_000)),
      limit: PAGE,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { messages = [], response_metadata } =
      room.thread === null
        ? await client.conversations.history(asked)
        : await client.conversations.replies({ ...asked, ts: room.thread });
    const found = messages.find((message) => {
      const own = message.user === user || (me !== undefined && message.bot_id === me);
      return own && message.ts !== except && markerOf(message.metadata) === marker;
    });
    if (found?.ts !== undefined) return { ts: found.ts };
    cursor = response_metadata?.next_cursor || undefined;
    if (cursor === undefined) return null;
  }
  return null;
}

function markerOf(metadata: unknown): string | null {
  if (typeof metadata !== 'object' || metadata === null || !('event_payload' in metadata)) return null;
  const payload: unknown = metadata.event_payload;
  if (typeof payload !== 'object' || payload === null || !('run' in payload)) return null;
  return typeof payload.run === 'string' ? payload.run : null;
}

// Pings and pongs of one connection. The Socket Mode client keeps them to itself, so they are heard where undici tells of
// them, for every WebSocket of the process, and told apart by the address, which carries a ticket of its own.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { SocketModeReceiver } from '@slack/bolt';
import { textAt } from './payload.ts';

const CHANNELS = ['undici:websocket:ping', 'undici:websocket:pong'];

/** Calls `hear` at every ping and pong of this client's connection, until the returned function is called. */
export function watchPings(client: SocketModeReceiver['client'], hear: () => void): () => void {
  let address: string | null = null;
  client.on('authenticated', (opened: unknown) => {
    const url = textAt(opened, 'url');
    address = url !== null && URL.canParse(url) ? new URL(url).href : null;
  });
  const listen = (message: unknown): void => {
    if (address !== null && textAt(message, 'websocket', 'url') === address) hear();
  };
  for (const channel of CHANNELS) subscribe(channel, listen);
  return () => {
    for (const channel of CHANNELS) unsubscribe(channel, listen);
  };
}

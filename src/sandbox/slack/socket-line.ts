// One Socket Mode connection, from Slack's side: hello, pings, envelopes out and acknowledgements in, and the request to
// connect anew.

import type { RawData, WebSocket } from 'ws';
import type { Alarm } from '../../domain/clock.ts';
import type { Envelope, Receive, Reply } from './delivery.ts';
import { isJson, textOf } from './json.ts';
import { PRACTICE } from './people.ts';

export interface SocketLine {
  readonly receive: Receive;
  /** Called once, when no more envelopes may come this way. */
  onLeaving(leave: () => void): void;
  /** Sends `disconnect`; the client hangs up and comes back. */
  refresh(): void;
  /** Hangs up without a word. */
  cut(): void;
}

/** The client gives up after 30 s without one. */
const PING_MS = 10_000;

export function createSocketLine(parts: {
  socket: WebSocket;
  alarm: Alarm;
  connections: number;
}): SocketLine {
  const { socket, alarm } = parts;
  const waiting = new Map<string, (reply: Reply) => void>();
  const leaving: (() => void)[] = [];

  function leave(): void {
    for (const one of leaving.splice(0)) one();
  }

  let cancelPing = alarm(PING_MS, ping);
  function ping(): void {
    socket.ping(`Ping from practice ${waiting.size}`);
    cancelPing = alarm(PING_MS, ping);
  }

  socket.on('message', (data) => {
    const message = read(wordsOf(data));
    if (message === null) return;
    const settle = waiting.get(message.id);
    waiting.delete(message.id);
    settle?.({ acked: true, payload: message.payload });
  });
  socket.on('close', () => {
    cancelPing();
    leave();
    for (const settle of waiting.values()) settle({ acked: false });
    waiting.clear();
  });
  // An error is always followed by `close`, which does what there is to do.
  socket.on('error', () => {});

  const debug_info = { host: 'practice', build_number: 0, approximate_connection_time: 18_060 };
  const connection_info = { app_id: PRACTICE.app };
  socket.send(
    JSON.stringify({ type: 'hello', num_connections: parts.connections, debug_info, connection_info }),
  );

  return {
    receive: (envelope: Envelope) =>
      new Promise((resolve) => {
        waiting.set(envelope.envelope_id, resolve);
        socket.send(JSON.stringify(envelope));
      }),
    onLeaving(then) {
      leaving.push(then);
    },
    refresh() {
      leave();
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info }));
    },
    cut() {
      socket.terminate();
    },
  };
}

function wordsOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(new Uint8Array(data)).toString();
}

function read(text: string): { id: string; payload: unknown } | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  return isJson(message) ? { id: textOf(message.envelope_id), payload: message.payload } : null;
}

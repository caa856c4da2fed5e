// The practice services on loopback ports: Slack with its Web API and Socket Mode, and any others beside it. Real SDKs connect to
// these as they would to the vendors.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Alarm } from '../domain/clock.ts';
import { type Handler, type Served, serveHandler } from './serve-http.ts';
import type { PracticeSlack } from './slack/practice-slack.ts';
import { createSocketLine, type SocketLine } from './slack/socket-line.ts';

export interface ServePracticeParts {
  /** The practice Slack, or one whose `fetch` and `connect` are wrapped. */
  readonly slack: Pick<PracticeSlack, 'fetch' | 'connect' | 'mount'>;
  /** Other services by name; each gets its own port. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** Paces the pings of Socket Mode. */
  readonly alarm: Alarm;
  /** Gets what a handler throws; nothing else is lost with it. */
  readonly onFault: (error: unknown) => void;
  /** Makes the tickets of Socket Mode. */
  readonly ticket: () => string;
}

export interface PracticeServices {
  /** For `SLACK_API_URL`; ends with a slash, as the SDK wants it. */
  readonly slackApiUrl: string;
  /** Origin of every other handler, by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Tells every connected client to connect anew, as Slack does now and then. */
  refresh(): void;
  /** Cuts every Socket Mode connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

export async function servePractice(parts: ServePracticeParts): Promise<PracticeServices> {
  const { slack, alarm, onFault } = parts;
  const lines = new Set<SocketLine>();
  const tickets = new Set<string>();
  const sockets = new WebSocketServer({ noServer: true });
  const home = await serveHandler(slack, onFault);
  const others = await serveAll(parts.handlers ?? {}, onFault);

  slack.mount(home.origin, () => {
    const ticket = parts.ticket();
    tickets.add(ticket);
    return `${home.origin.replace('http:', 'ws:')}/link/?ticket=${ticket}`;
  });

  function attach(socket: WebSocket): void {
    const line = createSocketLine({ socket, alarm, connections: lines.size + 1 });
    lines.add(line);
    const disconnect = slack.connect(line.receive);
    line.onLeaving(disconnect);
    socket.once('close', () => {
      lines.delete(line);
    });
  }

  home.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', home.origin);
    if (url.pathname !== '/link/' || !tickets.delete(url.searchParams.get('ticket') ?? '')) {
      stream.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, attach);
  });

  return {
    slackApiUrl: `${home.origin}/api/`,
    urls: Object.fromEntries(others.map(([name, served]) => [name, served.origin])),
    refresh() {
      for (const line of lines) line.refresh();
    },
    cut() {
      for (const line of lines) line.cut();
    },
    async close() {
      for (const line of lines) line.cut();
      sockets.close();
      await Promise.all([home.close(), ...others.map(([, served]) => served.close())]);
    },
  };
}

async function serveAll(
  handlers: Readonly<Record<string, Handler>>,
  onFault: (error: unknown) => void,
): Promise<readonly (readonly [string, Served])[]> {
  return Promise.all(
    Object.entries(handlers).map(
      async ([name, handler]) => [name, await serveHandler(handler, onFault)] as const,
    ),
  );
}

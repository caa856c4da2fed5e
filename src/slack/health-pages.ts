// The pages by which a supervisor learns whether the bot lives (/healthz) and whether it can be of use (/readyz). Counts
// only: nothing of incidents or of the configuration.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { KeyleakError } from '../domain/errors.ts';

export interface Readiness {
  /** Whether the log can be read. */
  readonly database: boolean;
  /** Socket Mode connections that stand; null over HTTP, where Slack comes by itself. */
  readonly connections: number | null;
}

export type AskReadiness = () => Promise<Readiness>;

interface Page {
  readonly path: string;
  readonly method: string;
  handler(request: IncomingMessage, response: ServerResponse): void;
}

export function healthPages(ask: AskReadiness): readonly Page[] {
  return [
    { path: '/healthz', method: 'GET', handler: (_, response) => answer(response, 200, { status: 'ok' }) },
    {
      path: '/readyz',
      method: 'GET',
      handler(_, response) {
        ask().then(
          (state) => answer(response, isReady(state) ? 200 : 503, { ready: isReady(state), ...state }),
          () => answer(response, 503, { ready: false }),
        );
      },
    },
  ];
}

function isReady({ database, connections }: Readiness): boolean {
  return database && connections !== 0;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

export interface HealthServer {
  /** Where it listens; of interest where any free port was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** The pages by themselves, where Slack comes by a socket. Port 0: any that is free. Throws KL_HTTP_PORT. */
export async function serveHealth(parts: {
  readonly host: string;
  readonly port: number;
  readonly ask: AskReadiness;
}): Promise<HealthServer> {
  const pages = healthPages(parts.ask);
  const server = createServer((request, response) => {
    const page = pages.find(({ path, method }) => request.url === path && request.method === method);
    if (page === undefined) answer(response, 404, { status: 'not found' });
    else page.handler(request, response);
  });
  await listening(server, parts.host, parts.port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : parts.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(portTaken(host, port, cause)));
    server.listen(port, host, resolve);
  });
}

export function portTaken(host: string, port: number, cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_HTTP_PORT',
    `keyleak cannot listen on ${host}:${port}.`,
    'Stop what uses the port, or set PORT and HOST to others.',
    { cause },
  );
}

// The bot's side of the socket: one command a request, from whoever the file system lets in, answered once it is in the log.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ErrorFacts, errorFacts } from '../domain/errors.ts';
import type { Engine } from '../engine/api.ts';
import { carryOut } from './desk.ts';
import { MOST_BYTES, type Reply, readCommand, written } from './protocol.ts';
import { preparePlace } from './socket-path.ts';

export interface Control {
  /** Takes no more commands, answers those in hand, and takes the socket away. */
  close(): Promise<void>;
}

export interface ControlParts {
  readonly engine: Engine;
  /** See `controlPath`. Its database must be held by this process. */
  readonly path: string;
  /** Told of what went wrong inside keyleak itself. */
  readonly onFault: (error: unknown) => void;
}

/** A request is a few kilobytes from the same machine; whoever takes longer is gone. */
const REQUEST_WITHIN_MS = 5_000;

/** Listens. Throws KL_CONTROL_FOLDER, KL_CONTROL_TAKEN, and what the system says where it allows no socket. */
export async function serveControl(parts: ControlParts): Promise<Control> {
  preparePlace(parts.path);
  const inHand = new Set<Promise<void>>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const work = answer(parts, request, body).then((reply) => send(response, reply));
    inHand.add(work);
    await work.finally(() => inHand.delete(work));
  }

  const server = createServer(
    {
      requestTimeout: REQUEST_WITHIN_MS,
      headersTimeout: REQUEST_WITHIN_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      // Somebody who hangs up in the middle of a sentence is no fault of ours.
      serve(request, response).catch((error: unknown) => (request.complete ? parts.onFault(error) : null));
    },
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // The socket is born private: between its birth and a later chmod somebody could connect.
    const before = process.umask(0o177);
    try {
      server.listen(parts.path, resolve);
    } finally {
      process.umask(before);
    }
  });
  server.on('error', parts.onFault);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      await Promise.all(inHand);
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(parts: ControlParts, request: IncomingMessage, body: string | null): Promise<Reply> {
  if (request.method !== 'POST' || request.url !== '/') return failure(NOT_UNDERSTOOD);
  if (body === null) return failure(TOO_LARGE);
  const said = readCommand(body);
  if (said.read === 'version') return failure(OTHER_VERSION);
  if (said.read === 'badly') return failure(NOT_UNDERSTOOD);
  try {
    return await carryOut(parts.engine, said.value);
  } catch (error) {
    const facts = errorFacts(error, FAULT);
    if (facts === FAULT) parts.onFault(error);
    return failure(facts);
  }
}

/** Null when it is too long; the rest is not kept. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MOST_BYTES) chunks.push(chunk);
  }
  return length > MOST_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, reply: Reply): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed) resolve();
    response.once('close', resolve);
    const isError = reply.outcome === 'error';
    response.writeHead(isError ? 400 : 200, { 'content-type': 'application/json', connection: 'close' });
    response.end(written(reply));
  });
}

function failure(error: ErrorFacts): Reply {
  return { outcome: 'error', error };
}

const FAULT: ErrorFacts = {
  code: 'KL_CONTROL_FAULT',
  message: 'The bot itself failed over this command.',
  next: 'See with keyleak show what is in the log. If the key lives, deactivate it in the provider’s console, and report the error from the log of the bot.',
};

const OTHER_VERSION: ErrorFacts = {
  code: 'KL_CONTROL_VERSION',
  message: 'The running bot and this command are of different versions of keyleak, so nothing was done.',
  next: 'Use the keyleak that the bot was started from, or stop the bot and run the command again.',
};

const TOO_LARGE: ErrorFacts = {
  code: 'KL_CONTROL_TOO_LARGE',
  message: 'The command is too long for the bot’s socket, so nothing was done.',
  next: 'Say less: 20 keys, and a few sentences.',
};

const NOT_UNDERSTOOD: ErrorFacts = {
  code: 'KL_CONTROL_REQUEST',
  message: 'The bot did not understand what was sent to its socket; nothing was done.',
  next: 'Only keyleak’s own command line speaks to this socket. Use the keyleak that the bot was started from.',
};

// How Slack reaches the bot by HTTP: signed requests to one path, each taken once, answered in time, and none cut off by a
// stop.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { App, Logger, Receiver } from '@slack/bolt';
import type { Alarm, Clock } from '../domain/clock.ts';
import { isSslCheck, parseBody, readBody } from './http-body.ts';
import { answerPage, type Pages, pathOf } from './http-pages.ts';
import { listen, type Place } from './listen.ts';
import { textAt } from './payload.ts';
import { createSignatureCheck, type Verdict } from './signed-request.ts';

export const SLACK_PATH = '/slack/events';

/** Slack waits three seconds. */
const ANSWER_WITHIN_MS = 3_000;
/** A stop waits for answers, and for nothing else that a peer keeps open. */
const DRAIN_MS = 4_000;
/** Refusals are told at most this often: anybody can cause them. */
const TELL_EVERY_MS = 60_000;

const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
} as const;

export interface HttpReceiver extends Receiver {
  /** Where it listens; null before and after. */
  place(): Place | null;
}

/**
 * `start` resolves when the port is bound, and rejects with KL_PORT_TAKEN or KL_PORT_REFUSED. `stop` takes nothing new, lets
 * requests in hand be answered and resolves within about four seconds.
 */
export function createHttpReceiver(parts: {
  readonly signingSecret: () => string;
  readonly place: Place;
  readonly clock: Clock;
  readonly alarm: Alarm;
  /** Must print no payload. */
  readonly logger: Logger;
  /** What is at every other path. */
  readonly pages: Pages;
}): HttpReceiver {
  const { clock, alarm, logger } = parts;
  const check = createSignatureCheck({ secret: parts.signingSecret, clock });
  const tellRefusal = createRefusalTeller(clock, logger);
  const inHand = new Set<ServerResponse>();
  let app: App | null = null;
  let bound: Place | null = null;
  let stopping = false;
  let onIdle: () => void = () => undefined;

  const server = createServer(LIMITS, (request, response) => {
    inHand.add(response);
    response.once('close', () => {
      inHand.delete(response);
      if (inHand.size === 0) onIdle();
    });
    take(request, response).catch((error: unknown) => {
      // Whoever hung up reads no answer; all else is a fault.
      if (!request.destroyed || request.complete) logger.error('A request could not be answered.', error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (pathOf(request) !== SLACK_PATH) return answerPage(parts.pages, request, response);
    if (request.method !== 'POST') {
      request.resume();
      response.setHeader('allow', 'POST');
      return answer(response, 405);
    }
    const bytes = await readBody(request);
    if (bytes === null) return refuse(response, 413, 'too large');
    const verdict = check(request.headers, bytes);
    if (verdict !== 'genuine' && verdict !== 'unsigned') return refuse(response, 401, verdict);
    const body = parseBody(request.headers['content-type'] ?? '', bytes.toString());
    if (isSslCheck(body)) return answer(response, 200);
    if (verdict === 'unsigned') return refuse(response, 401, verdict);
    if (body === null) return refuse(response, 400, 'unreadable');
    if (textAt(body, 'type') === 'url_verification')
      return answer(response, 200, { challenge: textAt(body, 'challenge') });
    return deliver(request, response, body);
  }

  async function refuse(response: ServerResponse, status: number, why: Why): Promise<void> {
    tellRefusal(why);
    return answer(response, status);
  }

  async function deliver(
    request: IncomingMessage,
    response: ServerResponse,
    body: Record<string, unknown>,
  ): Promise<void> {
    let answered = false;
    /** False when it was answered before. */
    const claim = (): boolean => {
      cancel();
      const mine = !answered;
      answered = true;
      return mine;
    };
    const cancel = alarm(ANSWER_WITHIN_MS, () => {
      if (claim()) void answer(response, 404).catch(() => undefined);
    });
    try {
      await app?.processEvent({
        body,
        ...retryOf(request),
        ack: async (given: unknown) => {
          if (!claim()) throw new Error('Slack waits for this answer no longer.');
          await answer(response, 200, given);
        },
      });
      if (claim()) await answer(response, 404);
    } catch (error) {
      logger.error('A delivery from Slack could not be read.', error);
      if (claim()) await answer(response, 500);
    }
  }

  /** Resolves when it was handed to the system. Rejects when the peer is gone. */
  function answer(response: ServerResponse, status: number, body?: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      response.once('finish', resolve);
      response.once('close', () => reject(new Error('The peer hung up before the answer.')));
      if (response.destroyed) reject(new Error('The peer hung up before the answer.'));
      if (stopping || status === 413) response.setHeader('connection', 'close');
      const [type, text] = asSent(body);
      response.writeHead(status, { ...type, 'content-length': Buffer.byteLength(text) }).end(text);
    });
  }

  return {
    init(to: App) {
      app = to;
    },
    place: () => bound,
    async start() {
      bound = await listen(server, parts.place);
      server.on('error', (error) => logger.error('The HTTP server has a fault.', error));
    },
    async stop() {
      stopping = true;
      bound = null;
      await closeWhenIdle(server, alarm, {
        isIdle: () => inHand.size === 0,
        onIdle: (then) => {
          onIdle = then;
        },
      });
    },
  };
}

/** Connections without a request would hold a server open for as long as their peers like. */
function closeWhenIdle(
  server: Server,
  alarm: Alarm,
  work: { isIdle: () => boolean; onIdle: (then: () => void) => void },
): Promise<void> {
  return new Promise((resolve) => {
    const cut = (): void => server.closeAllConnections();
    const cancel = alarm(DRAIN_MS, cut);
    server.close(() => {
      cancel();
      resolve();
    });
    work.onIdle(cut);
    if (work.isIdle()) cut();
  });
}

type Why = Exclude<Verdict, 'genuine'> | 'too large' | 'unreadable';

function createRefusalTeller(clock: Clock, logger: Logger): (why: Why) => void {
  let told = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (why) => {
    const now = clock.now();
    if (now - told < TELL_EVERY_MS) {
      untold += 1;
      return;
    }
    const more = untold === 0 ? '' : ` ${untold} more were refused before it.`;
    logger.warn(`A request to ${SLACK_PATH} was refused: ${why}.${more}`);
    told = now;
    untold = 0;
  };
}

function retryOf({ headers }: IncomingMessage): { retryNum?: number; retryReason?: string } {
  const number = Number(headers['x-slack-retry-num']);
  const reason = headers['x-slack-retry-reason'];
  return {
    ...(Number.isInteger(number) ? { retryNum: number } : {}),
    ...(typeof reason === 'string' ? { retryReason: reason } : {}),
  };
}

function asSent(body: unknown): [type: Record<string, string>, text: string] {
  if (body === undefined || body === null || body === '') return [{}, ''];
  if (typeof body === 'string') return [{ 'content-type': 'text/plain; charset=utf-8' }, body];
  return [{ 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(body)];
}

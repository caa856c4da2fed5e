// The log of the process: one JSON line each, scrubbed at the very last write, whatever was put into it.

import { type Logger, LogLevel } from '@slack/bolt';
import pino from 'pino';
import { KeyleakError } from './domain/errors.ts';
import { mask } from './domain/redaction.ts';
import { RemoteError } from './domain/remote-error.ts';
import type { OutboundAlarm, OutboundCall } from './outbound.ts';

export interface Log {
  /** Something an operator may want to know. */
  note(message: string): void;
  /** Something an operator should look at soon. */
  warn(message: string): void;
  /** A fault inside keyleak, with its stack; or what the world refused, as a warning with its way out. */
  error(error: unknown): void;
  /** A secret was held back on its way out. */
  alarm(alarm: OutboundAlarm): void;
  /** A call to a service; those that went well only at level debug. */
  call(call: OutboundCall): void;
}

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Writes to `destination`, one line a call; `time` is RFC 3339 UTC. */
export function createLog(parts: {
  readonly level: Level;
  readonly destination: pino.DestinationStream;
}): Log {
  const logger = pino(
    {
      level: parts.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // pino's own redaction knows paths, not values: a secret in prose or in a stack would pass it.
      hooks: { streamWrite: scrubbed },
    },
    parts.destination,
  );
  return {
    note: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    error: (error) => {
      if (error instanceof RemoteError)
        logger.warn({ refusal: refusalFields(error) }, 'a service did not do its part');
      else logger.error({ error: errorFields(error, 0) }, 'keyleak itself failed');
    },
    alarm: (alarm) => logger.error({ alarm }, 'a secret was held back on its way out'),
    call: (call) => {
      const failed = call.status === null || call.status >= 400;
      logger[failed ? 'warn' : 'debug']({ call }, failed ? 'a call failed' : 'a call was answered');
    },
  };
}

const MAX_CAUSES = 4;

/** What a line may tell of an error. Errors of SDKs hold requests and answers: of those nothing is taken over. */
function errorFields(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return told(error);
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof KeyleakError ? { code: error.code, next: error.next } : {}),
    stack: error.stack,
    ...(error.cause === undefined || depth === MAX_CAUSES
      ? {}
      : { cause: errorFields(error.cause, depth + 1) }),
  };
}

/** What the world refused has a sentence and a way out; a stack would only hide them. */
function refusalFields({ code, message, next, outcome, reason, requestId }: RemoteError): object {
  return { code, message, next, outcome, reason, ...(requestId === null ? {} : { requestId }) };
}

const HELD_BACK = `${JSON.stringify({ level: 'error', msg: 'A line of the log was held back: it could not be masked.' })}\n`;

/** A line with every secret masked: JSON still, or else none of it. */
export function scrubbed(line: string): string {
  const { text, masked } = mask(line);
  if (masked === 0) return line;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return HELD_BACK;
  }
}

/**
 * Bolt's logger on top of ours. Debug is dropped for good: there the SDKs print whole payloads. Of objects only
 * errors are told, by name, code and message. What Bolt calls an error is the world's fault, so it is a warning here.
 */
export function boltLogger(log: Log): Logger {
  return {
    debug: () => {},
    info: (...words) => log.note(sentence(words)),
    warn: (...words) => log.warn(sentence(words)),
    error: (...words) => log.warn(sentence(words)),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}

function sentence(words: readonly unknown[]): string {
  return words.map(told).join(' ');
}

function told(word: unknown): string {
  if (word instanceof Error) {
    const code = 'code' in word ? ` (${String(word.code)})` : '';
    return `${word.name}${code}: ${word.message}`;
  }
  return typeof word === 'object' && word !== null ? '(details left out)' : String(word);
}

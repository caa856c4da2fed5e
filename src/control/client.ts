// The command line's side of the socket: one command, one answer, and an honest error for every other end.

import { request } from 'node:http';
import type { Alarm } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';
import { type Command, MOST_BYTES, type Reply, readReply, type Told, written } from './protocol.ts';
import { denied, isTrusted } from './socket-path.ts';

export interface ControlPlace {
  readonly path: string;
  readonly database: string;
  readonly alarm: Alarm;
}

/** A command is one or two commits; a bot that needs longer hangs. */
export const ANSWER_WITHIN_MS = 10_000;

/**
 * Asks the running bot. Null when none listens there: no socket, or that of a dead bot. Throws KL_CONTROL_LOST when the bot
 * went away before it answered (the same command may be asked again), KL_CONTROL_SILENT when it does not answer,
 * KL_CONTROL_VERSION, KL_CONTROL_UNREADABLE, KL_CONTROL_DENIED, KL_CONTROL_UNTRUSTED, and the error that the bot names.
 */
export async function askBot(place: ControlPlace, command: Command): Promise<Told | null> {
  if (!isTrusted(place.path, place.database)) return null;
  const body = await exchange(place, written(command));
  if (body === null) return null;
  const reply = readReply(body);
  if (reply.read === 'version') throw otherVersion();
  if (reply.read === 'badly') throw unreadable();
  return toldBy(reply.value);
}

function toldBy(reply: Reply): Told {
  if (reply.outcome !== 'error') return reply;
  const { code, message, next } = reply.error;
  throw new KeyleakError(code, message, next);
}

/** The body of the answer; null when nobody listens. */
function exchange({ path, alarm }: ControlPlace, body: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: path, path: '/', method: 'POST', agent: false });
    const cancel = alarm(ANSWER_WITHIN_MS, () => call.destroy(silent()));
    const fail = (error: Error): void => {
      cancel();
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof KeyleakError) reject(error);
      else if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(null);
      else if (code === 'EACCES' || code === 'EPERM') reject(denied(path, error));
      else reject(lost(error));
    };
    call.on('error', fail);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MOST_BYTES) call.destroy(unreadable());
      });
      response.on('error', fail);
      response.on('close', () => {
        cancel();
        if (response.complete) resolve(text);
        else fail(new Error('the answer was cut short'));
      });
    });
    call.end(body);
  });
}

function lost(cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_LOST',
    'The bot went away before it answered, so it is not known here whether the command is in its log.',
    'See with keyleak show what is in the log, then run the command again.',
    { cause },
  );
}

function silent(): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_SILENT',
    `A bot runs on this database but did not answer within ${ANSWER_WITHIN_MS / 1000} seconds.`,
    'Stop the bot and run the command again: then it does the work itself. Or deactivate the key in the provider’s console.',
  );
}

function otherVersion(): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_VERSION',
    'The running bot and this command are of different versions of keyleak.',
    'Use the keyleak that the bot was started from, or stop the bot and run the command again.',
  );
}

function unreadable(): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_UNREADABLE',
    'What answered on the bot’s socket is not a keyleak bot, or another version of it.',
    'Use the keyleak that the bot was started from, or stop the bot and run the command again.',
  );
}

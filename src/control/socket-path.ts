// Where the bot's socket lies, and who may be trusted there: it is private to the user that owns the database.

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { KeyleakError } from '../domain/errors.ts';

/** The kernel takes 104 bytes (macOS) or 108 (Linux), the closing zero included. */
const LONGEST = 100;
/** Name of the folder that holds the socket where the path beside the database is too long. */
const SHORT = /^keyleak-[0-9a-f]{24}$/;

/**
 * `<database>.sock`. Where that is too long for a socket: `keyleak-<hash>/bot.sock` in the system's folder for temporary
 * files, the hash being the first 24 hex digits of the SHA-256 of the database's real path.
 */
export function controlPath(database: string): string {
  const real = join(realFolder(dirname(database)), basename(database));
  const beside = `${real}.sock`;
  if (Buffer.byteLength(beside) <= LONGEST) return beside;
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 24);
  return join(tmpdir(), `keyleak-${hash}`, 'bot.sock');
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Makes the place ready for a new socket and takes away what a dead bot left. Only for whoever holds the database's lock.
 * Throws KL_CONTROL_FOLDER where others could put a socket of their own, KL_CONTROL_TAKEN where something else lies.
 */
export function preparePlace(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const anybody = (stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0;
  // Among everybody's temporary files somebody else may have made the folder first.
  const mine = stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  if (anybody || (SHORT.test(basename(folder)) && !mine)) throw exposedFolder(folder);
  const old = statsOf(path);
  if (old === null) return;
  if (!old.isSocket()) throw taken(path);
  unlinkSync(path);
}

/** False when no socket lies there. Throws KL_CONTROL_UNTRUSTED for one that is not private to the database's owner, KL_CONTROL_DENIED. */
export function isTrusted(path: string, database: string): boolean {
  const socket = statsOf(path);
  if (socket === null) return false;
  const isPrivate = socket.isSocket() && (socket.mode & 0o077) === 0;
  // Root may run the bot on somebody's database; nobody else's socket speaks for it.
  if (!isPrivate || ![0, ownerOf(database)].includes(socket.uid)) throw untrusted(path);
  return true;
}

function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw denied(path, error);
  }
}

function ownerOf(database: string): number | null {
  try {
    return statSync(database).uid;
  } catch {
    return null;
  }
}

/** The socket belongs to another user. */
export function denied(path: string, cause: unknown): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_DENIED',
    `You may not use the bot’s socket ${path}.`,
    'Run the command as the user that runs the bot, for example with sudo -u.',
    { cause },
  );
}

function exposedFolder(folder: string): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_FOLDER',
    `Others may write into the folder ${folder}, so the bot opens no socket for the command line there.`,
    `Run chmod go-w on it and start the bot again, or move the database into a folder of its own.`,
  );
}

function taken(path: string): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_TAKEN',
    `Something that is not a socket lies at ${path}, so the bot opens none for the command line.`,
    'Move it away and start the bot again.',
  );
}

function untrusted(path: string): KeyleakError {
  return new KeyleakError(
    'KL_CONTROL_UNTRUSTED',
    `The socket ${path} is not private to the user that owns the database, so nothing was sent to it.`,
    'Find out who made it. Then delete it and start the bot again, or work in the provider’s console.',
  );
}

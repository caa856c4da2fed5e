// keyleak backup: a copy of the live database in one file.

import { resolve } from 'node:path';
import { loadConfig } from '../config.ts';
import { backUp } from '../store/backup.ts';
import { EXIT, type Io } from './io.ts';

/** `file` is taken from the working directory. Throws as `backUp` does. */
export async function backup(io: Io, file: string): Promise<number> {
  const config = loadConfig({ env: io.env, cwd: io.cwd, need: 'store' });
  const target = resolve(io.cwd, file);
  await backUp(config.database, target);
  await io.err(
    `The database is copied to ${target}, every page of it read. The key that signs the log is not in it: keep ${config.signingKey} as well.\n` +
      `To check the copy: KEYLEAK_DB=${target} keyleak verify. To go back to it: stop the bot, put it in the place of ${config.database}, remove the files beside that one that end in -wal and -shm, and start.\n`,
  );
  return EXIT.ok;
}

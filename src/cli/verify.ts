// keyleak verify: recomputes the log of a database, of one incident or of an exported file. Exit 4 where it is broken.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KeyleakError } from '../domain/errors.ts';
import { readExport } from '../export/read-export.ts';
import { gatherDatabase, gatherIncident } from './gather-log.ts';
import { EXIT, type Io, incidentId } from './io.ts';
import { type Judgement, judge, judgementText } from './judgement.ts';
import { withLog } from './open-log.ts';

/**
 * `what`: nothing for the whole database, `KL-7` for one incident, or the path of an exported file. A file whose name
 * looks like an id is reached as `./KL-7`. Throws KL_WITNESS_INCIDENT, KL_WITNESS_FORM, KL_INCIDENT_UNKNOWN,
 * KL_VERIFY_FILE, KL_EXPORT_UNREADABLE and what opening the database throws.
 */
export async function verify(
  io: Io,
  what: string | undefined,
  options: { witness?: string },
): Promise<number> {
  const { witness } = options;
  if (what === undefined && witness !== undefined) {
    throw new KeyleakError(
      'KL_WITNESS_INCIDENT',
      'A witness speaks of one incident.',
      'Name it: keyleak verify KL-7 --witness COUNT:HEAD, or give an exported file.',
    );
  }
  const judgement = await judgementOf(io, what, witness ?? null);
  await io.out(judgementText(judgement));
  if (judgement.findings.length > 0) {
    await io.err(
      'The log is broken. Keep a copy of the database, and compare with older exports and backups.\n',
    );
    return EXIT.broken;
  }
  if (witness === undefined) {
    await io.err('Now compare a witness and the key with what was posted in the incident’s channel.\n');
  }
  return EXIT.ok;
}

async function judgementOf(io: Io, what: string | undefined, witness: string | null): Promise<Judgement> {
  if (what === undefined) return withLog(io, async (log) => judge(await gatherDatabase(log), null));
  if (/^(kl-?)?[0-9]+$/i.test(what.trim())) {
    const id = incidentId(what);
    return withLog(io, async (log) => judge(await gatherIncident(log, id), witness));
  }
  return judge(readExport(await readText(io, what)), witness);
}

async function readText(io: Io, path: string): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, path), 'utf8');
  } catch (cause) {
    throw new KeyleakError(
      'KL_VERIFY_FILE',
      'That is neither the id of an incident nor a file that can be read.',
      'Give an id such as KL-7, or the path of a file that keyleak export --format json or ndjson wrote.',
      { cause },
    );
  }
}

// What can be checked without leaving this machine: node, SQLite, the database and its key, the runbooks.

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadRunbooks } from '../../runbook/load.ts';
import { inspectDatabase, sqliteVersion } from '../../store/inspect.ts';
import { inspectSigningKey } from '../../store/signing-key.ts';
import { RUNBOOK_ID, SHIPPED } from '../world.ts';
import { type Check, failed, ok } from './checkup.ts';

const LEAST_NODE = [20, 19] as const;

export function nodeCheck(version: string): Check {
  return {
    name: 'node',
    async ask() {
      const [major = 0, minor = 0] = version.split('.').map(Number);
      const [needMajor, needMinor] = LEAST_NODE;
      if (major > needMajor || (major === needMajor && minor >= needMinor)) return ok(`Node ${version}.`);
      return failed(
        `Node ${version} is too old.`,
        `Install Node ${LEAST_NODE.join('.')} or later; 24 is recommended.`,
      );
    },
  };
}

export const sqliteCheck: Check = {
  name: 'sqlite',
  async ask() {
    try {
      return ok(`SQLite ${sqliteVersion()}.`);
    } catch {
      return failed(
        'The SQLite binding cannot be loaded; it was built for another Node, or not at all.',
        'Run npm rebuild better-sqlite3 with the Node that runs keyleak; it needs python3, make and g++.',
      );
    }
  },
};

export const runbookCheck: Check = {
  name: 'runbooks',
  async ask() {
    const all = await loadRunbooks(SHIPPED.runbooks);
    return all.has(RUNBOOK_ID)
      ? ok(`${all.size} runbooks.`)
      : failed(
          `The runbook ${RUNBOOK_ID} is missing.`,
          'Install keyleak again, or restore its folder runbooks.',
        );
  },
};

export function databaseCheck(path: string): Check {
  return {
    name: 'database',
    async ask() {
      if (!existsSync(path)) {
        return canBeMade(path)
          ? ok(`${path} is not there yet; the first start makes it.`)
          : failed(
              `${path} is not there, and this account may not make it.`,
              'Make its folder writable for the account that runs keyleak, or name another with KEYLEAK_DB.',
            );
      }
      const { incidents, open } = await inspectDatabase(path);
      return ok(`${path} is sound: ${incidents} incidents, ${open} open. keyleak verify checks their logs.`);
    },
  };
}

/** Whether this account may write in the nearest folder that exists. */
function canBeMade(path: string): boolean {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function signingKeyCheck(path: string, database: string): Check {
  return {
    name: 'signing key',
    async ask() {
      const fingerprint = await inspectSigningKey(path);
      if (fingerprint !== null) return ok(`Fingerprint ${fingerprint.slice(0, 32)}. Keep a copy elsewhere.`);
      if (!existsSync(database)) return ok('It is not there yet; the first start makes it.');
      return failed(
        `The database has no signing key at ${path}: the next start would sign with another.`,
        'Restore it from its copy, or name it with KEYLEAK_SIGNING_KEY.',
      );
    },
  };
}

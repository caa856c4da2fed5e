// Looks at a database without taking its lock or changing it: for checks beside a running bot.

import Database from 'better-sqlite3';
import { checkIntegrity, openReadOnly } from './open.ts';
import { openReader } from './reader.ts';

/** Loads the binding. Throws what it throws where it was built for another Node, or not at all. */
export function sqliteVersion(): string {
  const db = new Database(':memory:');
  try {
    return db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? 'unknown';
  } finally {
    db.close();
  }
}

/** Reads every page once. Throws as `openReader` does, and KL_STORE_CORRUPT. */
export async function inspectDatabase(path: string): Promise<{ incidents: number; open: number }> {
  const reader = openReader(path);
  try {
    const rows = await reader.list({ status: 'any', limit: 2 ** 31 - 1 });
    const db = openReadOnly(path);
    try {
      checkIntegrity(db);
    } finally {
      db.close();
    }
    return { incidents: rows.length, open: rows.filter(({ status }) => status === 'open').length };
  } finally {
    await reader.close();
  }
}

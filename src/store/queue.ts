// Group commit: commands that wait together are written in one transaction, each in a savepoint of its own, and are
// answered only after the COMMIT has reached the disk.

import type Database from 'better-sqlite3';
import type { Boundary } from '../domain/clock.ts';
import { KeyleakError } from '../domain/errors.ts';
import { failsTransaction, writeError } from './storage-error.ts';

export interface Queue {
  /**
   * Runs `work`, which writes and returns at once, in the next transaction. Rejects with what `work` threw, its own
   * writes undone and its neighbours' kept; or, when the transaction as a whole failed, with KL_STORE_FULL or
   * KL_STORE_WRITE and nothing kept of any command. Either way the queue goes on. KL_STORE_CLOSED after `close`.
   */
  submit<T>(work: () => T): Promise<T>;
  /** Writes what waits and takes no more. */
  close(): void;
}

interface Command {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls `work` once the commands that arrive at this moment have arrived. */
export type Defer = (work: () => void) => void;

export interface QueueParts {
  readonly defer: Defer;
  /** `store:written` before the COMMIT, `store:committed` between it and the answers. */
  readonly boundary: Boundary;
  /** Called after every COMMIT, before the answers. Must not throw. */
  readonly afterCommit: () => void;
}

export function createQueue(db: Database.Database, parts: QueueParts): Queue {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const savepoint = db.prepare('SAVEPOINT command');
  const undo = db.prepare('ROLLBACK TO command');
  const release = db.prepare('RELEASE command');
  let waiting: Command[] = [];
  let closed = false;

  /** The answer to give once the transaction is durable. Throws when the transaction as a whole is lost. */
  function carryOut(command: Command): () => void {
    savepoint.run();
    try {
      const value = command.work();
      release.run();
      return () => command.resolve(value as never);
    } catch (error) {
      if (failsTransaction(error) || !db.inTransaction) throw error;
      undo.run();
      release.run();
      return () => command.reject(writeError(error));
    }
  }

  function write(commands: readonly Command[]): readonly (() => void)[] {
    const refuseAll = (error: unknown): readonly (() => void)[] =>
      commands.map((command) => () => command.reject(error));
    let answers: readonly (() => void)[];
    try {
      if (db.inTransaction) rollback.run();
      begin.run();
      answers = commands.map(carryOut);
      parts.boundary('store:written');
      commit.run();
    } catch (error) {
      // Some failures have undone the transaction already; one that resists is undone before the next.
      if (db.inTransaction) attempt(() => rollback.run());
      return refuseAll(writeError(error));
    }
    parts.afterCommit();
    try {
      parts.boundary('store:committed');
    } catch (error) {
      return refuseAll(error);
    }
    return answers;
  }

  function flush(): void {
    const commands = waiting;
    waiting = [];
    if (commands.length === 0) return;
    for (const answer of write(commands)) answer();
  }

  return {
    submit<T>(work: () => T): Promise<T> {
      if (closed) return Promise.reject(storeClosed());
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve, reject });
        if (waiting.length === 1) parts.defer(flush);
      });
    },
    close() {
      closed = true;
      flush();
    },
  };
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // What is wrong shows again, and is told, at the next BEGIN.
  }
}

function storeClosed(): KeyleakError {
  return new KeyleakError(
    'KL_STORE_CLOSED',
    'keyleak is stopping, so this was not written.',
    'Do it again once keyleak runs.',
  );
}

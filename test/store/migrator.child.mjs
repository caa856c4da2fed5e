// Opens a database as the bot does, and kills itself with SIGKILL before statement number N of what changes the schema.

import Database from 'better-sqlite3';
import { openStore } from '../../dist/store/store.js';
import { parts, say } from './parts.child.mjs';

const [, , path, number] = process.argv;
let left = Number(number);
const whole = Database.prototype.exec;

Database.prototype.exec = function exec(sql) {
  for (const statement of statementsOf(this, sql)) {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    whole.call(this, statement);
  }
  return this;
};

/** One after the other, since each may need those before it. A trigger has semicolons inside. */
function* statementsOf(db, sql) {
  let open = '';
  for (const piece of sql.replace(/--.*/g, '').split(/(?<=;)/)) {
    open += piece;
    if (!isWhole(db, open)) continue;
    yield open;
    open = '';
  }
  if (open.trim() !== '') yield open;
}

function isWhole(db, text) {
  try {
    db.prepare(text);
    return true;
  } catch (error) {
    return !/incomplete input|near "": syntax|more than one|contained no statements/.test(String(error));
  }
}

const store = await openStore(parts(path));
await store.close();
say('migrated');

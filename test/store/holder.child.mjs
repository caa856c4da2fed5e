// Opens the store as the bot does, says how that went, and stays.

import { openStore } from '../../dist/store/store.js';
import { parts, say } from './parts.child.mjs';

say('starting');
try {
  globalThis.store = await openStore(parts(process.argv[2]));
  say('held');
  setInterval(() => {}, 1_000);
} catch (error) {
  say(`${error.code} ${error.message}`);
}

// Appends to KL-1 as fast as it can, several commands at once, and says each number only after it was acknowledged.

import { openStore } from '../../dist/store/store.js';
import { parts, say } from './parts.child.mjs';

const store = await openStore(parts(process.argv[2]));
let seq = (await store.load('KL-1')).length;
say(`at ${seq}`);

const note = {
  kind: 'note.added',
  actor: 'U0WRITER',
  occurredAt: Date.now(),
  data: {},
  texts: { text: 'a note' },
};
const empty = { runs: [], runResult: null, deadlines: [], settled: [] };

for (;;) {
  const commits = Array.from({ length: 4 }, (_, n) => {
    const delivery = `D${seq + n + 1}`;
    return store
      .commit('KL-1', seq + n, { ...empty, now: Date.now(), entries: [note], delivery })
      .then(({ outcome }) => {
        if (outcome !== 'committed') throw new Error(outcome);
        say(delivery);
      });
  });
  await Promise.all(commits);
  seq += commits.length;
}

// Ways to tamper with a stored log. Each changes it in one seeded place; who holds only the database can do all of them.

import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { checkpointHash } from '../../src/domain/checkpoint.ts';
import type { Checkpoint } from '../../src/domain/ports.ts';
import { entryHash, GENESIS, type StoredEntry, textHash } from '../../src/domain/seal.ts';
import type { SealedLog } from './sealed-log.ts';
import { signerNamed } from './signers.ts';
import type { Chance } from './virtual-time.ts';

type Incident = SealedLog['incidents'][number];

export type Tampering = (log: SealedLog, chance: Chance) => void;

/** Flips one bit of the UTF-8 form. */
function flipped(text: string, chance: Chance): string {
  const bytes = Buffer.from(text, 'utf8');
  const at = chance.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
  return bytes.toString('utf8');
}

function someRow(log: SealedLog, chance: Chance, fits: (row: StoredEntry) => boolean = () => true) {
  const places = log.incidents.flatMap(({ rows }) =>
    rows.flatMap((row, index) => (fits(row) ? [{ rows, row, index }] : [])),
  );
  return chance.pick(places);
}

function changeRow(log: SealedLog, chance: Chance, change: (row: StoredEntry) => Partial<StoredEntry>): void {
  const { rows, row, index } = someRow(log, chance);
  rows[index] = { ...row, ...change(row) };
}

function changeText(
  log: SealedLog,
  chance: Chance,
  change: (text: { salt: string; text: string }) => { salt: string; text: string } | null,
): void {
  const { rows, row, index } = someRow(log, chance, ({ texts }) => Object.keys(texts).length > 0);
  const [field, salted] = chance.pick(Object.entries(row.texts));
  const { [field]: _gone, ...others } = row.texts;
  const changed = change(salted);
  rows[index] = { ...row, texts: changed === null ? others : { ...others, [field]: changed } };
}

function changeCheckpoint(
  log: SealedLog,
  chance: Chance,
  change: (checkpoint: Checkpoint) => Partial<Checkpoint>,
): void {
  const index = chance.below(log.checkpoints.length);
  const checkpoint = log.checkpoints[index];
  if (checkpoint !== undefined) log.checkpoints[index] = { ...checkpoint, ...change(checkpoint) };
}

/** Changes a member of an entry and makes its text canonical and its hash right again. */
function rewrite(row: StoredEntry, change: Record<string, unknown>): StoredEntry {
  const text = canonicalJson({ ...JSON.parse(row.text), ...change });
  return { ...row, text, hash: entryHash(text), seq: JSON.parse(text).seq };
}

/** Makes numbers, links and hashes of all rows right again, as anyone can who has no key. */
function rehash({ rows }: Incident): void {
  let prev = GENESIS;
  rows.forEach((row, index) => {
    rows[index] = rewrite(row, { seq: index + 1, prev });
    prev = rows[index].hash;
  });
}

/** Makes every checkpoint say what the rows say, linked anew, with signatures that `sign` gives. */
function restate(log: SealedLog, sign: (text: string, old: Checkpoint) => string): void {
  let prev = GENESIS;
  log.checkpoints.forEach((old, index) => {
    const rows = log.incidents.find(({ id }) => id === old.incident)?.rows ?? [];
    const count = Math.min(old.count, rows.length);
    const head = rows[count - 1]?.hash ?? old.head;
    const text = canonicalJson({ ...JSON.parse(old.text), n: index + 1, count, head, prev });
    prev = checkpointHash(text);
    log.checkpoints[index] = { ...old, n: index + 1, count, head, text, signature: sign(text, old) };
  });
}

function forge(log: SealedLog, chance: Chance): Incident {
  const incident = chance.pick(log.incidents);
  const index = chance.below(incident.rows.length);
  const row = incident.rows[index];
  if (row !== undefined) incident.rows[index] = rewrite(row, { actor: `U0FORGED${chance.below(1_000)}` });
  rehash(incident);
  return incident;
}

function swap<T>(items: T[], chance: Chance): void {
  const a = chance.below(items.length);
  const b = (a + 1 + chance.below(items.length - 1)) % items.length;
  const [x, y] = [items[a], items[b]];
  if (x !== undefined && y !== undefined) [items[a], items[b]] = [y, x];
}

const otherKey = signerNamed('another');

export const TAMPERINGS: Readonly<Record<string, Tampering>> = {
  'a bit of an entry': (log, chance) =>
    changeRow(log, chance, ({ text }) => ({ text: flipped(text, chance) })),
  'a bit of an entry, with its hash made right': (log, chance) =>
    changeRow(log, chance, (row) => {
      const text = flipped(row.text, chance);
      return { text, hash: entryHash(text) };
    }),
  'a bit of a hash': (log, chance) => changeRow(log, chance, ({ hash }) => ({ hash: flipped(hash, chance) })),
  'the number of a row': (log, chance) =>
    changeRow(log, chance, ({ seq }) => ({ seq: seq + 1 + chance.below(5) })),
  'white space in an entry': (log, chance) =>
    changeRow(log, chance, ({ text }) => {
      const spaced = text.replace(':', ': ');
      return { text: spaced, hash: entryHash(spaced) };
    }),
  'a ninth member': (log, chance) =>
    changeRow(log, chance, (row) => rewrite(row, { [`x${chance.below(9)}`]: chance.below(9) })),
  'a bit of a salt': (log, chance) =>
    changeText(log, chance, ({ salt, text }) => ({ salt: flipped(salt, chance), text })),
  'a salt in capitals': (log, chance) =>
    changeText(log, chance, ({ salt, text }) => ({ salt: salt.toUpperCase(), text })),
  'a longer salt': (log, chance) =>
    changeText(log, chance, ({ salt, text }) => ({ salt: `${salt}zz`, text })),
  'a bit of a text': (log, chance) =>
    changeText(log, chance, ({ salt, text }) => ({
      salt,
      text: text === '' ? 'x' : flipped(text, chance),
    })),
  'a text taken away': (log, chance) => changeText(log, chance, () => null),
  'a text that nothing commits to': (log, chance) =>
    changeRow(log, chance, ({ texts }) => ({
      texts: { ...texts, [`x${chance.below(9)}`]: { salt: '0'.repeat(64), text: 'added' } },
    })),
  'another text with its commitment made right, the chain hashed anew': (log, chance) => {
    const { rows, row, index } = someRow(log, chance, ({ texts }) => Object.keys(texts).length > 0);
    const [field, { salt }] = chance.pick(Object.entries(row.texts));
    const forged = { salt, text: `forged ${chance.below(1_000)}` };
    const { data } = JSON.parse(row.text);
    rows[index] = {
      ...rewrite(row, { data: { ...data, [field]: { text_sha256: textHash(forged) } } }),
      texts: { ...row.texts, [field]: forged },
    };
    for (const incident of log.incidents) if (incident.rows === rows) rehash(incident);
  },
  'a row deleted': (log, chance) => {
    const { rows, index } = someRow(log, chance);
    rows.splice(index, 1);
  },
  'a row deleted, the chain hashed anew': (log, chance) => {
    const incident = chance.pick(log.incidents);
    incident.rows.splice(chance.below(incident.rows.length), 1);
    rehash(incident);
  },
  'two rows swapped': (log, chance) => swap(chance.pick(log.incidents).rows, chance),
  'two rows swapped, the chain hashed anew': (log, chance) => {
    const incident = chance.pick(log.incidents);
    swap(incident.rows, chance);
    rehash(incident);
  },
  'a row twice': (log, chance) => {
    const { rows, row } = someRow(log, chance);
    rows.splice(chance.below(rows.length + 1), 0, row);
  },
  'a row of another incident': (log, chance) => {
    const { rows, index } = someRow(log, chance);
    const { row } = someRow(log, chance, (one) => !rows.includes(one));
    rows[index] = row;
  },
  'the last rows cut off': (log, chance) => {
    const { rows } = chance.pick(log.incidents);
    rows.length -= 1 + chance.below(rows.length);
  },
  'the last rows and their checkpoints cut off, while others follow': (log, chance) => {
    const newest = log.checkpoints.at(-1)?.incident;
    const { id, rows } = chance.pick(log.incidents.filter((one) => one.id !== newest));
    const own = log.checkpoints.filter(({ incident }) => incident === id);
    const kept = chance.below(own.length);
    rows.length = own[kept - 1]?.count ?? 0;
    const gone = new Set(own.slice(kept));
    log.checkpoints.splice(0, Infinity, ...log.checkpoints.filter((one) => !gone.has(one)));
  },
  'an entry added': (log, chance) => {
    const incident = chance.pick(log.incidents);
    incident.rows.push({ ...chance.pick(incident.rows), texts: {} });
    rehash(incident);
  },
  'an incident taken away': (log, chance) => {
    log.incidents.splice(chance.below(log.incidents.length), 1);
  },
  'an incident under another id': (log, chance) => {
    const { rows } = chance.pick(log.incidents);
    const id = `KL-${4 + chance.below(9)}`;
    const copy = { id, rows: rows.map((row) => rewrite(row, { incident: id })) };
    rehash(copy);
    log.incidents.push(copy);
  },
  'one checkpoint dropped': (log, chance) => {
    log.checkpoints.splice(chance.below(log.checkpoints.length), 1);
  },
  'the last checkpoints dropped': (log, chance) => {
    log.checkpoints.length -= 1 + chance.below(log.checkpoints.length);
  },
  'the checkpoints of one incident dropped': (log, chance) => {
    const { id } = chance.pick(log.incidents);
    log.checkpoints.splice(0, Infinity, ...log.checkpoints.filter(({ incident }) => incident !== id));
  },
  'two checkpoints swapped': (log, chance) => swap(log.checkpoints, chance),
  'a checkpoint twice': (log, chance) => {
    const checkpoint = chance.pick(log.checkpoints);
    log.checkpoints.splice(chance.below(log.checkpoints.length + 1), 0, checkpoint);
  },
  'a bit of a checkpoint': (log, chance) =>
    changeCheckpoint(log, chance, ({ text }) => ({ text: flipped(text, chance) })),
  'a column of a checkpoint': (log, chance) =>
    changeCheckpoint(log, chance, ({ n, count, head }) =>
      chance.pick([
        { n: n + 1 },
        { count: count + 1 },
        { incident: 'KL-9' },
        { head: flipped(head, chance) },
      ]),
    ),
  'a bit of a signature': (log, chance) =>
    changeCheckpoint(log, chance, ({ signature }) => ({ signature: flipped(signature, chance) })),
  'a signature in another base64 form': (log, chance) =>
    changeCheckpoint(log, chance, ({ signature }) => ({
      signature: chance.pick([signature.replace(/=+$/, ''), `${signature}\n`, ` ${signature}`]),
    })),
  'the signature of another key': (log, chance) =>
    changeCheckpoint(log, chance, ({ text }) => ({
      signature: otherKey.sign(Buffer.from(`keyleak.checkpoint.v1\0${text}`)),
    })),
  'the signature of another checkpoint': (log, chance) => {
    const { signature } = chance.pick(log.checkpoints);
    changeCheckpoint(log, chance, () => ({ signature }));
  },
  'the chain hashed anew': (log, chance) => {
    forge(log, chance);
  },
  'the chain and the checkpoints hashed anew, signatures kept': (log, chance) => {
    forge(log, chance);
    restate(log, (_text, old) => old.signature);
  },
  'the chain and the checkpoints hashed anew, signed with another key': (log, chance) => {
    forge(log, chance);
    restate(log, (text) => otherKey.sign(Buffer.from(`keyleak.checkpoint.v1\0${text}`)));
  },
};

// Sealed logs of several incidents with their checkpoints, as a store would hold them, made from seeds.

import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { signCheckpoint } from '../../src/domain/checkpoint.ts';
import type { Entry, LoggedEntry, NewEntry } from '../../src/domain/entry.ts';
import { foldIncident } from '../../src/domain/evolve.ts';
import type { Checkpoint, Signer } from '../../src/domain/ports.ts';
import { CHAIN_START, endAfter, type StoredEntry, seal } from '../../src/domain/seal.ts';
import type { Extent, LogToVerify } from '../../src/domain/verify-log.ts';
import type { Dossier } from '../../src/export/dossier.ts';
import { exactMatch, hintReport, keyFacts, person, play, shippedRunbook, T0 } from './cases.ts';
import { signerNamed } from './signers.ts';
import { type Chance, seeded } from './virtual-time.ts';

/** Every incident of `play` is declared with it. */
const RUNBOOK = shippedRunbook();
const RUNBOOK_TEXT = canonicalJson(RUNBOOK);

export interface SealedLog {
  readonly incidents: { readonly id: string; readonly rows: StoredEntry[] }[];
  readonly checkpoints: Checkpoint[];
}

export interface LogBook extends SealedLog {
  /** One commit: seals the entries onto the incident and signs one checkpoint. */
  commit(incident: string, entries: readonly NewEntry[], now: number, signer?: Signer): void;
  /** Commits a purge and takes the text away. */
  purge(incident: string, seq: number, field: string, now: number): void;
}

export function logBook(chance: Chance, signer: Signer = signerNamed('log')): LogBook {
  const incidents: SealedLog['incidents'] = [];
  const checkpoints: Checkpoint[] = [];
  const self: LogBook = {
    incidents,
    checkpoints,
    commit(id, entries, now, by = signer) {
      let incident = incidents.find((one) => one.id === id);
      if (incident === undefined) {
        incident = { id, rows: [] };
        incidents.push(incident);
      }
      const last = incident.rows.at(-1);
      let end = last === undefined ? CHAIN_START : endAfter({ entry: entryOf(last) });
      for (const entry of entries) {
        const sealed = seal(id, end, entry, now, () => chance.bytes(32));
        end = endAfter(sealed);
        incident.rows.push({
          seq: sealed.entry.seq,
          text: sealed.text,
          hash: sealed.entry.hash,
          texts: sealed.texts,
        });
      }
      const at = { incident: id, count: end.seq, head: end.head };
      checkpoints.push(signCheckpoint(checkpoints.at(-1) ?? null, at, now, by));
    },
    purge(id, seq, field, now) {
      self.commit(
        id,
        [{ kind: 'text.purged', actor: 'U0MANAGER', occurredAt: now, data: { seq, field } }],
        now,
      );
      const rows = incidents.find((one) => one.id === id)?.rows ?? [];
      const row = rows[seq - 1];
      if (row === undefined) throw new Error('nothing to purge');
      const { [field]: _gone, ...kept } = row.texts;
      rows[seq - 1] = { ...row, texts: kept };
    },
  };
  return self;
}

function entryOf({ text, hash }: StoredEntry): Entry {
  return { ...JSON.parse(text), hash } as Entry;
}

export function loggedEntries(rows: readonly StoredEntry[]): readonly LoggedEntry[] {
  return rows.map((row) => ({ entry: entryOf(row), texts: row.texts }));
}

/** Every commit of one incident from its declaration to a dead key, with notes that a seed words. */
function commitsOf(chance: Chance): readonly (readonly NewEntry[])[] {
  const commits: NewEntry[][] = [];
  const start = `R${chance.below(10)}D`;
  const game = play([hintReport(start)]);
  commits.push([...game.last.entries]);
  const key = keyFacts({ hint: `sk-ant-api03-${start}...igAA`, name: `clé ${chance.below(1_000)} 🔑` });
  game.observe('identify-key', exactMatch(key));
  commits.push([...game.last.entries]);
  const responder = person('U0RESPOND', 'responder');
  const notes: NewEntry[] = [];
  for (let count = 1 + chance.below(4); count > 0; count -= 1) {
    const text = `Note ${chance.below(1_000_000)}: “ünïcode” \u2028 \u0007 \\ 👩‍🚒`;
    game.request(responder, { type: 'note', text });
    notes.push(...game.last.entries);
  }
  commits.push(notes);
  game.request(responder, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null });
  const started = game.last.entries;
  game.observe('deactivate-key', {
    type: 'status',
    before: key,
    after: { ...key, status: 'inactive' },
    observedAt: T0 + 3_000,
    requestId: 'req_1',
  });
  commits.push([...started, ...game.last.entries]);
  return commits;
}

/** Three incidents whose commits are mixed as they would be in one database. */
export function threeIncidents(seed: number): LogBook {
  const chance = seeded(seed);
  const book = logBook(chance);
  const waiting = ['KL-1', 'KL-2', 'KL-3'].map((id) => ({ id, commits: [...commitsOf(chance)] }));
  let now = T0;
  for (;;) {
    const open = waiting.filter(({ commits }) => commits.length > 0);
    if (open.length === 0) break;
    const { id, commits } = chance.pick(open);
    book.commit(id, commits.shift() ?? [], now);
    now += chance.below(5_000) - 500;
  }
  return book;
}

/** The log as `verifyLog` takes it, with the runbook that all these incidents were declared with. */
export function toVerify(log: SealedLog, extent: Extent = 'database'): LogToVerify {
  return { extent, ...pick(log), runbooks: [RUNBOOK_TEXT] };
}

function pick({ incidents, checkpoints }: SealedLog): SealedLog {
  return { incidents, checkpoints };
}

export function dossierOf(log: SealedLog, id: string): Dossier {
  const rows = log.incidents.find((one) => one.id === id)?.rows ?? [];
  const entries = loggedEntries(rows);
  const incident = foldIncident(entries);
  if (incident === null) throw new Error('there is no such incident');
  return {
    case: { incident, runbook: RUNBOOK },
    entries,
    checkpoints: log.checkpoints.filter((checkpoint) => checkpoint.incident === id),
    exportedAt: T0 + 86_400_000,
  };
}

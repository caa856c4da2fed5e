import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { checkpointHash, signCheckpoint } from '../../src/domain/checkpoint.ts';
import type { NewEntry } from '../../src/domain/entry.ts';
import { KeyleakError } from '../../src/domain/errors.ts';
import type { Checkpoint } from '../../src/domain/ports.ts';
import { entryHash, GENESIS } from '../../src/domain/seal.ts';
import type { Finding } from '../../src/domain/verify-entries.ts';
import { type LogToVerify, verifyLog } from '../../src/domain/verify-log.ts';
import { compareWithWitness, parseWitness } from '../../src/domain/witness.ts';
import { T0 } from '../support/cases.ts';
import { logBook, threeIncidents, toVerify } from '../support/sealed-log.ts';
import { signerNamed } from '../support/signers.ts';
import { TAMPERINGS } from '../support/tampering.ts';
import { thorough } from '../support/thorough.ts';
import { seeded } from '../support/virtual-time.ts';

const MUTATIONS = 2_000;

function findings(log: LogToVerify): readonly Finding[] {
  return verifyLog(log).findings;
}

function problems(log: LogToVerify): string[] {
  return findings(log).map(({ incident, seq, problem }) => `${incident} ${seq}: ${problem}`);
}

/** A copy that can be tampered with. */
function copyOf(log: ReturnType<typeof threeIncidents>) {
  return {
    incidents: log.incidents.map(({ id, rows }) => ({ id, rows: [...rows] })),
    checkpoints: [...log.checkpoints],
  };
}

function note(text: string): NewEntry {
  return { kind: 'note.added', actor: 'U0ANYBODY', occurredAt: T0, data: {}, texts: { text } };
}

function dropTexts(book: ReturnType<typeof logBook>, seq: number): void {
  const rows = book.incidents[0]?.rows ?? [];
  const row = rows[seq - 1];
  if (row !== undefined) rows[seq - 1] = { ...row, texts: {} };
}

function noteBook(): ReturnType<typeof logBook> {
  const book = logBook(seeded(7));
  for (const text of ['first', 'second', 'third']) book.commit('KL-1', [note(text)], T0);
  return book;
}

describe('a sound log', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'of three incidents has no findings (seed %i)',
    (seed) => {
      const book = threeIncidents(seed);
      const verified = verifyLog(toVerify(book));
      expect(verified.findings).toEqual([]);
      expect(verified.keys).toEqual([
        { fingerprint: signerNamed('log').fingerprint, from: 1, to: book.checkpoints.length },
      ]);
      expect(verified.incidents.map(({ entries, head }) => [entries, head])).toEqual(
        book.incidents.map(({ rows }) => [rows.length, rows.at(-1)?.hash]),
      );
    },
  );

  test('is sound for one incident with all checkpoints, and for one exported with its own', () => {
    const book = threeIncidents(3);
    for (const incident of book.incidents) {
      const one = { ...toVerify(book), incidents: [incident] };
      expect(findings({ ...one, extent: 'incident' })).toEqual([]);
      const own = book.checkpoints.filter((checkpoint) => checkpoint.incident === incident.id);
      expect(findings({ ...one, extent: 'export', checkpoints: own })).toEqual([]);
      expect(findings({ ...one, extent: 'database' })).not.toEqual([]);
    }
  });

  test('may be empty', () => {
    expect(findings({ extent: 'database', incidents: [], checkpoints: [], runbooks: [] })).toEqual([]);
  });

  test('does not let recorded_at run backwards when the clock does', () => {
    const book = noteBook();
    book.commit(
      'KL-1',
      [{ kind: 'note.added', actor: 'U1', occurredAt: T0, data: {}, texts: { text: '' } }],
      T0 - 9_999,
    );
    expect(findings(toVerify(book))).toEqual([]);
  });
});

describe('tampering', () => {
  const names = Object.keys(TAMPERINGS);

  const books = Array.from({ length: 8 }, (_, seed) => threeIncidents(seed + 100));
  const each = Math.ceil(thorough(MUTATIONS) / names.length);

  test.each(names)('is noticed every time: %s', (name) => {
    const escaped: number[] = [];
    let changed = 0;
    for (let seed = 0; changed < each; seed += 1) {
      const chance = seeded(names.indexOf(name) * 1_000_000 + seed);
      const original = chance.pick(books);
      const log = copyOf(original);
      TAMPERINGS[name]?.(log, chance);
      // A signature replaced by itself, or a number swapped with itself, changes nothing.
      if (JSON.stringify(log) === JSON.stringify(copyOf(original))) continue;
      changed += 1;
      if (findings(toVerify(log)).length === 0) escaped.push(seed);
    }
    expect(escaped).toEqual([]);
  });

  test('of rows and columns is named with its place', () => {
    const log = copyOf(noteBook());
    const rows = log.incidents[0]?.rows ?? [];
    const second = rows[1];
    if (second === undefined) throw new Error('too few rows');
    rows[1] = { ...second, hash: 'f'.repeat(64) };
    expect(problems(toVerify(log))).toEqual(['KL-1 2: The stored hash is not the hash of the entry.']);
  });

  test('a changed or missing runbook is a finding; without runbooks it is not checked', () => {
    const log = toVerify(threeIncidents(1));
    const changed = canonicalJson({ ...JSON.parse(log.runbooks?.[0] ?? ''), title: 'Another' });
    expect(findings({ ...log, runbooks: [changed] })).toHaveLength(3);
    expect(findings({ ...log, runbooks: [] })).toHaveLength(3);
    expect(findings({ ...log, runbooks: null })).toEqual([]);
  });

  test('a cut at the very end is seen by a witness alone', () => {
    const book = noteBook();
    const witness = parseWitness(`3:${book.checkpoints[2]?.head.slice(0, 32)}`);
    book.incidents[0]?.rows.pop();
    book.checkpoints.pop();
    const verified = verifyLog(toVerify(book));
    expect(verified.findings).toEqual([]);
    const [incident] = verified.incidents;
    if (incident === undefined) throw new Error('no incident');
    expect(compareWithWitness(incident, witness)?.problem).toBe(
      'The witness speaks of 3 entries, but there are 2.',
    );
  });
});

describe('a purge', () => {
  test('leaves the chain intact and is counted', () => {
    const book = threeIncidents(11);
    book.purge('KL-2', 1, 'where', T0 + 3_600_000);
    const verified = verifyLog(toVerify(book));
    expect(verified.findings).toEqual([]);
    expect(Object.fromEntries(verified.incidents.map(({ id, purged }) => [id, purged]))).toEqual({
      'KL-1': 0,
      'KL-2': 1,
      'KL-3': 0,
    });
  });

  test('that left the text where it was is a finding', () => {
    const book = noteBook();
    const kept = book.incidents[0]?.rows[0];
    book.purge('KL-1', 1, 'text', T0);
    if (kept !== undefined) book.incidents[0]?.rows.splice(0, 1, kept);
    expect(problems(toVerify(book))).toEqual([
      'KL-1 1: The text “text” is still there, though an entry says that it was purged.',
    ]);
  });

  test.each([
    ['another field', { seq: 4, field: 'where' }],
    ['another entry', { seq: 2, field: 'text' }],
    ['no number', { seq: '4', field: 'text' }],
  ])('of %s excuses nothing', (_what, data) => {
    const book = noteBook();
    book.commit('KL-1', [note('fourth')], T0);
    book.commit('KL-1', [{ kind: 'text.purged', actor: 'U1', occurredAt: T0, data } as NewEntry], T0);
    dropTexts(book, 4);
    expect(problems(toVerify(book))).toContain(
      'KL-1 4: The text “text” is missing, and no entry says that it was purged.',
    );
  });

  test('that stands before its text excuses nothing', () => {
    const book = noteBook();
    book.commit(
      'KL-1',
      [{ kind: 'text.purged', actor: 'U1', occurredAt: T0, data: { seq: 5, field: 'text' } }],
      T0,
    );
    book.commit('KL-1', [note('fifth')], T0);
    dropTexts(book, 5);
    expect(problems(toVerify(book))).toEqual([
      'KL-1 5: The text “text” is missing, and no entry says that it was purged.',
    ]);
  });
});

describe('a log that its own key signed', () => {
  const signer = signerNamed('log');
  type Members = Record<string, unknown>;

  /** Canonical for everything that canonical JSON can hold, and JSON for everything else. */
  function sorted(members: Members): string {
    return JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  /** Three notes with every hash, link and signature right for what the changes made of them. */
  function signedAnew(
    changeEntry: (members: Members, index: number) => Members,
    changeCheckpoint: (members: Members, index: number) => Members = (members) => members,
    write: (members: Members) => string = sorted,
  ): LogToVerify {
    let prev = GENESIS;
    const rows = (noteBook().incidents[0]?.rows ?? []).map((row, index) => {
      const members = changeEntry({ ...JSON.parse(row.text), prev }, index);
      const text = write(members);
      prev = entryHash(text);
      return { ...row, text, hash: prev };
    });
    prev = GENESIS;
    const checkpoints = noteBook().checkpoints.map((old, index) => {
      const head = rows[old.count - 1]?.hash ?? old.head;
      const members = changeCheckpoint({ ...JSON.parse(old.text), head, prev }, index);
      const text = write(members);
      prev = checkpointHash(text);
      const { n, incident, count } = members;
      const signature = signer.sign(Buffer.from(`keyleak.checkpoint.v1\0${text}`));
      return { n, incident, count, head: members.head, text, signature };
    });
    return { extent: 'database', incidents: [{ id: 'KL-1', rows }], checkpoints, runbooks: null };
  }

  const second =
    (change: Members) =>
    (members: Members, index: number): Members =>
      index === 1 ? { ...members, ...change } : members;
  const same = (members: Members): Members => members;

  test('and that keeps every rule is sound', () => {
    expect(problems(signedAnew(same))).toEqual([]);
  });

  test.each<[string, Members, string]>([
    ['a gap', { seq: 3 }, 'The entry in place 2 says that it is number 3.'],
    ['another incident', { incident: 'KL-2' }, 'The entry belongs to another incident.'],
    ['another predecessor', { prev: 'a'.repeat(64) }, 'It does not continue the entry before it.'],
    [
      'time that runs backwards',
      { recorded_at: '2026-11-23T02:59:59.999Z' },
      'It was recorded before the entry that stands before it.',
    ],
    [
      'a day that does not exist',
      { recorded_at: '2026-11-31T03:00:00.000Z' },
      expect.stringContaining('recorded_at'),
    ],
    [
      'a time without milliseconds',
      { occurred_at: '2026-11-23T03:00:00Z' },
      expect.stringContaining('occurred_at'),
    ],
    ['a number as text', { seq: '2' }, expect.stringContaining('seq')],
    ['an actor that is none', { actor: null }, expect.stringContaining('actor')],
    ['data that is a list', { data: [] }, expect.stringContaining('data')],
    ['a hash in capitals', { prev: 'A'.repeat(64) }, expect.stringContaining('prev')],
    ['a member too many', { zone: 'UTC' }, expect.stringContaining('exactly')],
    ['a number that is not whole', { data: { x: 1.5 } }, expect.stringContaining('canonical')],
    ['half a surrogate pair', { actor: '\ud800' }, expect.stringContaining('canonical')],
  ])('is still held to the rules for entries: %s', (_what, change, problem) => {
    expect(findings(signedAnew(second(change))).map((finding) => finding.problem)).toContainEqual(problem);
  });

  test.each<[string, (members: Members) => string]>([
    ['white space', (members) => sorted(members).replace(':', ': ')],
    ['another order', (members) => JSON.stringify(Object.fromEntries(Object.entries(members).reverse()))],
    ['an escape that is not needed', (members) => sorted(members).replace('KL', '\\u004bL')],
    ['a name twice', (members) => sorted(members).replace('{', '{"prev":"first",')],
    ['a fraction of zero', (members) => sorted(members).replace(/("(?:n|seq)":\d+)/, '$1.0')],
  ])('is still held to canonical JSON: %s', (_what, write) => {
    const told = findings(signedAnew(same, same, write)).map((finding) => finding.problem);
    expect(told).toContain('The entry has a text that is not canonical JSON.');
    expect(told).toContain('The checkpoint in place 1 has a text that is not canonical JSON.');
  });

  test.each<[string, Members, string]>([
    ['a gap', { n: 3 }, 'Checkpoint 3 stands in place 2: checkpoints are missing or mixed up.'],
    [
      'another predecessor',
      { prev: 'a'.repeat(64) },
      'Checkpoint 2 does not continue the checkpoint before it.',
    ],
    ['another head', { head: 'a'.repeat(64) }, 'Checkpoint 2 was signed over another entry.'],
    ['a count that stays', { count: 1 }, 'Checkpoint 2 speaks of no more entries than the one before it.'],
    ['a count too high', { count: 9 }, 'Checkpoint 2 speaks of 9 entries, but there are 3.'],
    [
      'an incident that is not there',
      { incident: 'KL-8' },
      'Checkpoints speak of “KL-8”, which is not there.',
    ],
    ['a member too many', { zone: 'UTC' }, expect.stringContaining('exactly')],
    ['a time of another form', { signed_at: 'now' }, expect.stringContaining('signed_at')],
  ])('is still held to the rules for checkpoints: %s', (_what, change, problem) => {
    expect(findings(signedAnew(same, second(change))).map((finding) => finding.problem)).toContainEqual(
      problem,
    );
  });

  test('is held to growing numbers in an export, where gaps are allowed', () => {
    const numbered = (numbers: readonly number[]): string[] =>
      problems({
        ...signedAnew(same, (members, index) => ({ ...members, n: numbers[index] })),
        extent: 'export',
      });
    expect(numbered([4, 9, 12])).toEqual([]);
    expect(numbered([4, 12, 9])).toEqual(['KL-1 null: Checkpoint 9 does not come after the one before it.']);
    expect(numbered([4, 4, 9])).toHaveLength(1);
  });

  test('is held to its links in an export where numbers follow directly', () => {
    const log = { ...signedAnew(same, second({ prev: 'a'.repeat(64) })), extent: 'export' } as const;
    expect(problems(log)).toEqual(['KL-1 null: Checkpoint 2 does not continue the checkpoint before it.']);
  });
});

describe('the signing key', () => {
  test('of one who signed everything anew is not the key that was posted: people compare it', () => {
    const log = copyOf(noteBook());
    TAMPERINGS['the chain hashed anew']?.(log, seeded(1));
    const forger = signerNamed('forger');
    let previous: Checkpoint | null = null;
    for (const [index, { incident, count }] of log.checkpoints.entries()) {
      const head = log.incidents[0]?.rows[count - 1]?.hash ?? '';
      previous = signCheckpoint(previous, { incident, count, head }, T0, forger);
      log.checkpoints[index] = previous;
    }
    const verified = verifyLog(toVerify(log));
    expect(verified.findings).toEqual([]);
    expect(verified.keys.map(({ fingerprint }) => fingerprint)).toEqual([forger.fingerprint]);
  });

  test('may change: that is told with its place and breaks nothing', () => {
    const book = noteBook();
    const text = 'with the new key';
    book.commit(
      'KL-1',
      [{ kind: 'note.added', actor: 'U1', occurredAt: T0, data: {}, texts: { text } }],
      T0,
      signerNamed('new'),
    );
    const verified = verifyLog(toVerify(book));
    expect(verified.findings).toEqual([]);
    expect(verified.keys).toEqual([
      { fingerprint: signerNamed('log').fingerprint, from: 1, to: 3 },
      { fingerprint: signerNamed('new').fingerprint, from: 4, to: 4 },
    ]);
  });
});

describe('input of any kind', () => {
  const nasty = fc.oneof(
    fc.anything({ withNullPrototype: true, withObjectString: true }),
    fc.json(),
    fc.constantFrom<unknown>(
      '['.repeat(100_000),
      `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
      '{"seq":1e400}',
      `{"seq":${'9'.repeat(400)}}`,
      '{"__proto__":{"text_sha256":"x"}}',
      '"\\ud800"',
      '\ud800',
      JSON.parse('{"__proto__":{"salt":"x","text":"y"}}'),
    ),
  );

  test('yields findings and never throws', () => {
    const row = fc.record({ seq: nasty, text: nasty, hash: nasty, texts: nasty });
    const checkpoint = fc.record({
      n: nasty,
      incident: nasty,
      count: nasty,
      head: nasty,
      text: nasty,
      signature: nasty,
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.array(checkpoint), (rows, checkpoints) => {
        for (const extent of ['database', 'incident', 'export'] as const) {
          const log = { extent, incidents: [{ id: 'KL-1', rows }], checkpoints, runbooks: [] };
          expect(findings(log).length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('yields findings when only one member of a sound log is odd', () => {
    const book = threeIncidents(21);
    const odd = fc.oneof(fc.anything(), fc.json(), nasty);
    fc.assert(
      fc.property(
        odd,
        fc.constantFrom('seq', 'text', 'hash', 'texts'),
        fc.nat(2),
        fc.nat(8),
        (value, name, which, index) => {
          const log = copyOf(book);
          const incident = log.incidents[which];
          const row = incident?.rows[index];
          if (incident === undefined || row === undefined) throw new Error('there is no such row');
          fc.pre(
            JSON.stringify(Object.entries({ value })) !==
              JSON.stringify(Object.entries({ value: row[name] })),
          );
          const rows = incident.rows.map((one) => (one === row ? { ...row, [name]: value } : one));
          const incidents = log.incidents.map((one) => (one === incident ? { ...incident, rows } : one));
          expect(findings({ ...toVerify(book), incidents }).length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('a witness', () => {
  const [incident] = verifyLog(toVerify(noteBook())).incidents;
  if (incident === undefined) throw new Error('no incident');
  const second = incident.heads[1] ?? '';

  test('agrees with the entry of its number, in 16 to 64 digits and any letter case', () => {
    for (const head of [second, second.slice(0, 32), second.slice(0, 16), second.toUpperCase()]) {
      expect(compareWithWitness(incident, parseWitness(` 2:${head}\n`))).toBeNull();
    }
  });

  test('disagrees with every other entry', () => {
    for (const count of [1, 3]) {
      expect(compareWithWitness(incident, parseWitness(`${count}:${second}`))?.seq).toBe(count);
    }
  });

  test.each([
    '',
    '2',
    `2:${second.slice(0, 15)}`,
    `2:${second}0`,
    `0:${second}`,
    `-2:${second}`,
    `2:${'g'.repeat(32)}`,
    `2 ${second}`,
    `1e9:${second}`,
    `${'9'.repeat(16)}:${second}`,
    `KL-1:2:${second}`,
  ])('of another form is refused: %s', (text) => {
    expect(() => parseWitness(text)).toThrow(KeyleakError);
    try {
      parseWitness(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'KL_WITNESS_FORM' });
    }
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { EXIT, type Io } from '../../src/cli/io.ts';
import { verify } from '../../src/cli/verify.ts';
import type { Store } from '../../src/domain/ports.ts';
import { exportJson, exportNdjson } from '../../src/export/json.ts';
import { openStore } from '../../src/store/store.ts';
import { batch, declared, folder, note, parts, purged } from '../store/batches.ts';
import { hintReport, T0 } from '../support/cases.ts';
import { dossierOf, threeIncidents } from '../support/sealed-log.ts';
import { signerNamed } from '../support/signers.ts';

let cwd: string;
let store: Store;

beforeEach(async ({ onTestFinished }) => {
  cwd = folder();
  mkdirSync(join(cwd, 'data'));
  const path = join(cwd, 'data', 'keyleak.db');
  store = await openStore(parts({ path, signer: signerNamed('log'), holder: 'keyleak start' }));
  onTestFinished(() => store.close());
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(what?: string, witness?: string): Promise<Answer> {
  let out = '';
  let err = '';
  const io: Io = {
    out: async (text) => {
      out += text;
    },
    err: async (text) => {
      err += text;
    },
    cwd,
    env: {},
    now: () => T0,
  };
  const code = await verify(io, what, witness === undefined ? {} : { witness });
  return { code, out, err };
}

async function refusal(what?: string, witness?: string): Promise<unknown> {
  return run(what, witness).then(
    () => null,
    (error: { code: unknown }) => error.code,
  );
}

/** Two incidents, the first with a note. Returns the head of each. */
async function filled(): Promise<{ first: string; second: string }> {
  const one = await declared(store, [hintReport('AAA', 'BBBB')]);
  await declared(store, [hintReport('CCC', 'DDDD')]);
  await store.commit(one.id, one.seq, batch({ entries: [note('the key was in a log')] }));
  const heads = new Map((await store.checkpoints(null)).map(({ incident, head }) => [incident, head]));
  return { first: heads.get('KL-1') ?? '', second: heads.get('KL-2') ?? '' };
}

/** Does what nobody should: takes the guards away and changes the file beside the running bot. */
function tamper(...statements: string[]): void {
  const db = new Database(join(cwd, 'data', 'keyleak.db'));
  const guards = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    .pluck()
    .all();
  for (const guard of guards) db.exec(`DROP TRIGGER ${guard}`);
  db.pragma('foreign_keys = OFF');
  db.pragma('ignore_check_constraints = ON');
  for (const statement of statements) db.exec(statement);
  db.close();
}

describe('a sound database', () => {
  test('is ok as a whole, beside the bot that holds it', async () => {
    const { first, second } = await filled();
    expect(await run()).toEqual({
      code: EXIT.ok,
      out: [
        `KL-1  ok  4 entries  head ${first.slice(0, 32)}  2 checkpoints`,
        `KL-2  ok  3 entries  head ${second.slice(0, 32)}  1 checkpoint`,
        `key  ${signerNamed('log').fingerprint}  checkpoints 1 to 3`,
        '',
      ].join('\n'),
      err: expect.stringContaining('witness'),
    });
  });

  test('is ok for one incident in any spelling, with its witness', async () => {
    const { first } = await filled();
    const { code, out, err } = await run('kl-001', `4:${first.slice(0, 32)}`);
    expect([code, err]).toEqual([EXIT.ok, '']);
    expect(out).toContain(`witness  ok  4:${first.slice(0, 32)}\n`);
    expect(out).not.toContain('KL-2');
  });

  test('stays ok after a purge', async () => {
    await filled();
    expect(
      await store.purgeText('KL-1', 4, 4, 'text', batch({ entries: [purged(4, 'text')] })),
    ).toMatchObject({
      outcome: 'committed',
    });
    const { code, out } = await run();
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('3 checkpoints  1 text purged');
  });

  test('without incidents is ok', async () => {
    expect(await run()).toMatchObject({ code: EXIT.ok, out: '' });
  });
});

describe('a database that was changed', () => {
  test.each([
    [
      'a text',
      "UPDATE entry_texts SET text = 'another' WHERE seq = 4",
      /entry 4: The text “text” is not the one/,
    ],
    ['a text deleted', 'DELETE FROM entry_texts WHERE seq = 4', /entry 4: The text “text” is missing/],
    [
      'a text emptied',
      'UPDATE entry_texts SET text = NULL, salt = NULL WHERE seq = 4',
      /entry 4: The text “text” is/,
    ],
    ['a hash', "UPDATE entries SET hash = printf('%064d', 0) WHERE seq = 4", /entry 4: The stored hash/],
    [
      'a last entry deleted',
      "DELETE FROM entries WHERE incident = 'KL-1' AND seq = 4",
      /speaks of 4 entries/,
    ],
    ['an incident deleted', "DELETE FROM entries WHERE incident = 'KL-2'", /KL-2 {2}BROKEN {2}0 entries/],
    [
      'an incident left out of the list',
      "DELETE FROM incidents WHERE id = 'KL-2'",
      /The list of incidents does not/,
    ],
    [
      'a length in the list',
      "UPDATE incidents SET seq = 3 WHERE id = 'KL-1'",
      /The list of incidents says 3 entries/,
    ],
    [
      'the text of an entry that is gone with its checkpoint',
      [
        "DELETE FROM entries WHERE incident = 'KL-1' AND seq = 4",
        'DELETE FROM checkpoints WHERE n = 3',
        "UPDATE incidents SET seq = 3 WHERE id = 'KL-1'",
      ].join(';'),
      /entry 4: There is a text “text” of this entry, but the entry is gone/,
    ],
    ['a checkpoint deleted', 'DELETE FROM checkpoints WHERE n = 2', /Checkpoint 3 stands in place 2/],
    ['a runbook', "UPDATE runbooks SET text = replace(text, 'Leaked', 'Found')", /runbook that was frozen/],
    ['a runbook made unreadable', "UPDATE runbooks SET text = '{'", /runbook that was frozen/],
    ['a runbook deleted', 'DELETE FROM runbooks', /runbook that was frozen/],
    [
      'a checkpoint that is no JSON',
      "UPDATE checkpoints SET text = '?' WHERE n = 1",
      /checkpoint in place 1 has a text/,
    ],
  ])('is broken: %s', async (_what, statement, words) => {
    await filled();
    tamper(statement);
    const { code, out, err } = await run();
    expect([code, out]).toEqual([EXIT.broken, expect.stringMatching(words)]);
    expect(err).toContain('The log is broken.');
  });

  test('is broken for the one incident too, even when all of it is gone', async () => {
    await filled();
    tamper("DELETE FROM entries WHERE incident = 'KL-2'", "DELETE FROM incidents WHERE id = 'KL-2'");
    expect((await run('KL-2')).code).toBe(EXIT.broken);
    expect((await run('KL-1')).code).toBe(EXIT.ok);
    tamper("UPDATE incidents SET seq = 3 WHERE id = 'KL-1'");
    expect((await run('KL-1')).out).toMatch(/The list of incidents says 3 entries, but there are 4/);
  });

  test('shows a text from outside without its control characters', async () => {
    await filled();
    tamper("UPDATE entry_texts SET field = 'x' || char(27) || '[31m' WHERE seq = 4");
    const { code, out } = await run();
    expect(code).toBe(EXIT.broken);
    expect(out).not.toContain('\u001b');
  });

  test('whose end was cut with its checkpoint disagrees with the witness', async () => {
    const { first } = await filled();
    tamper(
      "DELETE FROM entries WHERE incident = 'KL-1' AND seq = 4",
      'DELETE FROM entry_texts WHERE seq = 4',
      'DELETE FROM checkpoints WHERE n = 3',
      "UPDATE incidents SET seq = 3 WHERE id = 'KL-1'",
    );
    expect((await run()).code).toBe(EXIT.ok);
    const { code, out } = await run('KL-1', `4:${first}`);
    expect([code, out]).toEqual([EXIT.broken, expect.stringContaining('The witness speaks of 4 entries')]);
  });
});

describe('an exported file', () => {
  const dossier = dossierOf(threeIncidents(9), 'KL-3');
  const { seq, head } = dossier.case.incident;

  test.each([
    ['json', exportJson(dossier)],
    ['ndjson', exportNdjson(dossier)],
  ])('is ok without a database, with its witness: %s', async (form, text) => {
    writeFileSync(join(cwd, `KL-3.${form}`), text);
    const { code, out } = await run(`KL-3.${form}`, `${seq}:${head.slice(0, 16)}`);
    expect([code, out]).toEqual([EXIT.ok, expect.stringMatching(/^KL-3 {2}ok/)]);
  });

  test('is broken when a word of it was changed', async () => {
    writeFileSync(join(cwd, 'x.json'), exportJson(dossier).replace('U0DECLARER', 'U0INNOCENT'));
    expect((await run('x.json')).code).toBe(EXIT.broken);
  });

  test('is broken when a witness is another', async () => {
    writeFileSync(join(cwd, 'x.json'), exportJson(dossier));
    const { code, out } = await run('x.json', `${seq}:${'0'.repeat(32)}`);
    expect([code, out]).toEqual([
      EXIT.broken,
      expect.stringContaining('The witness was posted over another entry'),
    ]);
  });
});

describe('what is no question', () => {
  test('is refused', async () => {
    await filled();
    writeFileSync(join(cwd, 'notes.md'), '# Notes\n');
    expect(await refusal('KL-9')).toBe('KL_INCIDENT_UNKNOWN');
    expect(await refusal('kl-0')).toBe('KL_INCIDENT_ID');
    expect(await refusal('nothing.json')).toBe('KL_VERIFY_FILE');
    expect(await refusal('data')).toBe('KL_VERIFY_FILE');
    expect(await refusal('')).toBe('KL_VERIFY_FILE');
    expect(await refusal('notes.md')).toBe('KL_EXPORT_UNREADABLE');
    expect(await refusal('KL-1', '4:short')).toBe('KL_WITNESS_FORM');
    expect(await refusal(undefined, `4:${'0'.repeat(32)}`)).toBe('KL_WITNESS_INCIDENT');
  });
});

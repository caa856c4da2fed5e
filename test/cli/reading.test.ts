import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { backup } from '../../src/cli/backup.ts';
import { exportIncident } from '../../src/cli/export.ts';
import { EXIT, type Io } from '../../src/cli/io.ts';
import { list } from '../../src/cli/list.ts';
import { checkRunbookFile } from '../../src/cli/runbook-check.ts';
import { show } from '../../src/cli/show.ts';
import { timeline } from '../../src/cli/timeline.ts';
import type { Store } from '../../src/domain/ports.ts';
import { openStore } from '../../src/store/store.ts';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { batch, closed, declared, folder, identified, note, parts } from '../store/batches.ts';
import { hintReport, keyFacts, T0 } from '../support/cases.ts';
import { verifyDatabase } from '../support/verified.ts';

let cwd: string;
let store: Store;

/** Two incidents beside a running bot: KL-1 identified, with a note and a dead key, and closed; KL-2 as declared. */
beforeEach(async ({ onTestFinished }) => {
  cwd = folder();
  mkdirSync(join(cwd, 'data'));
  store = await openStore(parts({ path: join(cwd, 'data', 'keyleak.db'), holder: 'keyleak start' }));
  onTestFinished(() => store.close());
  const one = await declared(store, [hintReport('AAA', 'BBBB')]);
  await declared(store, [hintReport('CCC', 'DDDD')], { now: T0 + 60_000 });
  const { id, name, hint, workspace } = keyFacts({ id: 'apikey_1' });
  const entries = [
    identified('k1', 'apikey_1'),
    note('line one\nline two \u001b[31mred\u202e', T0 + 1_000),
    {
      kind: 'key.deactivated' as const,
      actor: 'U0RESPOND',
      occurredAt: T0 + 5_000,
      data: {
        id,
        name,
        hint,
        workspace: workspace?.name ?? null,
        key: 'k1',
        status: 'inactive' as const,
        already: false,
        run: 'deactivate-key:k1:1',
        observed_at: '2026-11-23T03:00:05.000Z',
        request_id: 'req_1',
      },
    },
    closed(),
  ];
  await store.commit(one.id, one.seq, batch({ now: T0 + 6_000, entries }));
});

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command and collects what it says. */
async function run(command: (io: Io) => Promise<number>, where = cwd): Promise<Answer> {
  let out = '';
  let err = '';
  const code = await command({
    out: async (text) => {
      out += text;
    },
    err: async (text) => {
      err += text;
    },
    cwd: where,
    env: {},
    now: () => T0 + 86_400_000,
  });
  return { code, out, err };
}

const refused = (command: (io: Io) => Promise<number>, where = cwd): Promise<unknown> =>
  run(command, where).then(
    () => null,
    (error: { code: unknown }) => error.code,
  );

describe('keyleak list', () => {
  test('has one line for each incident, newest first', async () => {
    const { code, out, err } = await run((io) => list(io, {}));
    expect([code, err]).toEqual([EXIT.ok, '']);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^KL-2 {5}open {4}severity 1 {2}2026-11-23T03:01:00\.000Z {2}U0DECLARER$/),
      expect.stringMatching(/^KL-1 {5}closed {2}severity 1 {2}2026-11-23T03:00:00\.000Z {2}U0DECLARER$/),
      '',
    ]);
  });

  test('gives rows with an id as JSON', async () => {
    const { out } = await run((io) => list(io, { json: true }));
    expect(JSON.parse(out)).toEqual([
      {
        id: 'KL-2',
        status: 'open',
        severity: 1,
        declared_at: '2026-11-23T03:01:00.000Z',
        declared_by: 'U0DECLARER',
        closed_at: null,
        entries: expect.any(Number),
      },
      expect.objectContaining({ id: 'KL-1', status: 'closed', closed_at: '2026-11-23T03:00:00.000Z' }),
    ]);
  });

  test('says so where there is no incident yet, and keeps stdout empty', async () => {
    const empty = folder();
    mkdirSync(join(empty, 'data'));
    await (await openStore(parts({ path: join(empty, 'data', 'keyleak.db') }))).close();
    expect(await run((io) => list(io, {}), empty)).toEqual({ code: 0, out: '', err: 'No incidents yet.\n' });
    expect((await run((io) => list(io, { json: true }), empty)).out).toBe('[]\n');
  });
});

describe('keyleak show', () => {
  test('tells the state of every key, every phase and every step', async () => {
    const { code, out } = await run((io) => show(io, 'KL-1', {}));
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/^KL-1 {2}closed {2}severity 1\n/);
    expect(out).toMatch(/^k1 {2}\S+ {2}DEAD \(inactive, 2026-11-23T03:00:0\d\.000Z\)$/m);
    expect((await run((io) => show(io, 'KL-2', {}))).out).toMatch(/^k1 {2}.*CCC\.\.\.DDDD.* {2}LIVE$/m);
  });

  test('says of a key that was marked done by hand what the card says: not checked', async () => {
    const two = await store.load('KL-2');
    const marked = {
      kind: 'step.completed' as const,
      actor: 'U0RESPOND',
      occurredAt: T0 + 70_000,
      data: { step: 'deactivate-key', key: 'k1', how: 'by_hand' as const },
    };
    await store.commit('KL-2', two?.length ?? 0, batch({ now: T0 + 70_000, entries: [marked] }));
    const words = 'deactivation marked done by hand by U0RESPOND';
    const { out } = await run((io) => show(io, 'KL-2', {}));
    expect(out).toContain(`NOT CHECKED (${words}, 2026-11-23T03:01:10.000Z)`);
    expect(out).not.toContain('LIVE');
    const whole = JSON.parse((await run((io) => show(io, 'KL-2', { json: true }))).out);
    expect(whole.keys).toMatchObject([{ state: 'not_checked', provider_status: null }]);
    const markdown = await run((io) => exportIncident(io, 'KL-2', { format: 'md' }));
    expect(markdown.out).toContain(`**NOT CHECKED**: ${words} at 2026-11-23 03:01:10 UTC`);
  });

  test('gives the same as JSON', async () => {
    const whole = JSON.parse((await run((io) => show(io, 'KL-1', { json: true }))).out);
    const entries = (await store.load('KL-1')) ?? [];
    expect(whole).toMatchObject({
      id: 'KL-1',
      status: 'closed',
      keys: [{ key: 'k1', id: 'apikey_1', state: 'dead', provider_status: 'inactive', already: false }],
      entries: entries.length,
      head: entries.at(-1)?.entry.hash,
    });
    expect(whole.phases[0]).toMatchObject({
      due_at: expect.stringMatching(/Z$/),
      missed: false,
      steps: expect.arrayContaining([
        expect.objectContaining({ id: 'identify-key', status: expect.any(String) }),
      ]),
    });
  });
});

describe('keyleak timeline', () => {
  test('has one line for each entry, whatever stands in its texts', async () => {
    const entries = (await store.load('KL-1')) ?? [];
    const { out } = await run((io) => timeline(io, 'KL-1', {}));
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(entries.length);
    expect(lines.map((line) => Number(line.slice(0, 4)))).toEqual(entries.map(({ entry }) => entry.seq));
    const noted = lines.find((line) => line.includes('note.added')) ?? '';
    expect(noted).toContain('line one line two [31mred');
    expect(noted).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test('gives NDJSON that holds exactly the fields of an entry', async () => {
    const { out } = await run((io) => timeline(io, 'KL-1', { json: true }));
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ kind }) => kind)).toEqual(
      ((await store.load('KL-1')) ?? []).map(({ entry }) => entry.kind),
    );
    const fields = ['seq', 'incident', 'kind', 'occurred_at', 'recorded_at', 'actor', 'data', 'prev', 'hash'];
    for (const { texts: _texts, ...row } of rows) expect(Object.keys(row).sort()).toEqual([...fields].sort());
  });
});

describe('keyleak export', () => {
  test('md shows every entry with its UTC time', async () => {
    const { code, out } = await run((io) => exportIncident(io, 'KL-1', { format: 'md' }));
    expect(code).toBe(EXIT.ok);
    for (const { entry } of (await store.load('KL-1')) ?? []) {
      const time = entry.recorded_at.slice(0, 19).replace('T', ' ');
      expect(out).toContain(`| ${entry.seq} | ${time} | ${entry.kind} |`);
    }
    expect(out).toMatch(/\*\*DEAD\*\*: provider says `inactive`/);
  });

  test('json has the entries at top level, ndjson one row an entry', async () => {
    const entries = (await store.load('KL-1')) ?? [];
    const hashes = entries.map(({ entry }) => entry.hash);
    const json = JSON.parse((await run((io) => exportIncident(io, 'KL-1', { format: 'json' }))).out);
    expect(json.entries.map(({ hash }: { hash: string }) => hash)).toEqual(hashes);
    const { out } = await run((io) => exportIncident(io, 'KL-1', { format: 'ndjson' }));
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.filter((row) => 'kind' in row).map(({ hash }) => hash)).toEqual(hashes);
  });

  test('-o writes a file that only its owner may read, and stdout stays empty', async () => {
    const { code, out, err } = await run((io) =>
      exportIncident(io, 'KL-1', { format: 'ndjson', output: 'out.ndjson' }),
    );
    expect([code, out, err]).toEqual([EXIT.ok, '', 'Wrote out.ndjson.\n']);
    const direct = await run((io) => exportIncident(io, 'KL-1', { format: 'ndjson' }));
    expect(readFileSync(join(cwd, 'out.ndjson'), 'utf8')).toBe(direct.out);
    expect(statSync(join(cwd, 'out.ndjson')).mode & 0o777).toBe(0o600);
  });

  test.each(['pdf', 'MD', 'toString', '__proto__'])('refuses the format %s', async (format) => {
    expect(await refused((io) => exportIncident(io, 'KL-1', { format }))).toBe('KL_EXPORT_FORMAT');
  });

  test('says when the file cannot be written', async () => {
    const output = join('missing', 'out.md');
    expect(await refused((io) => exportIncident(io, 'KL-1', { format: 'md', output }))).toBe(
      'KL_EXPORT_FILE',
    );
  });

  test('writes nothing when a secret stands in the log', async () => {
    // What masks texts on their way in is not between this note and the store.
    const entries = [note(anthropicKey(3))];
    await store.commit('KL-2', (await store.load('KL-2'))?.length ?? 0, batch({ entries }));
    for (const format of ['md', 'json', 'ndjson'])
      expect(await refused((io) => exportIncident(io, 'KL-2', { format })), format).toBe('KL_EXPORT_SECRET');
  });
});

describe('every command about one incident', () => {
  const commands: readonly (readonly [string, (io: Io, id: string) => Promise<number>])[] = [
    ['show', (io, id) => show(io, id, {})],
    ['timeline', (io, id) => timeline(io, id, {})],
    ['export', (io, id) => exportIncident(io, id, { format: 'json' })],
  ];

  test.each(commands)('%s takes the id in any letter case', async (_, command) => {
    const { out } = await run((io) => command(io, 'KL-1'));
    for (const id of ['kl-1', 'Kl-1', ' KL-001 ', '1'])
      expect((await run((io) => command(io, id))).out).toBe(out);
  });

  test.each(commands)('%s says when there is no such incident', async (_, command) => {
    expect(await refused((io) => command(io, 'KL-99'))).toBe('KL_INCIDENT_UNKNOWN');
    for (const id of ['KL-0', 'KL-1x', 'XX-1', '', 'KL-9999999999'])
      expect(await refused((io) => command(io, id)), id).toBe('KL_INCIDENT_ID');
  });

  test.each(commands)('%s says when there is no database, and makes none', async (_, command) => {
    const empty = folder();
    expect(await refused((io) => command(io, 'KL-1'), empty)).toBe('KL_STORE_MISSING');
    expect(() => statSync(join(empty, 'data'))).toThrow('ENOENT');
  });
});

describe('keyleak backup', () => {
  test('copies the database beside the bot that holds it, and says what else to keep', async () => {
    const { code, err } = await run((io) => backup(io, 'copy.db'));
    expect(code).toBe(EXIT.ok);
    expect(err).toContain('is copied to');
    expect(err).toContain('signs the log');
    expect((await verifyDatabase(join(cwd, 'copy.db'))).incidents).toContain('KL-1');
    expect(await refused((io) => backup(io, 'copy.db'))).toBe('KL_BACKUP_EXISTS');
  });

  test('says when there is no database, and makes none', async () => {
    const empty = folder();
    expect(await refused((io) => backup(io, 'copy.db'), empty)).toBe('KL_STORE_MISSING');
    expect(() => statSync(join(empty, 'copy.db'))).toThrow('ENOENT');
  });
});

describe('keyleak runbook check', () => {
  const shipped = fileURLToPath(new URL('../../runbooks/anthropic-api-key.yaml', import.meta.url));

  test('counts what a sound runbook has', async () => {
    const { code, out } = await run((io) => checkRunbookFile(io, shipped));
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/: ok, anthropic-api-key, \d+ phases, \d+ steps\n$/);
  });

  test('names every mistake with its place, and fails', async () => {
    const text = readFileSync(shipped, 'utf8')
      .replace(/^id: .*/m, 'id: "Not An Id"')
      .replace(/^ +title: .*\n/m, '');
    writeFileSync(join(cwd, 'own.yaml'), text);
    const { code, out } = await run((io) => checkRunbookFile(io, 'own.yaml'));
    expect(code).toBe(EXIT.failed);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(/^own\.yaml:\d+:\d+: /);
  });
});

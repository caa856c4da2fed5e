import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askBot, type ControlPlace } from '../../src/control/client.ts';
import { type Command, MOST_BYTES, VERSION } from '../../src/control/protocol.ts';
import { type Control, serveControl } from '../../src/control/server.ts';
import { controlPath } from '../../src/control/socket-path.ts';
import type { Alarm } from '../../src/domain/clock.ts';
import type { Engine } from '../../src/engine/api.ts';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { type Rig, rig } from '../engine/rig.ts';
import { folder } from '../store/batches.ts';
import { exactMatch, hintReport } from '../support/cases.ts';

const NEVER: Alarm = () => () => undefined;

interface Socket {
  readonly one: Rig;
  readonly place: ControlPlace;
  readonly faults: unknown[];
  ask(command: Command): ReturnType<typeof askBot>;
}

/** A bot's engine behind a real socket; `wrap` breaks the engine. */
async function socket(wrap: (engine: Engine) => Engine = (engine) => engine): Promise<Socket> {
  const one = await rig({ perform: () => Promise.resolve(exactMatch()) });
  const database = join(folder(), 'keyleak.db');
  writeFileSync(database, '', { mode: 0o600 });
  const path = controlPath(database);
  const faults: unknown[] = [];
  await serve(wrap(one.engine), path, faults);
  const place = { path, database, alarm: NEVER };
  return { one, place, faults, ask: (command) => askBot(place, command) };
}

async function serve(engine: Engine, path: string, faults: unknown[] = []): Promise<Control> {
  const control = await serveControl({ engine, path, onFault: (error) => faults.push(error) });
  onTestFinished(() => control.close());
  return control;
}

const delivery = (n: number): string => `cli:${String(n).repeat(32)}`;

function declaring(change: Partial<Extract<Command, { call: 'declare' }>> = {}): Command {
  return {
    call: 'declare',
    operator: 'dana',
    delivery: delivery(1),
    reports: [hintReport()],
    where: 'in a public repository',
    reason: 'Slack is down',
    ...change,
  };
}

const noting = (text: string, n = 2): Command => ({
  call: 'note',
  operator: 'dana',
  delivery: delivery(n),
  incident: 'KL-1',
  text,
});

/** Sends bytes as they are and answers the reply, whatever it is. */
function post(path: string, body: string, url = '/', method = 'POST'): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: path, path: url, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text).said));
    });
    call.on('error', reject);
    call.end(body);
  });
}

test('a declaration over the socket is in the log of the operator, with where and why', async () => {
  const { one, ask } = await socket();
  expect(await ask({ call: 'hello' })).toEqual({ outcome: 'hello' });
  expect(await ask(declaring())).toEqual({ outcome: 'done', incident: 'KL-1', joined: false });
  const [first] = (await one.store.load('KL-1')) ?? [];
  expect(first?.entry).toMatchObject({
    kind: 'incident.declared',
    actor: 'operator:dana',
    data: { source: 'cli', authority: { role: 'responder', by: 'operator' } },
  });
  expect(first?.texts.where?.text).toBe('in a public repository (at the command line: Slack is down)');
});

test('the same command asked twice is carried out once, and the same key declared anew joins its incident', async () => {
  const { one, ask } = await socket();
  await ask(declaring());
  expect(await ask(declaring())).toEqual({ outcome: 'duplicate', incident: 'KL-1', joined: false });
  expect(await ask(declaring({ delivery: delivery(2) }))).toEqual({
    outcome: 'done',
    incident: 'KL-1',
    joined: true,
  });
  expect(await one.store.list({ status: 'any', limit: 9 })).toHaveLength(1);
});

test('a deactivation notes its reason once, just before it is started; what is refused notes nothing', async () => {
  const { one, ask } = await socket((engine) => ({ ...engine, automated: () => true }));
  await ask(declaring());
  const deactivating = (n: number, candidate = 'apikey_01prod'): Command => ({
    call: 'deactivate',
    operator: 'dana',
    delivery: delivery(n),
    incident: 'KL-1',
    key: 'k1',
    candidate,
    reason: 'it is being used',
  });
  const notes = async (): Promise<readonly (string | undefined)[]> =>
    ((await one.store.load('KL-1')) ?? [])
      .filter(({ entry }) => entry.kind === 'note.added')
      .map(({ texts }) => texts.text?.text);
  expect(await ask(deactivating(3))).toMatchObject({ refusal: { code: 'KL_CONTROL_CANDIDATE' } });
  expect(await notes()).toEqual([]);
  one.runner.kick();
  await one.runner.idle();
  expect(await ask(deactivating(4, 'apikey_another'))).toMatchObject({
    refusal: { code: 'KL_CONTROL_CANDIDATE' },
  });
  expect(await notes()).toEqual([]);
  for (const outcome of ['refused', 'refused']) expect(await ask(deactivating(5))).toMatchObject({ outcome });
  expect(await notes()).toEqual(['Deactivation of k1 asked for at the command line: it is being used']);
});

test('a note is in the log; an incident that is not there is refused with its sentence', async () => {
  const { one, ask } = await socket();
  expect(await ask(noting('nobody'))).toMatchObject({
    outcome: 'refused',
    refusal: { code: 'KL_INCIDENT_UNKNOWN' },
  });
  await ask(declaring());
  await ask(noting('the thief is still in', 3));
  expect((await one.store.load('KL-1'))?.at(-1)).toMatchObject({
    entry: { kind: 'note.added', actor: 'operator:dana' },
    texts: { text: { text: 'the thief is still in' } },
  });
});

test('a secret that reaches the socket is not kept', async () => {
  const { one, ask } = await socket();
  const secret = anthropicKey(1);
  await ask(declaring({ where: `in ${secret}`, reason: secret }));
  await ask(noting(secret));
  expect(JSON.stringify(await one.store.load('KL-1'))).not.toContain(secret.slice(20, 60));
});

test('the socket is open to its owner alone from the moment it exists, whatever the umask', async () => {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const { place } = await socket();
  expect(lstatSync(place.path).isSocket()).toBe(true);
  expect(lstatSync(place.path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(0);
});

test.each([
  ['no JSON', '{', 'KL_CONTROL_REQUEST'],
  ['no version', JSON.stringify({ said: { call: 'hello' } }), 'KL_CONTROL_REQUEST'],
  [
    'another version',
    JSON.stringify({ version: VERSION + 1, said: { call: 'dance' } }),
    'KL_CONTROL_VERSION',
  ],
  ['an unknown command', JSON.stringify({ version: VERSION, said: { call: 'dance' } }), 'KL_CONTROL_REQUEST'],
  [
    'a field too many',
    JSON.stringify({ version: VERSION, said: { ...noting('x'), role: 'manager' } }),
    'KL_CONTROL_REQUEST',
  ],
  [
    'an operator who is not one',
    JSON.stringify({ version: VERSION, said: { ...noting('x'), operator: 'U0RIOA x' } }),
    'KL_CONTROL_REQUEST',
  ],
  ['an empty text', JSON.stringify({ version: VERSION, said: { ...noting(' ') } }), 'KL_CONTROL_REQUEST'],
  ['far too much', 'x'.repeat(MOST_BYTES + 1), 'KL_CONTROL_TOO_LARGE'],
])('%s is answered with a clear error, and nothing is done', async (_, body, code) => {
  const { one, place, faults, ask } = await socket();
  await ask(declaring());
  const before = await one.log();
  expect(await post(place.path, body)).toMatchObject({ outcome: 'error', error: { code } });
  expect(await one.log()).toEqual(before);
  expect(faults).toEqual([]);
});

test('another path or method is not understood', async () => {
  const { place } = await socket();
  const hello = JSON.stringify({ version: VERSION, said: { call: 'hello' } });
  for (const [url, method] of [
    ['/v2', 'POST'],
    ['/', 'PUT'],
  ] as const)
    expect(await post(place.path, hello, url, method)).toMatchObject({
      error: { code: 'KL_CONTROL_REQUEST' },
    });
});

test('a fault of the bot is told by its code alone, and to the operator of the bot in full', async () => {
  const fault = new TypeError('inner words');
  const { faults, ask } = await socket((engine) => ({ ...engine, request: () => Promise.reject(fault) }));
  await expect(ask(noting('x'))).rejects.toMatchObject({
    code: 'KL_CONTROL_FAULT',
    message: expect.not.stringContaining('inner words'),
  });
  expect(faults).toEqual([fault]);
});

test('closing answers what is in hand, takes the socket away, and waits for nobody who says nothing', async () => {
  const one = await rig(null);
  const database = join(folder(), 'keyleak.db');
  writeFileSync(database, '');
  const path = controlPath(database);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let entered = (): void => undefined;
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const control = await serve(
    {
      ...one.engine,
      async declare(declaration) {
        entered();
        await held;
        return one.engine.declare(declaration);
      },
    },
    path,
  );
  const mute = connect(path);
  onTestFinished(() => void mute.destroy());
  await new Promise((resolve) => mute.once('connect', resolve));
  mute.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"ver');
  const place = { path, database, alarm: NEVER };
  const answer = askBot(place, declaring());
  await inside;
  const closed = control.close();
  release();
  expect(await answer).toMatchObject({ outcome: 'done', incident: 'KL-1' });
  await closed;
  expect(existsSync(path)).toBe(false);
  expect(await askBot(place, { call: 'hello' })).toBeNull();
});

/** Something else that listens where the bot would. */
async function impostor(database: string, answer: (server: Server) => void): Promise<ControlPlace> {
  writeFileSync(database, '');
  const path = controlPath(database);
  const server = createServer();
  answer(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  chmodSync(path, 0o600);
  return { path, database, alarm: NEVER };
}

test.each([
  [
    'hangs up',
    (server: Server) => server.on('connection', (peer) => peer.on('data', () => peer.destroy())),
    'KL_CONTROL_LOST',
  ],
  [
    'cuts its answer short',
    (server: Server) =>
      server.on('connection', (peer) =>
        peer.on('data', () => peer.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ver')),
      ),
    'KL_CONTROL_LOST',
  ],
  [
    'is no keyleak',
    (server: Server) =>
      server.on('connection', (peer) =>
        peer.on('data', () => peer.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')),
      ),
    'KL_CONTROL_UNREADABLE',
  ],
  [
    'is of another version',
    (server: Server) =>
      server.on('connection', (peer) =>
        peer.on('data', () => peer.end('HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"version":2}')),
      ),
    'KL_CONTROL_VERSION',
  ],
])('who listens and %s is not believed', async (_, answer, code) => {
  const place = await impostor(join(folder(), 'keyleak.db'), answer);
  await expect(askBot(place, { call: 'hello' })).rejects.toMatchObject({ code });
});

test('a bot that hangs is given up after ten seconds, with the way out', async () => {
  let wake = (): void => undefined;
  const place = await impostor(join(folder(), 'keyleak.db'), (server) =>
    server.on('connection', (peer) => peer.on('data', () => wake())),
  );
  const alarm: Alarm = (ms, ring) => {
    expect(ms).toBe(10_000);
    wake = ring;
    return () => undefined;
  };
  await expect(askBot({ ...place, alarm }, { call: 'hello' })).rejects.toMatchObject({
    code: 'KL_CONTROL_SILENT',
    next: expect.stringContaining('Stop the bot'),
  });
});

test('a socket that is not private is not spoken to', async () => {
  const { place } = await socket();
  chmodSync(place.path, 0o660);
  await expect(askBot(place, declaring())).rejects.toMatchObject({ code: 'KL_CONTROL_UNTRUSTED' });
});

test('the socket of a dead bot is no bot, and a new one takes its place', async () => {
  const database = join(folder(), 'keyleak.db');
  writeFileSync(database, '');
  const path = controlPath(database);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.dead`, resolve));
  chmodSync(`${path}.dead`, 0o600);
  // Whoever closes a server takes its socket away, but not under another name.
  renameSync(`${path}.dead`, path);
  await new Promise((resolve) => server.close(resolve));
  const place = { path, database, alarm: NEVER };
  expect(lstatSync(path).isSocket()).toBe(true);
  expect(await askBot(place, { call: 'hello' })).toBeNull();
  const one = await rig(null);
  await serve(one.engine, path);
  expect(await askBot(place, { call: 'hello' })).toEqual({ outcome: 'hello' });
});

test('what is not a socket is left alone, and a folder into which anybody may write gets none', async () => {
  const one = await rig(null);
  const home = folder();
  const path = controlPath(join(home, 'keyleak.db'));
  mkdirSync(path);
  await expect(serve(one.engine, path)).rejects.toMatchObject({ code: 'KL_CONTROL_TAKEN' });
  expect(existsSync(path)).toBe(true);
  const open = join(home, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await expect(serve(one.engine, controlPath(join(open, 'keyleak.db')))).rejects.toMatchObject({
    code: 'KL_CONTROL_FOLDER',
  });
});

test('a path too long for a socket gives way to a short one in a folder of its own', async () => {
  const deep = join(folder(), 'd'.repeat(60), 'd'.repeat(60));
  mkdirSync(deep, { recursive: true });
  const database = join(deep, 'keyleak.db');
  writeFileSync(database, '');
  const path = controlPath(database);
  expect(path).toMatch(/\/keyleak-[0-9a-f]{24}\/bot\.sock$/);
  expect(path.length).toBeLessThanOrEqual(100);
  const link = join(folder(), 'link');
  symlinkSync(deep, link);
  expect(controlPath(join(link, 'keyleak.db'))).toBe(path);
  const one = await rig(null);
  await serve(one.engine, path);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(await askBot({ path, database, alarm: NEVER }, { call: 'hello' })).toEqual({ outcome: 'hello' });
  chmodSync(dirname(path), 0o755);
  await expect(serve(one.engine, path)).rejects.toMatchObject({ code: 'KL_CONTROL_FOLDER' });
});

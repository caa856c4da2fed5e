import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type App, LogLevel } from '@slack/bolt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Alarm } from '../../src/domain/clock.ts';
import { createSocketReceiver } from '../../src/slack/receivers.ts';

const APP_TOKEN = ['xapp', '1', 'A0TEST', 'secret'].join('-');

interface Line {
  receiver: ReturnType<typeof createSocketReceiver>;
  /** Sockets that Slack accepted, oldest first. */
  sockets: readonly WebSocket[];
  /** Calls of apps.connections.open. */
  asked: readonly Request[];
  logged: readonly string[];
  /** Waits that were asked for, in milliseconds; each rings at once. */
  waits: readonly number[];
}

/** Slack's side of Socket Mode on loopback; `open` answers the nth call of apps.connections.open. */
async function line(
  open: (url: string, call: number) => object | Promise<object>,
  connections = 1,
): Promise<Line> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const sockets: WebSocket[] = [];
  server.on('connection', (socket: WebSocket, _request: IncomingMessage) => {
    sockets.push(socket);
    socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }));
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const asked: Request[] = [];
  const logged: string[] = [];
  const log = (...words: unknown[]): number => logged.push(words.map(String).join(' '));
  const waits: number[] = [];
  const alarm: Alarm = (ms, wake) => {
    waits.push(ms);
    const timer = setImmediate(wake);
    return () => clearImmediate(timer);
  };
  const receiver = createSocketReceiver({
    appToken: APP_TOKEN,
    connections,
    apiUrl: 'http://127.0.0.1/api/',
    fetch: async (input, init) => {
      asked.push(new Request(input, init));
      return Response.json(await open(url, asked.length));
    },
    alarm,
    logger: {
      debug: () => undefined,
      info: log,
      warn: log,
      error: log,
      setLevel: () => undefined,
      getLevel: () => LogLevel.INFO,
      setName: () => undefined,
    },
  });
  onTestFinished(async () => {
    await receiver.stop();
    for (const socket of sockets) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return { receiver, sockets, asked, logged, waits };
}

async function message(socket: WebSocket | undefined): Promise<unknown> {
  const data = await new Promise<RawData | undefined>((resolve) => socket?.once('message', resolve));
  return JSON.parse(Buffer.isBuffer(data) ? data.toString() : '');
}

const sound = (url: string): object => ({ ok: true, url });

describe('the Socket Mode connection', () => {
  test('asks the given address with the token by the given fetch, and hands deliveries to the app', async () => {
    const { receiver, sockets, asked } = await line(sound);
    const bodies: unknown[] = [];
    receiver.init({
      processEvent: async ({ body, ack }) => {
        bodies.push(body);
        await ack({ text: 'answer' });
      },
    } as Pick<App, 'processEvent'> as App);
    await receiver.start();
    expect(asked[0]?.url).toBe('http://127.0.0.1/api/apps.connections.open');
    expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${APP_TOKEN}`);
    const acked = message(sockets[0]);
    sockets[0]?.send(
      JSON.stringify({ type: 'slash_commands', envelope_id: 'E1', payload: { command: '/keyleak' } }),
    );
    expect(await acked).toEqual({ envelope_id: 'E1', payload: { text: 'answer' } });
    expect(bodies).toEqual([{ command: '/keyleak' }]);
  });

  test('acknowledges what the app could not take apart, so that it does not come again', async () => {
    const { receiver, sockets, logged } = await line(sound);
    receiver.init({ processEvent: () => Promise.reject(new Error('what is this')) } as Pick<
      App,
      'processEvent'
    > as App);
    await receiver.start();
    const acked = message(sockets[0]);
    sockets[0]?.send(JSON.stringify({ type: 'interactive', envelope_id: 'E2', payload: {} }));
    expect(await acked).toMatchObject({ envelope_id: 'E2' });
    expect(logged.join('\n')).toContain('could not be read');
  });

  test('comes back at once when Slack renews it or the line breaks', async () => {
    const { receiver, sockets, waits } = await line(sound);
    await receiver.start();
    sockets[0]?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    await expect.poll(() => sockets.length).toBe(2);
    sockets[1]?.terminate();
    await expect.poll(() => sockets.length).toBe(3);
    expect(waits).toEqual([]);
  });

  test('waits out an outage, at the start and later, and ends nothing', async () => {
    const { receiver, sockets, asked, waits } = await line((url, call) => {
      if ([1, 2, 4, 5].includes(call)) throw new TypeError('fetch failed');
      return call === 6 ? { ok: false, error: 'internal_error' } : sound(url);
    });
    await receiver.start();
    expect(waits).toEqual([500, 1_000]);
    sockets[0]?.terminate();
    await expect.poll(() => sockets.length).toBe(2);
    expect(asked).toHaveLength(7);
    expect(waits.slice(2)).toEqual([500, 1_000, 2_000]);
  });

  test('refuses to start with a token that Slack refuses, in words and without the token', async () => {
    const { receiver, logged } = await line(() => ({ ok: false, error: 'invalid_auth' }));
    await expect(receiver.start()).rejects.toMatchObject({ code: 'KL_SLACK_SOCKET' });
    expect(logged.join('\n')).not.toContain(APP_TOKEN);
  });

  test('keeps trying when Slack refuses the token of a connection that once stood', async () => {
    const { receiver, sockets } = await line((url, call) =>
      call === 2 ? { ok: false, error: 'invalid_auth' } : sound(url),
    );
    await receiver.start();
    sockets[0]?.terminate();
    await expect.poll(() => sockets.length).toBe(2);
  });

  test('stops within bounds from a peer that does not say goodbye, and does not come back', async () => {
    const { receiver, sockets, asked } = await line(sound);
    await receiver.start();
    // The peer's close frame never comes: its socket is not read any more.
    sockets[0]?.pause();
    await receiver.stop();
    expect(asked).toHaveLength(1);
  });

  test('stops while it waits for an outage to pass', async () => {
    const { receiver } = await line(() => Promise.reject(new TypeError('fetch failed')));
    const started = receiver.start();
    const outcome = started.then(
      () => 'connected',
      (error: { code: string }) => error.code,
    );
    await receiver.stop();
    expect(await outcome).toBe('KL_SLACK_SOCKET_CLOSED');
  });
});

describe('two connections', () => {
  const deliveries = (receiver: Line['receiver']): unknown[] => {
    const bodies: unknown[] = [];
    receiver.init({
      processEvent: async ({ body, ack }) => {
        bodies.push(body);
        await ack();
      },
    } as Pick<App, 'processEvent'> as App);
    return bodies;
  };
  const send = (socket: WebSocket | undefined, command: string): void =>
    socket?.send(JSON.stringify({ type: 'slash_commands', envelope_id: command, payload: { command } }));

  test('are made one after the other, and what Slack sends by either reaches the app', async () => {
    const { receiver, sockets } = await line(sound, 2);
    const bodies = deliveries(receiver);
    await receiver.start();
    await expect.poll(() => receiver.connected()).toBe(2);
    send(sockets[0], '/one');
    send(sockets[1], '/two');
    await expect.poll(() => bodies).toHaveLength(2);
    expect(bodies).toEqual(expect.arrayContaining([{ command: '/one' }, { command: '/two' }]));
  });

  test('leave no gap: while one is renewed the other takes what comes', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { receiver, sockets } = await line(async (url, call) => {
      if (call === 3) await gate;
      return sound(url);
    }, 2);
    const bodies = deliveries(receiver);
    await receiver.start();
    await expect.poll(() => receiver.connected()).toBe(2);
    sockets[0]?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    await expect.poll(() => receiver.connected()).toBe(1);
    send(sockets[1], '/meanwhile');
    await expect.poll(() => bodies).toEqual([{ command: '/meanwhile' }]);
    open();
    await expect.poll(() => receiver.connected()).toBe(2);
    expect(sockets).toHaveLength(3);
  });

  test('come back both when both break', async () => {
    const { receiver, sockets, asked } = await line(sound, 2);
    await receiver.start();
    await expect.poll(() => receiver.connected()).toBe(2);
    for (const socket of sockets.slice(0, 2)) socket.terminate();
    await expect.poll(() => sockets.length).toBe(4);
    await expect.poll(() => receiver.connected()).toBe(2);
    expect(asked).toHaveLength(4);
  });

  test('a second one that Slack will not give leaves the first alone', async () => {
    const { receiver, sockets } = await line(
      (url, call) => (call === 2 || call === 3 ? { ok: false, error: 'too_many_websockets' } : sound(url)),
      2,
    );
    const bodies = deliveries(receiver);
    await receiver.start();
    send(sockets[0], '/one');
    await expect.poll(() => bodies).toEqual([{ command: '/one' }]);
    await expect.poll(() => receiver.connected()).toBe(2);
  });

  test('a refused token ends the start and leaves nothing trying', async () => {
    const { receiver, asked } = await line(() => ({ ok: false, error: 'invalid_auth' }), 2);
    await expect(receiver.start()).rejects.toMatchObject({ code: 'KL_SLACK_SOCKET' });
    expect(asked).toHaveLength(1);
    expect(receiver.connected()).toBe(0);
  });

  test('stop together, and neither comes back', async () => {
    const { receiver, asked } = await line(sound, 2);
    await receiver.start();
    await expect.poll(() => receiver.connected()).toBe(2);
    await receiver.stop();
    expect(receiver.connected()).toBe(0);
    expect(asked).toHaveLength(2);
  });
});

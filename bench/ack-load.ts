// The load of the acknowledgement: clients on raw sockets that send signed commands one after the other, and how long each
// answer took.

import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export const SECRET = 'a-signing-secret-for-measurements';
export const INCIDENTS = 64;

let sent = 0;

/** A signed `/keyleak note` for one incident after the other; each is a delivery of its own. */
function request(): Buffer {
  sent += 1;
  const body = new URLSearchParams({
    token: 'x',
    team_id: 'T0ACME',
    channel_id: 'C0GENERAL',
    user_id: 'U0RIOA',
    user_name: 'rio',
    command: '/keyleak',
    text: `note KL-${(sent % INCIDENTS) + 1} The replacement is stored in the secrets manager (${sent}).`,
    response_url: 'https://hooks.slack.com/commands/T0ACME/1/abc',
    trigger_id: `1.2.${process.pid}.${sent}`,
    api_app_id: 'A0KEYLEAK',
  }).toString();
  const at = Math.floor(Date.now() / 1_000);
  const hash = createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex');
  return Buffer.from(
    [
      'POST /slack/events HTTP/1.1',
      'host: 127.0.0.1',
      'content-type: application/x-www-form-urlencoded',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-slack-request-timestamp: ${at}`,
      `x-slack-signature: v0=${hash}`,
      '',
      body,
    ].join('\r\n'),
  );
}

export interface Load {
  /** Milliseconds of every answer within a slice of `ms`. */
  slice(ms: number): Promise<readonly number[]>;
  close(): void;
}

/** `clients` connections to `port`; each sends its next command when the last is answered. */
export async function openLoad(port: number, clients: number): Promise<Load> {
  const sockets = await Promise.all(Array.from({ length: clients }, () => opened(port)));
  return {
    async slice(ms) {
      const until = performance.now() + ms;
      const each = await Promise.all(sockets.map((socket) => run(socket, until)));
      return each.flat();
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

async function run(socket: Socket, until: number): Promise<number[]> {
  const took: number[] = [];
  while (performance.now() < until) {
    const bytes = request();
    const start = performance.now();
    socket.write(bytes);
    await answered(socket);
    took.push(performance.now() - start);
  }
  return took;
}

/** Resolves when one whole answer came. Throws where it is not 200. */
function answered(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head === -1 || !isWhole(text, head)) return;
      socket.off('data', read);
      if (text.startsWith('HTTP/1.1 200')) resolve();
      else reject(new Error(text.slice(0, 200)));
    };
    socket.on('data', read);
  });
}

function isWhole(text: string, head: number): boolean {
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  if (length !== undefined) return text.length - head - 4 >= Number(length);
  return text.endsWith('0\r\n\r\n');
}

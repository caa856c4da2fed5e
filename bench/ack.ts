// What a durable acknowledgement costs beside one that writes nothing: our bot and a bare Bolt app, each in a process of
// its own, in turn; by the median, the slowest hundredth and processor time, at 16 and 64 clients. Then resident memory.

import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { openLoad } from './ack-load.ts';
import { type Gate, quantile, type Ratio, summary } from './paired.ts';

const SLICE_MS = 300;
const PAIRS = 30;
const CONTROL_PAIRS = 15;

interface Server {
  readonly port: number;
  /** Microseconds of processor time so far. */
  cpu(): Promise<number>;
  /** Bytes. */
  rss(): Promise<number>;
  end(): void;
}

export async function benchAck(): Promise<readonly Gate[]> {
  const [ours, floor, twin] = [await serve('ours'), await serve('floor'), await serve('floor')];
  try {
    const gates: Gate[] = [];
    for (const clients of [16, 64]) {
      const control = await pairs(twin, floor, clients, CONTROL_PAIRS);
      const ratio = await pairs(ours, floor, clients, PAIRS);
      const name = `ack: ${clients} clients`;
      gates.push(
        { name: `${name}, p50`, ratio: ratio.p50, control: control.p50, goal: 1, limit: 1.15 },
        { name: `${name}, p99`, ratio: ratio.p99, control: control.p99, goal: 1.1, limit: 1.3 },
        { name: `${name}, CPU a request`, ratio: ratio.cpu, control: control.cpu, goal: 1, limit: 1.2 },
      );
    }
    const rss = summary([(await ours.rss()) / (await floor.rss())]);
    const same = summary([(await twin.rss()) / (await floor.rss())]);
    gates.push({
      name: 'memory: resident, after the load',
      ratio: rss,
      control: same,
      goal: 1.15,
      limit: 1.3,
    });
    return gates;
  } finally {
    for (const server of [ours, floor, twin]) server.end();
  }
}

async function pairs(
  a: Server,
  b: Server,
  clients: number,
  count: number,
): Promise<{ p50: Ratio; p99: Ratio; cpu: Ratio }> {
  const loads = { a: await openLoad(a.port, clients), b: await openLoad(b.port, clients) };
  const measured = { p50: [] as number[], p99: [] as number[], cpu: [] as number[] };
  await loads.a.slice(SLICE_MS);
  await loads.b.slice(SLICE_MS);
  for (let pair = 0; pair < count; pair += 1) {
    const first = pair % 2 === 0 ? await slice(a, loads.a) : null;
    const second = await slice(b, loads.b);
    const mine = first ?? (await slice(a, loads.a));
    measured.p50.push(mine.p50 / second.p50);
    measured.p99.push(mine.p99 / second.p99);
    measured.cpu.push(mine.cpu / second.cpu);
  }
  loads.a.close();
  loads.b.close();
  return { p50: summary(measured.p50), p99: summary(measured.p99), cpu: summary(measured.cpu) };
}

async function slice(server: Server, load: Awaited<ReturnType<typeof openLoad>>) {
  const before = await server.cpu();
  const took = (await load.slice(SLICE_MS)).toSorted((x, y) => x - y);
  const cpu = ((await server.cpu()) - before) / took.length;
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), cpu };
}

async function serve(kind: 'ours' | 'floor'): Promise<Server> {
  const port = await freePort();
  const file = fileURLToPath(new URL('./ack-server.js', import.meta.url));
  const child = fork(file, [kind, String(port)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await said(child);
  return {
    port,
    async cpu() {
      const { user, system } = (await asked(child, 'cpu')) as NodeJS.CpuUsage;
      return user + system;
    },
    rss: async () => Number(await asked(child, 'rss')),
    end: () => void child.kill('SIGKILL'),
  };
}

function said(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the server ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

function asked(child: ChildProcess, what: string): Promise<unknown> {
  const answer = said(child);
  child.send(what);
  return answer;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Readiness, serveHealth } from '../../src/slack/health-pages.ts';

async function served(ask: () => Promise<Readiness>) {
  const server = await serveHealth({ host: '127.0.0.1', port: 0, ask });
  onTestFinished(() => server.close());
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.json()];
  };
}

test('a bot without a connection to Slack is alive and not ready; with one of two it is', async () => {
  let connections = 0;
  const get = await served(async () => ({ database: true, connections }));
  expect(await get('/healthz')).toEqual([200, { status: 'ok' }]);
  expect(await get('/readyz')).toEqual([503, { ready: false, database: true, connections: 0 }]);
  connections = 1;
  expect(await get('/readyz')).toEqual([200, { ready: true, database: true, connections: 1 }]);
});

test('a question that fails is answered with no, and any other path with nothing', async () => {
  const get = await served(() => Promise.reject(new Error('closed')));
  expect(await get('/readyz')).toEqual([503, { ready: false }]);
  expect((await get('/metrics'))[0]).toBe(404);
});

test('a port that is taken is told', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ask = async () => ({ database: true, connections: 1 });
  await expect(serveHealth({ host: '127.0.0.1', port, ask })).rejects.toMatchObject({ code: 'KL_HTTP_PORT' });
});

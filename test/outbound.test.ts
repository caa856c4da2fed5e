import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic, { APIConnectionError } from '@anthropic-ai/sdk';
import { App, type Receiver } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { LogLevel, WebAPIRequestError, WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../src/domain/remote-error.ts';
import { createOutbound, type OutboundAlarm, type OutboundCall, slackOrigins } from '../src/outbound.ts';
import { SAFE_TEXT } from '../src/outbound-safe.ts';
import type { Service } from '../src/outbound-service.ts';
import { virtualTime } from './support/virtual-time.ts';

// Built here, so that no scanner takes this file for a leak.
const KEY = ['sk', 'ant', 'api03', `${'R2Dkeyleakpractice'.repeat(5)}igAA`].join('-');
const TOKEN = ['xoxb', '1111111111', '2222222222', 'practicepractice'].join('-');
const OTHER_TOKEN = ['xoxb', '9999999999', '8888888888', 'anotheranother'].join('-');
const ADMIN = ['sk', 'ant', 'admin01', 'p'.repeat(60)].join('-');

type Body = NonNullable<RequestInit['body']>;

interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly type: string;
  readonly text: string;
  readonly redirect: string | undefined;
}

/** A world that remembers what reached it and answers as told. */
function world(answer: (url: string) => Response = () => Response.json({ ok: true })) {
  const sent: Sent[] = [];
  const alarms: OutboundAlarm[] = [];
  const calls: OutboundCall[] = [];
  const time = virtualTime(0);
  const gate = createOutbound({
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const type = request.headers.get('content-type') ?? '';
      const text = new TextDecoder().decode(await request.arrayBuffer());
      sent.push({ url: request.url, headers: request.headers, type, text, redirect: init?.redirect });
      time.step(120);
      return answer(request.url);
    },
    onAlarm: (alarm) => alarms.push(alarm),
    clock: time.clock,
    onCall: (call) => calls.push(call),
  });
  return { gate, sent, alarms, calls };
}

const SLACK = slackAt('https://slack.com/api/');
const ANTHROPIC: Service = { name: 'anthropic', origins: ['https://api.anthropic.com'] };
const GITHUB: Service = { name: 'github', origins: ['https://api.github.com'] };

function slackAt(apiUrl: string): Service {
  return { name: 'slack', origins: slackOrigins(apiUrl) };
}

function slack(fetcher: typeof fetch): WebClient {
  return new WebClient(TOKEN, { fetch: fetcher, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR });
}

function anthropic(fetcher: typeof fetch): Anthropic {
  return new Anthropic({ apiKey: async () => ADMIN, fetch: fetcher, maxRetries: 0 });
}

function fields(sent: Sent | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(sent?.text));
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it was let through');
    },
    (error: unknown) => error,
  );
}

async function refusal(work: Promise<unknown>): Promise<RemoteError> {
  const error = await failure(work);
  if (error instanceof WebAPIRequestError && error.original instanceof RemoteError) return error.original;
  if (error instanceof APIConnectionError && error.cause instanceof RemoteError) return error.cause;
  if (error instanceof RemoteError) return error;
  throw error;
}

describe('what is clean', () => {
  test('of the Slack client leaves as it was given, and its own token is no leak', async () => {
    const { gate, sent, alarms, calls } = world();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'sk-ant-api03-R2D...igAA is dead' } }];
    await slack(gate(SLACK)).chat.postMessage({ channel: 'C0AAAAAAA', text: 'dead', blocks, token: TOKEN });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ url: 'https://slack.com/api/chat.postMessage', redirect: 'manual' });
    expect(sent[0]?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(sent[0]?.type).toBe('application/x-www-form-urlencoded');
    expect(fields(sent[0])).toMatchObject({
      channel: 'C0AAAAAAA',
      text: 'dead',
      blocks: JSON.stringify(blocks),
    });
    expect(alarms).toEqual([]);
    expect(calls).toEqual([{ service: 'slack', what: 'chat.postMessage', status: 200, ms: 120 }]);
  });

  test('of the Anthropic client leaves as it was given', async () => {
    const { gate, sent, alarms, calls } = world(() =>
      Response.json({ id: 'apikey_01prod', status: 'inactive' }),
    );
    await anthropic(gate(ANTHROPIC)).organization.apiKeys.update('apikey_01prod', { status: 'inactive' });
    expect(sent[0]?.headers.get('authorization')).toBe(`Bearer ${ADMIN}`);
    expect(JSON.parse(sent[0]?.text ?? '')).toEqual({ status: 'inactive' });
    expect(alarms).toEqual([]);
    expect(calls).toEqual([
      { service: 'anthropic', what: 'POST /v1/organizations/api_keys/apikey_01prod', status: 200, ms: 120 },
    ]);
  });

  test('as an upload passes through files.slack.com', async () => {
    const { gate, sent } = world((url) =>
      Response.json({
        ok: true,
        upload_url: 'https://files.slack.com/upload/v1/abc',
        file_id: 'F1',
        files: [],
        url,
      }),
    );
    await slack(gate(SLACK)).filesUploadV2({
      channel_id: 'C0AAAAAAA',
      file: Buffer.from('# KL-7'),
      filename: 'kl-7.md',
    });
    expect(sent.map(({ url }) => new URL(url).host)).toEqual(['slack.com', 'files.slack.com', 'slack.com']);
    expect(sent[1]?.text).toContain('# KL-7');
  });

  test('and fails on the way is told with no status', async () => {
    const { gate, calls } = world(() => {
      throw new TypeError('fetch failed');
    });
    await expect(gate(SLACK)('https://slack.com/api/auth.test', { method: 'POST' })).rejects.toThrow(
      'fetch failed',
    );
    expect(calls).toEqual([{ service: 'slack', what: 'auth.test', status: null, ms: 120 }]);
  });
});

describe('a message with a secret', () => {
  const disguises: readonly (readonly [string, string])[] = [
    ['plain', KEY],
    ['broken over two lines', `${KEY.slice(0, 40)}\n${KEY.slice(40)}`],
    ['with a zero-width character', `${KEY.slice(0, 40)}\u200b${KEY.slice(40)}`],
    ['percent-encoded', KEY.replaceAll('-', '%2D')],
    ['in base64', Buffer.from(KEY).toString('base64')],
  ];

  test.each(disguises)('%s, is posted as the safe text where it belongs', async (_, secret) => {
    const { gate, sent, alarms } = world();
    await slack(gate(SLACK)).chat.postMessage({
      channel: 'C0AAAAAAA',
      thread_ts: '1.2',
      text: 'see below',
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `found ${secret} there` } }],
      attachments: [{ text: secret }],
      metadata: { event_type: 'keyleak_run', event_payload: { run: 'KL-1:post' } },
    });
    expect(fields(sent[0])).toEqual({
      channel: 'C0AAAAAAA',
      thread_ts: '1.2',
      metadata: JSON.stringify({ event_type: 'keyleak_run', event_payload: { run: 'KL-1:post' } }),
      text: SAFE_TEXT,
    });
    expect(alarms).toEqual([{ service: 'slack', what: 'chat.postMessage', family: 'anthropic' }]);
  });

  test('replaces an edited message whole: its attachments go too', async () => {
    const { gate, sent } = world();
    await slack(gate(SLACK)).chat.update({ channel: 'C0AAAAAAA', ts: '1.2', text: KEY });
    expect(fields(sent[0])).toEqual({ channel: 'C0AAAAAAA', ts: '1.2', text: SAFE_TEXT, attachments: '[]' });
  });

  test('to one person stays with that person, without the blocks that came with it', async () => {
    const { gate, sent } = world();
    await slack(gate(SLACK)).chat.postEphemeral({
      channel: 'C0AAAAAAA',
      user: 'U0AAAAAAA',
      text: KEY,
      blocks: [{ type: 'divider' }],
    });
    expect(fields(sent[0])).toEqual({ channel: 'C0AAAAAAA', user: 'U0AAAAAAA', text: SAFE_TEXT });
  });

  test('loses a marker that holds it', async () => {
    const { gate, sent } = world();
    const metadata = { event_type: 'keyleak_run', event_payload: { run: KEY } };
    await slack(gate(SLACK)).chat.postMessage({ channel: 'C0AAAAAAA', text: 'x', metadata });
    expect(fields(sent[0])).toEqual({ channel: 'C0AAAAAAA', text: SAFE_TEXT });
  });

  test('is not sent at all when the secret is its address', async () => {
    const { gate, sent, alarms } = world();
    const error = await refusal(slack(gate(SLACK)).chat.postMessage({ channel: KEY, text: 'x' }));
    expect(error).toMatchObject({ code: 'KL_OUTBOUND_SECRET', outcome: 'refused' });
    expect(sent).toEqual([]);
    expect(alarms).toHaveLength(1);
  });

  test('answers through a response URL of Bolt with the safe text', async () => {
    const { gate, sent, alarms } = world(() => new Response('ok'));
    const receiver: Receiver = { init: () => {}, start: async () => {}, stop: async () => {} };
    const app = new App({
      receiver,
      authorize: async () => ({ botToken: TOKEN, botId: 'B0KEYLEAK', botUserId: 'U0KEYLEAK' }),
      clientOptions: { fetch: gate(SLACK), retryConfig: { retries: 0 } },
    });
    app.command('/keyleak', async ({ ack, respond }) => {
      await ack();
      await respond({
        response_type: 'in_channel',
        replace_original: true,
        text: 'x',
        blocks: [{ type: 'section', text: { type: 'mrkdwn', text: KEY } }],
      });
    });
    await app.processEvent({
      body: {
        command: '/keyleak',
        text: '',
        team_id: 'T0ACME',
        user_id: 'U0AAAAAAA',
        channel_id: 'C0AAAAAAA',
        response_url: 'https://hooks.slack.com/commands/T0ACME/123/abcDEF',
      },
      ack: async () => {},
    });
    expect(sent.map(({ url }) => url)).toEqual(['https://hooks.slack.com/commands/T0ACME/123/abcDEF']);
    expect(JSON.parse(sent[0]?.text ?? '')).toEqual({
      response_type: 'in_channel',
      replace_original: true,
      text: SAFE_TEXT,
    });
    expect(alarms).toEqual([{ service: 'slack', what: 'response_url', family: 'anthropic' }]);
  });

  test('that is somebody else’s token under the name of ours does not pass', async () => {
    const { gate, sent } = world();
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ token: OTHER_TOKEN, channel: 'C0AAAAAAA', text: 'x' }).toString();
    await gate(SLACK)('https://slack.com/api/chat.postMessage', { method: 'POST', headers, body });
    expect(fields(sent[0])).toEqual({ channel: 'C0AAAAAAA', text: SAFE_TEXT });
  });
});

describe('anything else with a secret is not sent', () => {
  const gates = (): ReturnType<typeof world> & { slack: WebClient; anthropic: Anthropic } => {
    const all = world();
    return { ...all, slack: slack(all.gate(SLACK)), anthropic: anthropic(all.gate(ANTHROPIC)) };
  };
  const view: ModalView = {
    type: 'modal',
    title: { type: 'plain_text', text: 'x' },
    private_metadata: KEY,
    blocks: [],
  };

  test.each([
    ['a modal', 'views.open', (at) => at.slack.views.open({ trigger_id: 't', view })],
    ['a channel’s name', 'conversations.create', (at) => at.slack.conversations.create({ name: KEY })],
    [
      'an uploaded file',
      'upload',
      (at) => at.slack.apiCall('https://files.slack.com/upload/v1/abc', { file: Buffer.from(KEY) }),
    ],
    [
      'a key’s new name',
      'POST /v1/organizations/api_keys/apikey_1',
      (at) => at.anthropic.organization.apiKeys.update('apikey_1', { name: KEY }),
    ],
    ['a path', 'GET', (at) => at.anthropic.organization.apiKeys.retrieve(KEY)],
    [
      'a query',
      'GET /v1/organizations/api_keys',
      async (at) => void (await at.anthropic.organization.apiKeys.list({ after_id: KEY })),
    ],
    [
      'a header',
      'GET /v1/organizations/api_keys',
      async (at) => void (await at.anthropic.organization.apiKeys.list({}, { headers: { 'x-note': KEY } })),
    ],
  ] as const satisfies readonly (readonly [
    string,
    string,
    (at: ReturnType<typeof gates>) => Promise<unknown>,
  ])[])('%s', async (_, what, work) => {
    const at = gates();
    const error = await refusal(work(at));
    expect(error).toMatchObject({ code: 'KL_OUTBOUND_SECRET', outcome: 'refused' });
    expect(at.sent).toEqual([]);
    expect(at.calls).toEqual([]);
    expect(at.alarms).toEqual([{ service: expect.any(String), what, family: 'anthropic' }]);
    expect(JSON.stringify([at.alarms, error.message, error.next])).not.toContain(KEY.slice(20, 50));
  });

  const stream = (text: string) => new Blob([text]).stream();
  const form = new FormData();
  form.append('file', new Blob([KEY]), 'x.txt');
  const named = new FormData();
  named.append('file', new Blob(['clean']), `${KEY}.txt`);
  test.each<readonly [string, Body]>([
    ['a text', KEY],
    ['bytes', new TextEncoder().encode(KEY)],
    ['UTF-16', new Uint8Array(Buffer.from(KEY, 'utf16le'))],
    ['a blob', new Blob(['x', KEY])],
    ['a stream', stream(`x ${KEY}`)],
    ['a form', new URLSearchParams({ x: KEY })],
    ['a file in a form', form],
    ['the name of a file in a form', named],
  ])('in %s', async (_, body) => {
    const { gate, sent } = world();
    const error = await refusal(
      gate(ANTHROPIC)('https://api.anthropic.com/v1/x', { method: 'POST', body, duplex: 'half' }),
    );
    expect(error.code).toBe('KL_OUTBOUND_SECRET');
    expect(sent).toEqual([]);
  });

  test('in a Request that was made before', async () => {
    const { gate, sent } = world();
    const request = new Request('https://api.anthropic.com/v1/x', { method: 'POST', body: KEY });
    expect((await refusal(gate(ANTHROPIC)(request))).code).toBe('KL_OUTBOUND_SECRET');
    expect(sent).toEqual([]);
  });
});

describe('bodies of every kind that are clean', () => {
  const form = new FormData();
  form.append('file', new Blob(['clean']), 'x.txt');
  test.each<readonly [string, Body, string, string]>([
    ['text', 'clean', 'text/plain;charset=UTF-8', 'clean'],
    ['bytes', new TextEncoder().encode('clean'), '', 'clean'],
    ['stream', new Blob(['clean']).stream(), '', 'clean'],
    [
      'form',
      new URLSearchParams({ x: 'clean' }),
      'application/x-www-form-urlencoded;charset=UTF-8',
      'x=clean',
    ],
    ['multipart', form, 'multipart/form-data; boundary=', 'filename="x.txt"'],
  ])('%s arrives whole', async (_, body, type, text) => {
    const { gate, sent } = world();
    await gate(ANTHROPIC)('https://api.anthropic.com/v1/x', { method: 'POST', body, duplex: 'half' });
    expect(sent[0]?.type.startsWith(type)).toBe(true);
    expect(sent[0]?.text).toContain(text);
  });

  test.each<readonly [string, () => Body]>([
    ['text', () => 'x'.repeat(4 * 1024 * 1024 + 1)],
    ['stream', () => new Blob([new Uint8Array(4 * 1024 * 1024 + 1)]).stream()],
  ])('a %s larger than 4 MiB is not sent', async (_, body) => {
    const { gate, sent } = world();
    const error = await refusal(
      gate(SLACK)('https://slack.com/api/x.y', { method: 'POST', body: body(), duplex: 'half' }),
    );
    expect(error).toMatchObject({ code: 'KL_OUTBOUND_TOO_LARGE', outcome: 'refused' });
    expect(sent).toEqual([]);
  });

  test('an abort of the caller reaches the world', async () => {
    const stop = new AbortController();
    let signal: AbortSignal | null | undefined;
    const gate = createOutbound({
      fetch: async (_, init) => {
        signal = init?.signal;
        return new Response();
      },
      clock: virtualTime(0).clock,
      onAlarm: () => {},
    });
    await gate(SLACK)('https://slack.com/api/x.y', { method: 'POST', signal: stop.signal });
    stop.abort();
    expect(signal?.aborted).toBe(true);
  });
});

describe('hosts', () => {
  const local = slackAt('http://127.0.0.1:4000/api/');
  test.each<readonly [Service, string, boolean]>([
    [SLACK, 'https://slack.com/api/x.y', true],
    [SLACK, 'https://hooks.slack.com/commands/a/b', true],
    [SLACK, 'https://files.slack.com/upload/v1/a', true],
    [local, 'http://127.0.0.1:4000/response/1', true],
    [local, 'https://hooks.slack.com/commands/a/b', true],
    [local, 'http://127.0.0.1:4001/api/x.y', false],
    [SLACK, 'http://slack.com/api/x.y', false],
    [SLACK, 'http://files.slack.com/a', false],
    [SLACK, 'https://files.slack.com:8443/a', false],
    [SLACK, 'https://evilslack.com/', false],
    [SLACK, 'https://slack.com.evil.example/', false],
    [SLACK, 'https://slack.com@evil.example/', false],
    [SLACK, 'https://evil.example/slack.com', false],
    [SLACK, 'https://user:word@slack.com/api/x.y', false],
    [SLACK, 'https://api.anthropic.com/', false],
    [ANTHROPIC, 'https://api.anthropic.com/v1/models', true],
    [ANTHROPIC, 'https://slack.com/api/x.y', false],
    [ANTHROPIC, 'https://x.anthropic.com/', false],
    [ANTHROPIC, 'data:text/plain,x', false],
    [GITHUB, 'https://api.github.com/user', true],
    [GITHUB, 'https://github.com/user', false],
  ])('%o may follow %s: %s', async (service, url, allowed) => {
    const { gate, sent } = world();
    if (allowed) {
      await gate(service)(url);
      expect(sent).toHaveLength(1);
      return;
    }
    const error = await refusal(gate(service)(url));
    expect(error).toMatchObject({ code: 'KL_OUTBOUND_HOST', outcome: 'refused', reason: 'foreign_host' });
    expect(sent).toEqual([]);
  });

  test('an upload address that Slack’s answer bends elsewhere gets nothing', async () => {
    const { gate, sent } = world(() =>
      Response.json({ ok: true, upload_url: 'https://evil.example/upload', file_id: 'F1' }),
    );
    const upload = slack(gate(SLACK)).filesUploadV2({
      channel_id: 'C1',
      file: Buffer.from('x'),
      filename: 'x.md',
    });
    expect((await refusal(upload)).code).toBe('KL_OUTBOUND_HOST');
    expect(sent).toHaveLength(1);
  });
});

describe('redirects are not followed', () => {
  test.each([
    ['GET', 302, 'refused'],
    ['POST', 302, 'unknown'],
    ['POST', 303, 'unknown'],
    ['POST', 307, 'refused'],
    ['POST', 308, 'refused'],
  ])('%s answered with %i is %s', async (method, status, outcome) => {
    const { gate, sent, calls } = world(
      () => new Response(null, { status, headers: { location: 'https://slack.com/api/other.one' } }),
    );
    const error = await refusal(gate(SLACK)('https://slack.com/api/chat.update', { method }));
    expect(error).toMatchObject({ code: 'KL_OUTBOUND_REDIRECT', outcome });
    expect(sent).toHaveLength(1);
    expect(calls[0]?.status).toBe(status);
  });

  test('by Node’s own fetch, with a server that bends the way', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end('moved');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
    try {
      const gate = createOutbound({ fetch, clock: virtualTime(0).clock, onAlarm: () => {} });
      const client = new WebClient(TOKEN, {
        fetch: gate(slackAt(base)),
        slackApiUrl: base,
        logLevel: LogLevel.ERROR,
        retryConfig: { retries: 0 },
      });
      expect(await refusal(client.auth.test())).toMatchObject({
        code: 'KL_OUTBOUND_REDIRECT',
        outcome: 'unknown',
      });
      expect(asked).toEqual(['/api/auth.test']);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

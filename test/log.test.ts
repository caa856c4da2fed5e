import { Writable } from 'node:stream';
import { LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { KeyleakError } from '../src/domain/errors.ts';
import { RemoteError } from '../src/domain/remote-error.ts';
import { boltLogger, createLog, type Level, type Log, scrubbed } from '../src/log.ts';

// Built here, so that no scanner takes this file for a leak.
const KEY = ['sk', 'ant', 'api03', `${'R2Dkeyleakpractice'.repeat(5)}igAA`].join('-');
const TOKEN = ['xoxb', '1111111111', '2222222222', 'practicepractice'].join('-');

function logTo(level: Level): { log: Log; raw: () => string; lines: () => Record<string, unknown>[] } {
  let text = '';
  const destination = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  return {
    log: createLog({ level, destination }),
    raw: () => text,
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('a line', () => {
  test('of what a service refused is a warning with its way out, and no stack', () => {
    const { log, lines, raw } = logTo('info');
    const facts = { outcome: 'refused', reason: 'no_such_group' } as const;
    log.error(new RemoteError('KL_SLACK_GROUP_UNKNOWN', 'Slack knows no group @a.', 'Bring it back.', facts));
    expect(lines()).toMatchObject([
      {
        level: 'warn',
        refusal: {
          code: 'KL_SLACK_GROUP_UNKNOWN',
          message: 'Slack knows no group @a.',
          next: 'Bring it back.',
        },
      },
    ]);
    expect(raw()).not.toContain('.ts');
  });

  test('is one JSON object with time, level and message', () => {
    const { log, lines } = logTo('info');
    log.note('started');
    expect(lines()).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/), msg: 'started' },
    ]);
  });

  test('tells an alarm, and a call that failed; one that went well only at level debug', () => {
    const call = { service: 'slack', what: 'chat.update', status: 200, ms: 12 } as const;
    const write = ({ log, lines }: ReturnType<typeof logTo>) => {
      log.alarm({ service: 'slack', what: 'chat.postMessage', family: 'anthropic' });
      log.call(call);
      log.call({ ...call, status: 500 });
      log.call({ ...call, status: null });
      return lines().map(({ level, call: told }) => [level, told]);
    };
    const failed = [
      ['error', undefined],
      ['warn', { ...call, status: 500 }],
      ['warn', { ...call, status: null }],
    ];
    expect(write(logTo('info'))).toEqual(failed);
    expect(write(logTo('debug'))).toEqual([failed[0], ['debug', call], ...failed.slice(1)]);
  });

  test.each([
    ['in the message', (log: Log) => log.warn(`seen ${KEY} there`)],
    ['in a fact', (log: Log) => log.call({ service: 'slack', what: `POST /${KEY}`, status: 500, ms: 1 })],
    ['broken over two lines', (log: Log) => log.warn(`seen ${KEY.slice(0, 40)}\n${KEY.slice(40)}`)],
    ['in base64', (log: Log) => log.note(`body ${Buffer.from(KEY).toString('base64')}`)],
    [
      'in an error, its stack and its cause',
      (log: Log) => log.error(new Error(KEY, { cause: new Error(KEY) })),
    ],
    ['in what was thrown and is no error', (log: Log) => log.error(`thrown ${KEY}`)],
    ['with quotes around it', (log: Log) => log.warn(`{"key":"${KEY}","next":"\\"}`)],
  ])('is masked %s and stays JSON', (_, write) => {
    const { log, raw, lines } = logTo('info');
    write(log);
    expect(lines()).toHaveLength(1);
    const base64 = Buffer.from(KEY).toString('base64');
    for (const part of [KEY.slice(20, 38), KEY.slice(50, 80), base64.slice(20, 60)]) {
      expect(raw()).not.toContain(part);
    }
    expect(raw()).toMatch(/R2D\.\.\.igAA|masked/);
  });

  test('of which masking leaves no JSON is held back whole', () => {
    const line = scrubbed(`{"msg":"${KEY}`);
    expect(JSON.parse(line)).toMatchObject({ level: 'error', msg: expect.stringContaining('held back') });
    expect(line).toMatch(/^[^\n]+\n$/);
  });

  test('tells an error with its code and next step, and nothing that an SDK hung on it', () => {
    const { log, lines } = logTo('info');
    log.error(
      new KeyleakError('KL_CONFLICT', 'Somebody was first.', 'Try again.', {
        cause: Object.assign(new Error('reset'), { request: { body: 'the payload' } }),
      }),
    );
    expect(lines()[0]).toMatchObject({
      level: 'error',
      error: {
        code: 'KL_CONFLICT',
        message: 'Somebody was first.',
        next: 'Try again.',
        stack: expect.stringContaining('log.test.ts'),
        cause: { message: 'reset' },
      },
    });
    expect(JSON.stringify(lines())).not.toContain('the payload');
  });

  test('of an error that causes itself ends', () => {
    const { log, lines } = logTo('info');
    const error = new Error('round');
    error.cause = error;
    log.error(error);
    expect(lines()).toHaveLength(1);
  });
});

describe('the logger that Bolt is given', () => {
  test('drops debug and every object but errors', () => {
    const { log, lines } = logTo('debug');
    const logger = boltLogger(log);
    logger.setLevel(LogLevel.DEBUG);
    logger.debug('payload', { text: 'the payload' });
    logger.info('connected');
    logger.warn('retrying', { body: 'the payload' }, new TypeError('reset'));
    logger.error(Object.assign(new Error('not allowed'), { code: 'slack_bolt_authorization_error' }));
    expect(logger.getLevel()).toBe(LogLevel.INFO);
    expect(lines().map(({ level, msg }) => `${String(level)}: ${String(msg)}`)).toEqual([
      'info: connected',
      'warn: retrying (details left out) TypeError: reset',
      'warn: Error (slack_bolt_authorization_error): not allowed',
    ]);
  });

  test('keeps what the Slack client says while it fails free of message and token', async () => {
    const { log, raw } = logTo('debug');
    const client = new WebClient(TOKEN, {
      logger: boltLogger(log),
      logLevel: LogLevel.DEBUG,
      fetch: async () => {
        throw new Error('reset');
      },
      retryConfig: { retries: 0 },
    });
    await expect(client.chat.postMessage({ channel: 'C1', text: 'the words' })).rejects.toThrow('reset');
    expect(raw()).toContain('http request failed reset');
    expect(raw()).not.toContain('the words');
    expect(raw()).not.toContain(TOKEN);
  });
});

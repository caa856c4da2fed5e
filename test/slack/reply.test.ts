import { describe, expect, test } from 'vitest';
import { createReply } from '../../src/slack/reply.ts';
import { T0 } from '../support/cases.ts';
import { virtualTime } from '../support/virtual-time.ts';

const WORDS = { text: 'words', blocks: [] };
const SLACK = 'https://hooks.slack.com/commands/T0ACME/1/token';

function rig(
  answer: () => Promise<Response> = async () => new Response('ok'),
  apiUrl = 'https://slack.com/api/',
) {
  const time = virtualTime(T0);
  const sent: { url: string; init: RequestInit | undefined }[] = [];
  const reply = createReply({
    apiUrl,
    alarm: time.alarm,
    fetch: (input, init) => {
      sent.push({ url: input instanceof Request ? input.url : String(input), init });
      return answer();
    },
  });
  return { reply, sent, time };
}

describe('an answer by response URL', () => {
  test('is for this person alone and leaves the message with the button as it is', async () => {
    const { reply, sent, time } = rig();
    await reply(SLACK, WORDS);
    expect(sent[0]?.url).toBe(SLACK);
    const body = sent[0]?.init?.body;
    expect(JSON.parse(typeof body === 'string' ? body : '')).toEqual({
      response_type: 'ephemeral',
      replace_original: false,
      text: 'words',
      blocks: [],
    });
    expect(time.pending()).toBe(0);
  });

  test('goes to the origin that the configuration names, also on loopback', async () => {
    const { reply, sent } = rig(undefined, 'http://127.0.0.1:4000/api/');
    await reply('http://127.0.0.1:4000/respond/1', WORDS);
    expect(sent).toHaveLength(1);
  });

  test.each([
    'https://evil.example/x',
    'https://slack.com.evil.example/x',
    'https://notslack.com/x',
    'http://hooks.slack.com/x',
    'https://hooks.slack.com:8443/x',
    'https://name:word@hooks.slack.com/x',
    'http://127.0.0.1:4000/x',
    'file:///etc/passwd',
    'nonsense',
    '',
  ])('never goes to %s', async (address) => {
    const { reply, sent } = rig();
    await expect(reply(address, WORDS)).rejects.toMatchObject({
      code: 'KL_SLACK_REPLY_HOST',
      outcome: 'refused',
    });
    expect(sent).toEqual([]);
  });

  test.each([
    [404, 'refused'],
    [500, 'unknown'],
  ])('that Slack answers with %i is an error, and the address is not told', async (status, outcome) => {
    const { reply } = rig(async () => new Response('{"ok":false}', { status }));
    const error: unknown = await reply(SLACK, WORDS).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KL_SLACK_REPLY_REFUSED', outcome });
    expect(JSON.stringify(error) + String(error)).not.toContain('token');
  });

  test('that meets a broken connection is an error that says nothing of the address', async () => {
    const { reply } = rig(() => Promise.reject(new TypeError(`fetch failed: ${SLACK}`)));
    const error: unknown = await reply(SLACK, WORDS).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KL_SLACK_REPLY_LOST', outcome: 'unknown' });
    expect(error).not.toHaveProperty('cause.message');
  });

  test('is given up after eight seconds', async () => {
    const { reply, sent, time } = rig(() => new Promise(() => undefined));
    void reply(SLACK, WORDS).catch(() => undefined);
    expect(time.ringWithin(8_000)).toBe(true);
    expect(sent[0]?.init?.signal?.aborted).toBe(true);
  });
});

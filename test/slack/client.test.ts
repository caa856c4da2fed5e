// The Web API client sends a call when it is asked to, however many others have no answer yet.

import { expect, test, vi } from 'vitest';
import { createSlackClient } from '../../src/slack/client.ts';

test('calls that hang hold no other back', async () => {
  let sent = 0;
  const hang = new AbortController();
  const client = createSlackClient({
    token: 'none',
    apiUrl: 'https://slack.example/api/',
    fetch: () => {
      sent += 1;
      return new Promise((_, reject) => {
        hang.signal.addEventListener('abort', () => reject(hang.signal.reason as Error));
      });
    },
  });
  const calls = Array.from({ length: 150 }, () => client.auth.test().catch(() => 'given up'));
  await vi.waitFor(() => expect(sent).toBe(150), 10_000);
  hang.abort();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['given up']));
});

// A Slack that refuses, fails with an answer, or says late who is on call: nothing is lost, and soon everything is there.

import { expect, test } from 'vitest';
import { HINT, openScene, type Scene } from './scene.ts';

const MINUTE = 60_000;

/** Answers a method for Slack as long as `says` has a word for it. */
function slackThat(says: (method: string) => string | null) {
  return (service: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
    async (input, init) => {
      const request = new Request(input, init);
      const error = service === 'slack' ? says(new URL(request.url).pathname.split('/').at(-1) ?? '') : null;
      return error === null ? fetch(request) : Response.json({ ok: false, error });
    };
}

async function declared(scene: Scene): Promise<void> {
  await scene.slack.as('rio').slash('engineering', HINT);
  await scene.pass(5_000);
}

test.each(['missing_scope', 'invalid_auth', 'restricted_action'])(
  'room and card come once %s is mended, without a restart',
  async (error) => {
    let broken = true;
    const yaml = 'slack:\n  responders: ["@security-oncall"]\n  managers: [U0MEIT]\n';
    const refused = ['conversations.create', 'conversations.open'];
    const scene = await openScene({
      yaml,
      wrap: slackThat((method) => (broken && refused.includes(method) ? error : null)),
    });
    await declared(scene);
    await scene.pass(MINUTE);
    expect((await scene.case()).incident.card).toBeNull();
    broken = false;
    await scene.pass(3 * MINUTE);
    expect(scene.words(scene.card())).toMatch(/LIVE/);
    expect((await scene.log()).filter(({ kind }) => kind === 'action.failed').length).toBeLessThan(5);
  },
);

test('a look that is refused after doubt keeps the card from nobody', async () => {
  let posts = 0;
  const scene = await openScene({
    wrap: slackThat((method) => {
      if (method === 'conversations.history') return 'missing_scope';
      if (method !== 'chat.postMessage') return null;
      posts += 1;
      return posts === 1 ? 'internal_error' : null;
    }),
  });
  await declared(scene);
  await scene.pass(10_000);
  expect(scene.words(scene.card())).toMatch(/LIVE/);
});

test('an answered failure is waited for three seconds, not thirty', async () => {
  let failed = false;
  const scene = await openScene({
    wrap: slackThat((method) => {
      if (method !== 'conversations.create' || failed) return null;
      failed = true;
      return 'internal_error';
    }),
  });
  await scene.slack.as('rio').slash('engineering', HINT);
  await scene.pass(5_000);
  expect(failed).toBe(true);
  expect(scene.words(scene.card())).toMatch(/LIVE/);
});

test('a list of responders that comes late still calls them, and lets them act', async () => {
  let down = true;
  const scene = await openScene({
    wrap: slackThat((method) => (down && method === 'usergroups.list' ? 'internal_error' : null)),
  });
  await declared(scene);
  expect([...scene.room().members]).not.toContain('U0RIOA');
  down = false;
  await scene.pass(MINUTE);
  expect([...scene.room().members]).toEqual(expect.arrayContaining(['U0RIOA', 'U0PRIYA']));
  await scene.slack.as('rio').click({ text: 'Deactivate key', channel: scene.room().id });
  await scene.pass(5_000);
  expect(scene.words(scene.card())).toMatch(/DEAD/);
});

test('a post that Slack delivers a minute later is a second one: it is taken out, and the log says so', async () => {
  const late: Request[] = [];
  const scene = await openScene({
    wrap: (service, fetch) => async (input, init) => {
      const request = new Request(input, init);
      const isPost = service === 'slack' && request.url.endsWith('chat.postMessage');
      if (!isPost || late.length === 2 || !(await request.clone().text()).includes('post-card'))
        return fetch(request);
      late.push(request.clone());
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
      });
    },
  });
  await declared(scene);
  await scene.pass(2 * MINUTE);
  const cards = () =>
    scene
      .room()
      .messages.filter(({ metadata }) => String(metadata?.event_payload.run).includes(':post-card:'));
  expect(cards()).toHaveLength(1);
  const [kept] = cards();
  for (const request of late) await scene.slack.fetch(request);
  expect(cards()).toHaveLength(3);
  await scene.pass(10 * MINUTE);
  expect(cards().map(({ ts }) => ts)).toEqual([kept?.ts]);
  const removed = (await scene.log()).filter((entry) => entry.kind === 'message.removed');
  expect(removed.filter(({ data }) => data.purpose === 'twin')).toHaveLength(2);
});

// The bot as a real process, killed with SIGKILL at the worst moments around the one act that matters.

import { expect, test } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import { openReader } from '../../src/store/reader.ts';
import { HINT, PROD } from '../flows/scene.ts';
import { bot, keyleak, openPractice, type Practice } from './processes.ts';

async function log({ database }: Practice): Promise<readonly Entry[]> {
  const reader = openReader(database);
  try {
    return ((await reader.load('KL-1')) ?? []).map(({ entry }) => entry);
  } finally {
    await reader.close();
  }
}

function rooms({ slack }: Practice) {
  return slack.channels().filter(({ name }) => name.startsWith('kl-1-'));
}

/** Messages that were posted as a card, whatever became of them. */
function cards(practice: Practice) {
  return rooms(practice).flatMap(({ messages }) =>
    messages.filter(({ metadata }) => String(metadata?.event_payload.run).includes(':post-card:')),
  );
}

test.each([
  { moment: 'run:claimed:deactivate-key', between: 'commit and act', status: 'active', posts: 0 },
  { moment: 'run:acted:deactivate-key', between: 'act and commit', status: 'inactive', posts: 1 },
])(
  'a bot that is killed between $between ends with the key dead, said once',
  async ({ moment, status, posts }) => {
    const practice = await openPractice();
    const { slack, anthropic, folder, env } = practice;
    const asked = () => anthropic.requests().filter(({ method }) => method === 'POST').length;

    const first = bot(folder, { ...env, DIE_AT: moment });
    await first.says('connected to Slack');
    const rio = slack.as('rio');
    expect((await rio.slash('engineering', `${HINT} in a public repository`)).outcome).toBe('acked');
    await slack.until(() => cards(practice).find(({ text }) => text.startsWith('LIVE')));
    const [room] = rooms(practice);
    await slack.until(() => rio.sees(room?.id ?? '').some(({ pinned }) => pinned));
    // The click may be acknowledged or not: the process dies over it.
    const click = rio.click({ text: 'Deactivate key', channel: room?.id ?? '' });
    expect(await first.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    await click;

    expect(anthropic.key(PROD)?.status).toBe(status);
    expect(asked()).toBe(posts);
    const before = (await log(practice)).map(({ kind }) => kind);
    expect(before).toContain('step.started');
    expect(before).not.toContain('key.deactivated');

    const second = bot(folder, env);
    await second.says('connected to Slack');
    await slack.until(() => cards(practice).find(({ text }) => text.startsWith('DEAD')));
    second.signal('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });

    expect(anthropic.key(PROD)?.status).toBe('inactive');
    expect(asked()).toBe(1);
    // One entry, by the person who asked; an inactive key after the crash is our own doing, not an earlier one.
    expect((await log(practice)).filter(({ kind }) => kind === 'key.deactivated')).toMatchObject([
      { actor: 'U0RIOA', data: { id: PROD, status: 'inactive', already: false } },
    ]);
    expect(rooms(practice)).toHaveLength(1);
    expect(cards(practice)).toHaveLength(1);
    expect(practice.faults).toEqual([]);
    const verdict = await keyleak(folder, env, 'verify').ended;
    expect(verdict, verdict.err).toMatchObject({ code: 0 });
  },
);

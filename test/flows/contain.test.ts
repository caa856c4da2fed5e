// From /keyleak to a dead key, over the real Bolt app, real SQLite and the vendors' SDKs.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { faultScript } from './faults.ts';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

const MINUTE = 60_000;

async function declared(scene: Scene, words = `${HINT} in a public repository`): Promise<void> {
  await scene.slack.as('rio').slash('engineering', words);
  await scene.pass(5_000);
}

const press = (scene: Scene, who = 'rio') =>
  scene.slack.as(who).click({ text: 'Deactivate key', channel: scene.room().id });

test('a responder declares, presses the red button, and the provider itself says that the key is dead', async () => {
  const scene = await openScene();
  const { answer } = await scene.slack.as('rio').slash('engineering', `${HINT} in a public repository`);
  expect(answer?.buttons).toContain('Deactivate key');
  await scene.pass(5_000);

  const room = scene.room();
  expect(room.kind).toBe('private');
  expect([...room.members].sort()).toEqual(['U0DANA', 'U0KEYLEAK', 'U0MEIT', 'U0PRIYA', 'U0RIOA']);
  expect(scene.card().pinned).toBe(true);
  expect(scene.words(scene.card())).toMatch(/LIVE[\s\S]*prod-api-gateway-2026-04-25[\s\S]*owner @dana/);

  const { dialog } = await press(scene);
  expect(dialog?.text).toMatch(/Workspace: Production[\s\S]*Environment: production[\s\S]*Owner: Dana Reyes/);
  await scene.pass(5_000);

  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  expect(scene.words(scene.card())).toMatch(/DEAD · the provider says inactive/);
  const dead = (await scene.log()).filter(({ kind }) => kind === 'key.deactivated');
  expect(dead).toMatchObject([{ actor: 'U0RIOA', data: { id: PROD, status: 'inactive', already: false } }]);
  const asked = scene.anthropic.requests().filter(({ path }) => path.endsWith(PROD));
  expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  expect((await scene.verified()).findings).toEqual([]);
  expect(scene.slack.world.complaints).toEqual([]);
  expect(scene.slack.world.calls.filter(({ ok }) => !ok)).toEqual([]);
});

test('the witnesses in the channel are heads of the log as it is stored', async () => {
  const scene = await openScene();
  await declared(scene);
  await press(scene);
  await scene.pass(5_000);
  const log = await scene.log();
  const posts = scene.room().messages.filter(({ text }) => text.startsWith('Witness'));
  expect(posts).toHaveLength(2);
  for (const { text } of posts) {
    const [, count, head] = /(\d+):([0-9a-f]{32})$/.exec(text) ?? [];
    expect(log[Number(count) - 1]?.hash.slice(0, 32)).toBe(head);
  }
});

test('the button in the answer kills as fast, before any call to Slack', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  faults.meet((service) => (service === 'slack' ? 'silent' : null));
  const rio = scene.slack.as('rio');
  const { answer } = await rio.slash('engineering', HINT);
  expect(answer?.buttons).toContain('Deactivate key');
  await rio.click({ text: 'Deactivate key', channel: 'engineering' });
  await scene.pass(1_000);
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  expect(await scene.kinds()).toContain('key.deactivated');

  faults.heal();
  await scene.pass(3 * MINUTE);
  expect(scene.words(scene.card())).toMatch(/DEAD/);
  expect(scene.card().pinned).toBe(true);
});

test('two people press at once and one envelope comes twice: one deactivation', async () => {
  const scene = await openScene();
  await declared(scene);
  await Promise.all([press(scene), press(scene, 'mei')]);
  await scene.pass(5_000);
  const kinds = await scene.kinds();
  expect(kinds.filter((kind) => kind === 'key.deactivated')).toHaveLength(1);
  const log = await scene.log();
  const starts = log.filter((e) => e.kind === 'step.started' && e.data.step === 'deactivate-key');
  expect(starts).toHaveLength(1);
  expect(scene.anthropic.requests().filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('several matches never act: they are offered by name, and one press names the key, alone', async () => {
  const scene = await openScene();
  await declared(scene, '...9kAA');
  const room = scene.room();
  expect(scene.reads('rio', room.id)).toMatch(/Which key is k1/);
  await scene.slack
    .as('rio')
    .click({ text: 'prod-search-index · Production …9kAA', channel: room.id, near: 'Which key is k1' });
  await scene.pass(5_000);
  expect(scene.anthropic.key('apikey_01ProdSearch')?.status).toBe('active');
  expect((await scene.case()).incident.keys[0]?.facts?.id).toBe('apikey_01ProdSearch');
  await press(scene);
  await scene.pass(5_000);
  expect(scene.anthropic.key('apikey_01ProdSearch')?.status).toBe('inactive');
  expect(scene.anthropic.key('apikey_01StageSearch')?.status).toBe('active');
});

test('several keys die side by side, and one that fails stops no other', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  await declared(scene, `${HINT}, h7Q...x2AA, vE1...qDAA in a log`);
  faults.meet((service, what) =>
    service === 'anthropic' && what.includes('apikey_01ProdWorker') ? 'forbidden' : null,
  );
  const room = scene.room();
  for (const near of ['prod-api-gateway', 'prod-batch-worker', 'staging-web'])
    await scene.slack.as('rio').click({ text: 'Deactivate key', channel: room.id, near });
  await scene.pass(10_000);
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  expect(scene.anthropic.key('apikey_01StageWeb')?.status).toBe('inactive');
  expect(scene.anthropic.key('apikey_01ProdWorker')?.status).toBe('active');
  const card = scene.words(scene.card());
  expect(card).toMatch(/does not allow this to the admin key/);
  expect(card).toMatch(/choose Disable/);
});

test.each(['inactive', 'archived', 'expired'] as const)(
  'a key that is %s already is recorded as that',
  async (status) => {
    const scene = await openScene();
    await declared(scene);
    scene.anthropic.changeKey(PROD, { status });
    await press(scene);
    await scene.pass(5_000);
    expect((await scene.log()).find(({ kind }) => kind === 'key.deactivated')?.data).toMatchObject({
      status,
      already: true,
    });
    expect(scene.words(scene.card())).toMatch(new RegExp(`says already ${status}`));
    expect(scene.anthropic.requests().filter(({ method }) => method === 'POST')).toHaveLength(0);
  },
);

test('a key that changed after it was confirmed is left alone until it is confirmed anew', async () => {
  const scene = await openScene();
  await declared(scene);
  scene.anthropic.changeKey(PROD, { name: 'billing-critical' });
  await press(scene);
  await scene.pass(5_000);
  expect(scene.anthropic.key(PROD)?.status).toBe('active');
  expect(scene.words(scene.card())).toMatch(/no longer what was confirmed/);
  await scene.slack.as('rio').click({
    text: 'billing-critical · Production …igAA',
    channel: scene.room().id,
    near: 'then deactivate it',
  });
  await scene.pass(5_000);
  await press(scene);
  await scene.pass(5_000);
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
});

test('whoever is no responder declares, learns that help is called, and is refused the red button', async () => {
  const scene = await openScene();
  const { answer } = await scene.slack.as('sam').slash('engineering', HINT);
  expect(scene.words(answer, 'sam')).toMatch(/responders have been called/);
  expect(scene.words(answer, 'sam')).not.toMatch(/prod-api-gateway/);
  await scene.pass(5_000);
  expect(scene.room().members.has('U0SAMO')).toBe(false);

  await scene.slack.as('dana').click({ text: 'Deactivate key', channel: scene.room().id });
  await scene.pass(1_000);
  expect(scene.reads('dana', scene.room().id)).toMatch(/not allowed[\s\S]*Who may: @/);
  expect(scene.anthropic.key(PROD)?.status).toBe('active');
  expect((await scene.log()).at(-1)).toMatchObject({ kind: 'access.refused', actor: 'U0DANA' });
});

test('guests and strangers may not declare', async () => {
  const scene = await openScene();
  for (const who of ['gus', 'olga']) {
    const { answer } = await scene.slack.as(who).slash('general', HINT);
    expect(scene.words(answer, who)).toMatch(/not allowed/);
  }
  expect(await scene.bot().engine.list({ status: 'any', limit: 10 })).toEqual([]);
});

test('a whole key that was pasted is masked and its person told; no byte of it stays or leaves', async () => {
  const scene = await openScene();
  const secret = anthropicKey(9);
  const { answer } = await scene.slack.as('rio').slash('engineering', `${secret} in chat`);
  expect(scene.words(answer)).toMatch(/masked/);
  await scene.pass(5_000);
  await scene.slack
    .as('rio')
    .slash(scene.room().id, `note it was ${secret.slice(0, 50)}\u200b${secret.slice(50)}`);
  await scene.pass(5_000);
  const body = secret.slice(20, 60);
  const files = ['', '-wal']
    .map((end) => readFileSync(`${scene.database}${end}`).toString('latin1'))
    .join('');
  for (const text of [files, scene.logged.join(''), scene.sent.map(({ body: sent }) => sent).join('')])
    expect(text).not.toContain(body);
});

test('without an admin key every step is its guide, and Mark done is taken at its word', async () => {
  const scene = await openScene({ adminKey: false });
  const { answer } = await scene.slack.as('rio').slash('engineering', HINT);
  expect(answer?.buttons).not.toContain('Deactivate key');
  await scene.pass(5_000);
  expect(scene.words(scene.card())).toMatch(/Settings, API keys/);
  const rio = scene.slack.as('rio');
  await rio.click({ text: 'Mark done', channel: scene.room().id, near: 'Identify the key' });
  await scene.pass(3_000);
  await rio.click({ text: 'Mark done', channel: scene.room().id, near: 'Deactivate the key' });
  await scene.pass(3_000);
  expect(await scene.kinds()).not.toContain('key.deactivated');
  expect(scene.words(scene.card())).toMatch(/NOT CHECKED/);
});

test('a refused admin key leaves the guide and one sentence', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  faults.meet((service) => (service === 'anthropic' ? 'unauthorized' : null));
  await declared(scene);
  const card = scene.words(scene.card());
  expect(card).toMatch(/does not accept the admin key/);
  expect(card).toMatch(/Settings, API keys/);
  expect((await scene.log()).find(({ kind }) => kind === 'action.failed')?.data).toMatchObject({
    code: 'KL_ANTHROPIC_UNAUTHORIZED',
    follow_up: 'needs_human',
  });
});

test.each([
  'error',
  'limited',
  'truncated',
  'reset before',
  'reset after',
  'silent',
  'refused connection',
] as const)('a provider that answers with "%s" is asked again until the key is dead', async (fault) => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  await declared(scene);
  faults.meet((service) => (service === 'anthropic' ? fault : null));
  await press(scene);
  await scene.pass(4_000);
  faults.heal();
  await scene.pass(2 * MINUTE);
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  const dead = (await scene.log()).filter(({ kind }) => kind === 'key.deactivated');
  expect(dead).toMatchObject([{ data: { already: false } }]);
});

test('where Slack forbids channels the incident is a thread in the fallback channel', async () => {
  const scene = await openScene({ slack: { policy: { channelCreation: 'restricted' } } });
  await declared(scene);
  const { incident } = await scene.case();
  expect(incident.room).toMatchObject({ place: 'thread', channel: 'C0SECURITY' });
  expect(scene.words(scene.card('security'))).toMatch(/LIVE/);
  await scene.slack.as('rio').click({ text: 'Deactivate key', channel: 'security' });
  await scene.pass(5_000);
  expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
  const witness = scene.slack.channel('security').messages.filter(({ text }) => text.startsWith('Witness'));
  expect(witness.every(({ thread }) => thread === incident.card?.ts)).toBe(true);
});

test('in such a thread the responders are named once, each of them, and brought into the channel', async () => {
  const scene = await openScene({ slack: { policy: { channelCreation: 'restricted' } } });
  await declared(scene);
  await scene.pass(15 * MINUTE);
  const security = scene.slack.channel('security');
  const { incident } = await scene.case();
  const calls = security.messages.filter(({ text }) => text.includes('You are called'));
  expect(calls.every(({ thread }) => thread === incident.card?.ts)).toBe(true);
  const named = calls.flatMap(({ text }) => text.match(/U[A-Z0-9]+/g) ?? []);
  expect(named.toSorted()).toEqual([...incident.invited].toSorted());
  expect(named).toContain('U0RIOA');
  expect([...security.members]).toEqual(expect.arrayContaining([...incident.invited]));
});

test('and direct messages where there is no channel fit for it', async () => {
  const yaml = 'slack:\n  responders: ["@security-oncall"]\n  managers: [U0MEIT]\n  fallback: C0GENERAL\n';
  const scene = await openScene({ yaml, slack: { policy: { channelCreation: 'restricted' } } });
  await declared(scene);
  const { room } = (await scene.case()).incident;
  expect(room?.place).toBe('direct');
  expect(scene.words(scene.card(room?.channel ?? ''))).toMatch(/LIVE/);
  expect(scene.slack.channel('general').messages).toEqual([]);
});

test('a Slack that is down loses nothing: the incident is in the log and appears when Slack returns, once', async () => {
  const faults = faultScript();
  const scene = await openScene({ wrap: faults.wrap });
  let count = 0;
  faults.meet((service) => {
    if (service !== 'slack') return null;
    count += 1;
    return count % 3 === 0 ? 'reset after' : count % 3 === 1 ? 'refused connection' : 'error';
  });
  await scene.slack.as('rio').slash('engineering', HINT);
  await scene.pass(5 * MINUTE);
  expect(await scene.kinds()).toContain('key.identified');
  faults.heal();
  await scene.pass(5 * MINUTE);
  const cards = scene
    .room()
    .messages.filter(({ metadata }) => String(metadata?.event_payload.run).includes(':post-card:'));
  expect(cards).toHaveLength(1);
  expect(scene.words(scene.card())).toMatch(/LIVE/);
});

test('a deadline fires once; one that fell due while the bot was down is marked late', async () => {
  const scene = await openScene();
  await declared(scene);
  await scene.crash();
  scene.time.step(7 * MINUTE);
  await scene.start();
  await scene.pass(2 * MINUTE);
  const missed = (await scene.log()).filter(({ kind }) => kind === 'deadline.missed');
  expect(missed).toMatchObject([{ data: { phase: 'contain' } }]);
  const [first] = missed;
  expect(first?.kind === 'deadline.missed' && first.data.late_ms).toBeGreaterThan(MINUTE);
  expect(scene.room().messages.filter(({ text }) => text.includes('deadline'))).toHaveLength(1);
});

test('skipping the deactivation of a live key takes a manager, and closing over it too', async () => {
  const scene = await openScene();
  await declared(scene);
  const rio = scene.slack.as('rio');
  const mei = scene.slack.as('mei');
  await rio.click({ text: 'Close incident', channel: scene.room().id });
  await scene.settle();
  expect(await rio.submit({ 'In a sentence': 'we are fine' })).toMatchObject({ outcome: 'updated' });
  expect((await scene.case()).incident.status).toBe('open');
  await mei.click({ text: 'Close incident', channel: scene.room().id });
  await scene.settle();
  expect(await mei.submit({ 'In a sentence': 'rotated upstream' })).toMatchObject({ outcome: 'cleared' });
  expect((await scene.case()).incident.closed).toMatchObject({ by: 'U0MEIT', reason: 'rotated upstream' });
});

test('garbage is text: nothing in it is a mention, a link or a command', async () => {
  const scene = await openScene();
  const hostile = [
    '<!channel>',
    "'; DROP TABLE entries; --",
    '\u202eabc',
    '🔥'.repeat(40),
    'x'.repeat(3_000),
    '*bold* _it_ `c`',
  ];
  for (const words of hostile) await scene.slack.as('rio').slash('engineering', words);
  await scene.pass(20_000);
  const rows = await scene.bot().engine.list({ status: 'open', limit: 50 });
  expect(rows).toHaveLength(hostile.length);
  for (const { id } of rows) expect(scene.room(id).messages.length).toBeGreaterThan(0);
  const messages = scene.slack.channels().flatMap((channel) => channel.messages);
  for (const { text, blocks } of messages) {
    expect(text).not.toMatch(/<!channel>|\*bold\*/);
    expect(JSON.stringify(blocks)).not.toMatch(/"mrkdwn","text":"[^"]*(<!channel>|\*bold\*)/);
  }
  expect(scene.slack.world.calls.filter(({ ok }) => !ok)).toEqual([]);
  expect((await scene.verified()).findings).toEqual([]);
});

test('/keyleak alone opens the form; help and status answer in the channel', async () => {
  const scene = await openScene();
  const rio = scene.slack.as('rio');
  await rio.slash('engineering', '');
  await scene.settle();
  expect(await rio.submit({ 'Which key?': HINT, 'Where was it seen?': 'a paste site' })).toMatchObject({
    outcome: 'cleared',
  });
  await scene.pass(5_000);
  expect((await scene.case()).incident).toMatchObject({ source: 'modal', where: 'a paste site' });
  const { answer: help } = await rio.slash(scene.room().id, 'help');
  expect(scene.words(help)).toMatch(/KL-1/);
  const { answer: status } = await rio.slash(scene.room().id, 'status');
  expect(scene.words(status)).toMatch(/1 of 1 keys live/);
  await rio.slash(scene.room().id, 'note seen in two forks');
  expect((await scene.log()).at(-1)).toMatchObject({ kind: 'note.added', actor: 'U0RIOA' });
});

test('the same key under another name joins its open incident; once that is closed it opens a new one', async () => {
  const scene = await openScene();
  await declared(scene, 'prod-api-gateway-2026-04-25');
  const offered = scene.card().buttons.find((label) => label.startsWith('prod-api-gateway-2026-04-25')) ?? '';
  await scene.slack.as('rio').click({ text: offered, channel: scene.room().id, near: 'First 5 minutes' });
  await scene.pass(5_000);
  const { answer } = await scene.slack.as('mei').slash('engineering', HINT);
  expect(scene.words(answer)).toMatch(/KL-1 has this key already/);
  expect(answer?.buttons).toContain('Deactivate key');
  await scene.slack.as('mei').click({ text: 'Close incident', channel: scene.room().id });
  await scene.settle();
  await scene.slack.as('mei').submit({ 'In a sentence': 'handled elsewhere' });
  await scene.slack.as('mei').slash('engineering', HINT);
  expect((await scene.bot().engine.list({ status: 'any', limit: 9 })).map(({ id }) => id)).toEqual([
    'KL-2',
    'KL-1',
  ]);
});

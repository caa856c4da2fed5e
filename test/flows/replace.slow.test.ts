// From a dead key to a running replacement: several keys at once, the new key, the systems, the proof; over the real Bolt
// app, real SQLite and the vendors' SDKs.

import { describe, expect, test } from 'vitest';
import { faultScript } from './faults.ts';
import { HINT, openScene, PROD, type Scene } from './scene.ts';

const MINUTE = 60_000;
const THREE = `${HINT}, h7Q...x2AA, vE1...qDAA in a log`;
const WORKER = 'apikey_01ProdWorker';
const WEB = 'apikey_01StageWeb';
const NAME = 'prod-api-gateway-2026-11-23';

const SYSTEMS = `slack:
  responders: ["@security-oncall"]
  managers: [U0MEIT]
systems:
  - name: checkout
    owner: U0DANA
    how: kubectl rollout restart deploy/checkout
    keys: ["prod-api-*"]
  - name: "nightly <!channel> *batches*"
    keys: ["prod-*"]
`;

async function declared(scene: Scene, words = `${HINT} in a public repository`): Promise<string> {
  await scene.slack.as('rio').slash('engineering', words);
  await scene.pass(5_000);
  return scene.room().id;
}

async function press(scene: Scene, text: string, near?: string, who = 'rio') {
  const place = { channel: scene.room().id, in: 'message' as const, ...(near === undefined ? {} : { near }) };
  const pressed = await scene.slack.as(who).click({ text, ...place });
  await scene.pass(3_000);
  return pressed;
}

const of = async <T extends string>(scene: Scene, kind: T) =>
  (await scene.log()).filter((entry) => entry.kind === kind);

async function sound(scene: Scene): Promise<void> {
  expect((await scene.verified()).findings).toEqual([]);
  expect(scene.slack.world.complaints).toEqual([]);
}

describe('Deactivate all', () => {
  test('one press kills every key that the question names, each with its own record', async () => {
    const scene = await openScene();
    await declared(scene, THREE);
    const { dialog } = await press(scene, 'Deactivate all');
    expect(dialog?.title).toBe('Deactivate all 3 keys?');
    expect(dialog?.text).toMatch(
      /prod-api-gateway-2026-04-25, prod-batch-worker, staging-web\nWorkspaces: 2 · owners: 2/,
    );
    for (const id of [PROD, WORKER, WEB]) expect(scene.anthropic.key(id)?.status).toBe('inactive');
    expect((await of(scene, 'key.deactivated')).map(({ actor }) => actor)).toEqual(Array(3).fill('U0RIOA'));
    expect(scene.words(scene.card()).match(/DEAD/g)).toHaveLength(3);
    expect(scene.card().buttons).not.toContain('Deactivate all');
    await sound(scene);
  });

  test('a key that one cannot kill stops no other, and its own button stays', async () => {
    const faults = faultScript();
    const scene = await openScene({ wrap: faults.wrap });
    await declared(scene, THREE);
    faults.meet((service, what) => (service === 'anthropic' && what.includes(WORKER) ? 'forbidden' : null));
    await press(scene, 'Deactivate all');
    expect([PROD, WORKER, WEB].map((id) => scene.anthropic.key(id)?.status)).toEqual([
      'inactive',
      'active',
      'inactive',
    ]);
    expect(scene.words(scene.card())).toMatch(/does not allow this to the admin key/);
    expect(scene.card().buttons.filter((label) => label === 'Deactivate key')).toHaveLength(1);
    await sound(scene);
  });

  test('a key that was archived between listing and press is recorded as that, beside the others', async () => {
    const scene = await openScene();
    await declared(scene, THREE);
    scene.anthropic.changeKey(WORKER, { status: 'archived' });
    await press(scene, 'Deactivate all');
    const dead = (await of(scene, 'key.deactivated')).map(({ data }) => data);
    expect(dead).toHaveLength(3);
    expect(dead).toContainEqual(expect.objectContaining({ id: WORKER, status: 'archived', already: true }));
    expect(dead).toContainEqual(expect.objectContaining({ id: PROD, status: 'inactive', already: false }));
    await sound(scene);
  });

  test('two people press different buttons in the same second: one outcome each, an entry each, nothing doubled', async () => {
    const scene = await openScene();
    const room = await declared(scene, THREE);
    const click = (who: string, text: string, near: string) =>
      scene.slack.as(who).click({ text, near, channel: room, in: 'message' });
    await Promise.all([
      click('rio', 'Deactivate all', 'staging-web'),
      click('mei', 'Deactivate key', 'prod-batch-worker'),
      click('priya', 'Mark done', 'Create a replacement key (k1)'),
      click('mei', 'Confirm replacement', 'Create a replacement key (k3)'),
    ]);
    await scene.pass(10_000);
    const log = await scene.log();
    const starts = log.filter((e) => e.kind === 'step.started' && e.data.step === 'deactivate-key');
    expect(starts).toHaveLength(3);
    expect(new Set(starts.map(({ data }) => 'key' in data && data.key))).toEqual(new Set(['k1', 'k2', 'k3']));
    expect(await of(scene, 'key.deactivated')).toHaveLength(3);
    expect(scene.anthropic.requests().filter(({ method }) => method === 'POST')).toHaveLength(3);
    expect(log.filter((e) => e.kind === 'step.completed' && e.data.step === 'replace-key')).toMatchObject([
      { actor: 'U0PRIYA', data: { key: 'k1', how: 'by_hand' } },
    ]);
    expect(log.filter((e) => e.kind === 'action.failed')).toMatchObject([
      { data: { step: 'replace-key', key: 'k3', code: 'KL_REPLACEMENT_NONE' } },
    ]);
    await sound(scene);
  });
});

describe('the question before a key dies', () => {
  test('says what it was used for in the last hour, and by when that is known', async () => {
    const scene = await openScene();
    const at = scene.time.clock.now() - 20 * MINUTE;
    scene.anthropic.use(PROD, { at, requests: 1_200, model: 'claude-opus-5-5' });
    scene.anthropic.use(PROD, { at, requests: 4, model: 'claude-haiku-5-5' });
    const room = await declared(scene);
    const match = { text: 'Deactivate key', channel: room };
    const { dialog } = await scene.slack.as('rio').click(match, { deny: true });
    expect(dialog?.text).toContain('Owner: Dana Reyes');
    expect(dialog?.text).toContain(
      'Last hour: 1,204 requests, claude-opus-5-5, claude-haiku-5-5; figures until 02:55 UTC',
    );
    expect(scene.anthropic.key(PROD)?.status).toBe('active');
  });

  test('says that it is not known where there are no figures, and kills as well', async () => {
    const faults = faultScript();
    const scene = await openScene({ wrap: faults.wrap });
    faults.meet((service, what) => (service === 'anthropic' && what.includes('usage') ? 'forbidden' : null));
    await declared(scene);
    const { dialog } = await press(scene, 'Deactivate key');
    expect(dialog?.text).toContain('Last hour: not known');
    expect(scene.anthropic.key(PROD)?.status).toBe('inactive');
    const card = scene.words(scene.card());
    expect(card).toMatch(
      /Verify containment\n⚠ No figures: [\s\S]*Follow the\s+guide\.\n[\s\S]*Your own systems get 401/,
    );
  });
});

describe('the replacement', () => {
  test('is seen while people wait, confirmed by a press from a listing read then, and named after closing', async () => {
    const scene = await openScene();
    await declared(scene);
    await press(scene, 'Deactivate key');
    scene.anthropic.createKey({ name: NAME });
    await scene.pass(20_000);
    expect(scene.words(scene.card())).toMatch(new RegExp(`name it ${NAME}\\nNew: ${NAME}, created .* ago`));
    await press(scene, 'Confirm replacement');
    expect(await of(scene, 'replacement.confirmed')).toMatchObject([
      { actor: 'U0RIOA', data: { key: 'k1', name: NAME, warnings: [] } },
    ]);
    expect(scene.words(scene.card())).toMatch(new RegExp(`Replaced by ${NAME}[\\s\\S]*said by @rio`));
    await scene.slack.as('mei').slash(scene.room().name, 'close');
    await scene.slack.as('mei').submit({ 'How did it end?': 'Resolved' });
    await scene.pass(5_000);
    expect(scene.words(scene.card())).toMatch(new RegExp(`closed[\\s\\S]*Replaced by ${NAME}`));
    await sound(scene);
  });

  test('with nothing new the press says so, and the next press looks again', async () => {
    const scene = await openScene();
    await declared(scene);
    await press(scene, 'Confirm replacement');
    expect(scene.words(scene.card())).toMatch(
      /No key was created in this workspace since the incident was declared/,
    );
    scene.anthropic.createKey({ name: 'New Key' });
    await press(scene, 'Confirm replacement');
    const card = scene.words(scene.card());
    expect(card).toMatch(/Replaced by New Key[\s\S]*its name breaks the convention/);
    expect(card).not.toMatch(/No key was created/);
    await sound(scene);
  });

  test('in another workspace is not taken; a press on its name takes it with a warning', async () => {
    const scene = await openScene();
    await declared(scene);
    scene.anthropic.createKey({ name: 'staging-api-2026-11-23', workspace: 'wrkspc_01Staging' });
    await press(scene, 'Confirm replacement');
    expect(scene.words(scene.card())).toMatch(
      /in another workspace than the leaked one, so it was not taken/,
    );
    await scene.pass(40_000);
    await press(scene, 'staging-api-2026-11-23 · Staging …01AA');
    expect(scene.words(scene.card())).toMatch(
      /Replaced by staging-api-2026-11-23[\s\S]*it is in another workspace than the leaked key/,
    );
    await sound(scene);
  });

  test('of several is the one that is pressed, unless it was archived between listing and press', async () => {
    const scene = await openScene();
    await declared(scene);
    const first = scene.anthropic.createKey({ name: 'prod-a-2026-11-23' });
    scene.anthropic.createKey({ name: 'prod-b-2026-11-23' });
    await press(scene, 'Confirm replacement');
    expect(await of(scene, 'replacement.confirmed')).toEqual([]);
    scene.anthropic.changeKey(first.id, { status: 'archived' });
    await press(scene, 'prod-a-2026-11-23 · Production …01AA');
    expect(scene.words(scene.card())).toMatch(/is not active any more, or is not listed/);
    await press(scene, 'Confirm replacement');
    expect(await of(scene, 'replacement.confirmed')).toMatchObject([{ data: { name: 'prod-b-2026-11-23' } }]);
    await sound(scene);
  });

  test('of two leaked keys cannot be the same new key', async () => {
    const scene = await openScene();
    const room = await declared(scene, `${HINT}, h7Q...x2AA in a log`);
    scene.anthropic.createKey({ name: NAME });
    await scene.pass(20_000);
    await Promise.all(
      ['k1', 'k2'].map((key, index) =>
        scene.slack
          .as(index === 0 ? 'rio' : 'mei')
          .click({ text: 'Confirm replacement', near: `(${key})`, channel: room }),
      ),
    );
    await scene.pass(5_000);
    expect(await of(scene, 'replacement.confirmed')).toHaveLength(1);
    expect(scene.words(scene.card()).match(/Replaced by/g)).toHaveLength(1);
    await sound(scene);
  });

  test('with markup in its name is shown as it is called', async () => {
    const scene = await openScene();
    await declared(scene);
    scene.anthropic.createKey({ name: '*new* <!channel> <https://evil.example|key>' });
    await press(scene, 'Confirm replacement');
    expect(scene.words(scene.card())).toContain('Replaced by *new* <!channel> <https://evil.example|key>');
    await sound(scene);
  });
});

describe('systems that need the new key', () => {
  test('each has a row, its owner may mark it, and the last one completes the step', async () => {
    const scene = await openScene({ yaml: SYSTEMS });
    await declared(scene);
    scene.anthropic.createKey({ name: NAME });
    await press(scene, 'Confirm replacement');
    expect(scene.words(scene.card())).toMatch(
      /checkout: kubectl rollout restart deploy\/checkout[\s\S]*Owner @dana/,
    );
    await press(scene, 'Mark done', 'checkout', 'dana');
    await press(scene, 'Mark done', 'nightly <!channel> *batches*');
    expect((await of(scene, 'system.deployed')).map(({ actor, data }) => ({ actor, data }))).toEqual([
      { actor: 'U0DANA', data: { key: 'k1', system: 'checkout' } },
      { actor: 'U0RIOA', data: { key: 'k1', system: 'nightly <!channel> *batches*' } },
    ]);
    const done = (await scene.log()).filter(
      (entry) => entry.kind === 'step.completed' && entry.data.step === 'deploy-replacement',
    );
    expect(done).toHaveLength(1);
    await sound(scene);
  });

  test('21 of them fit on the card, and can all be marked', async () => {
    const list = Array.from({ length: 21 }, (_, n) => `  - name: system-${n}.\n    how: make deploy`).join(
      '\n',
    );
    const scene = await openScene({
      yaml: `slack:\n  responders: ["@security-oncall"]\n  managers: [U0MEIT]\nsystems:\n${list}\n`,
    });
    await declared(scene);
    await press(scene, 'Deactivate key');
    scene.anthropic.createKey({ name: NAME });
    await press(scene, 'Confirm replacement');
    for (let n = 0; n < 21; n += 1) await press(scene, 'Mark done', `system-${n}.`);
    expect(await of(scene, 'system.deployed')).toHaveLength(21);
    await sound(scene);
  });
});

describe('containment', () => {
  test('is proved by figures that reach beyond the death, and the first requests of the new key are told', async () => {
    const scene = await openScene();
    await declared(scene);
    await press(scene, 'Deactivate key');
    const { id } = scene.anthropic.createKey({ name: NAME });
    await press(scene, 'Confirm replacement');
    await press(scene, 'Check containment');
    expect(scene.words(scene.card())).toMatch(/The figures reach only until .*: too early to tell/);
    scene.anthropic.use(id, { requests: 12 });
    await scene.pass(12 * MINUTE);
    const card = scene.words(scene.card());
    expect(card).toMatch(/No request since .*; figures until/);
    expect(card).toMatch(/12 requests with the replacement, first after/);
    const proved = (await scene.log()).filter(
      (entry) => entry.kind === 'step.completed' && entry.data.step === 'verify-containment',
    );
    expect(proved).toMatchObject([{ actor: 'keyleak', data: { how: 'automatic' } }]);
    await sound(scene);
  });

  test('use after the death is an alarm, and the step stays open', async () => {
    const scene = await openScene();
    await declared(scene);
    await press(scene, 'Deactivate key');
    // Somebody brings the key back in the Console, and it is used.
    await scene.pass(MINUTE);
    scene.anthropic.changeKey(PROD, { status: 'active' });
    scene.anthropic.use(PROD, { requests: 37 });
    await scene.pass(10 * MINUTE);
    await press(scene, 'Check containment');
    const card = scene.words(scene.card());
    expect(card).toMatch(/🔴 37 requests after its death, last before .*\n.*call a manager/);
    const { incident } = await scene.case();
    expect(incident.steps['verify-containment/k1']?.status).toBe('needs_human');
    await sound(scene);
  });

  test('a press outlives a crash between intent and look', async () => {
    let crashed = false;
    const scene: Scene = await openScene({
      boundary(name) {
        if (name !== 'run:claimed:replace-key' || crashed) return;
        crashed = true;
        scene.kill();
        throw new Error('crash');
      },
    });
    await declared(scene);
    scene.anthropic.createKey({ name: NAME });
    await scene.slack.as('rio').click({ text: 'Confirm replacement', channel: scene.room().id });
    await scene.settle();
    await scene.crash();
    await scene.start();
    await scene.pass(MINUTE);
    expect(crashed).toBe(true);
    expect(await of(scene, 'replacement.confirmed')).toHaveLength(1);
    await sound(scene);
  });
});

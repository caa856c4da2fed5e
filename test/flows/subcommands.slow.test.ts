// Every subcommand of the first phase, in the incident's channel and elsewhere, and the Home tab, over the real Bolt app.

import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Match, SeenMessage } from '../../src/sandbox/slack/screen.ts';
import { viewWords } from '../../src/sandbox/slack/words.ts';
import { openStore } from '../../src/store/store.ts';
import { batch, note, parts } from '../store/batches.ts';
import { faultScript } from './faults.ts';
import { HINT, openScene, type Scene } from './scene.ts';

const MINUTE = 60_000;

async function declared(scene: Scene): Promise<string> {
  await scene.slack.as('rio').slash('engineering', `${HINT} in a public repository`);
  await scene.pass(5_000);
  return scene.room().id;
}

async function says(scene: Scene, who: string, channel: string, text: string): Promise<string> {
  const { answer } = await scene.slack.as(who).slash(channel, text);
  return scene.words(answer, who);
}

/** Writes many entries at once, as a long incident would have them. */
async function lengthened(scene: Scene, count: number): Promise<void> {
  await scene.crash();
  const store = await openStore(
    parts({
      path: scene.database,
      migrations: fileURLToPath(new URL('../../migrations', import.meta.url)),
      clock: scene.time.clock,
    }),
  );
  const seq = (await store.load('KL-1'))?.length ?? 0;
  const entries = Array.from({ length: count - seq }, (_, index) =>
    note(`note ${index}`, scene.time.clock.now()),
  );
  await store.commit('KL-1', seq, batch({ now: scene.time.clock.now(), entries }));
  await store.close();
  await scene.start();
}

const numbers = (words: string): number[] =>
  [...words.matchAll(/^(\d+) {2}/gm)].map(([, seq]) => Number(seq));

/** The answers that only this person sees in a channel, oldest first. */
const whispers = (scene: Scene, who: string, channel: string): readonly SeenMessage[] =>
  scene.slack
    .as(who)
    .sees(channel)
    .filter(({ ephemeral }) => ephemeral);

async function turned(scene: Scene, who: string, match: Match): Promise<string> {
  await scene.slack.as(who).click(match);
  await scene.settle();
  return scene.words(whispers(scene, who, match.channel ?? '').at(-1) ?? null, who);
}

const assignments = async (scene: Scene): Promise<unknown[]> =>
  (await scene.log()).filter(({ kind }) => kind === 'step.assigned').map(({ actor, data }) => [actor, data]);

const calls = (scene: Scene) => scene.room().messages.filter(({ text }) => text.includes('is yours'));

describe('/keyleak timeline', () => {
  test('shows what happened to whoever is in the channel, and to responders and managers anywhere', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    for (const [who, channel, text] of [
      ['rio', room, 'timeline'],
      ['dana', room, 'timeline kl-1'],
      ['mei', 'general', 'timeline KL-1'],
    ] as const) {
      const words = await says(scene, who, channel, text);
      expect(words).toMatch(/^KL-1 · entries 1 to \d+ of \d+/);
      // Whatever time the words hold is in the reader's zone as well.
      expect(words).not.toMatch(/\dT\d\d:/);
      expect(words).toMatch(/@rio declared the leak, seen: in a public repository\./);
    }
  });

  test('is refused to outsiders with the names of those who may, whether or not there is such an incident', async () => {
    const scene = await openScene();
    await declared(scene);
    for (const id of ['KL-1', 'KL-99']) {
      const words = await says(scene, 'sam', 'engineering', `timeline ${id}`);
      expect(words).toMatch(/not allowed[\s\S]*Who may: @rio, @priya/);
      expect(words).not.toContain('declared the leak');
    }
    expect(await says(scene, 'sam', 'engineering', 'timeline')).toContain('which incident');
    expect(await says(scene, 'mei', 'general', 'timeline KL-99')).toContain('no incident KL-99');
  });

  test('turns pages in the place of the first answer, through 10,000 entries', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    await lengthened(scene, 10_000);
    const first = await says(scene, 'rio', room, 'timeline');
    expect(numbers(first).at(-1)).toBeGreaterThanOrEqual(10_000);
    expect(numbers(first)).toHaveLength(20);
    const before = whispers(scene, 'rio', room).length;
    const older = await turned(scene, 'rio', { text: 'Older', channel: room });
    expect(numbers(older).at(-1)).toBe((numbers(first)[0] ?? 0) - 1);
    const oldest = await turned(scene, 'rio', { text: 'Oldest', channel: room });
    expect(numbers(oldest)[0]).toBe(1);
    const second = await turned(scene, 'rio', { text: 'Newer', channel: room });
    expect(numbers(second)[0]).toBe((numbers(oldest).at(-1) ?? 0) + 1);
    expect(numbers(await turned(scene, 'rio', { text: 'Newest', channel: room }))).toEqual(numbers(first));
    expect(whispers(scene, 'rio', room)).toHaveLength(before);
    expect(scene.slack.world.complaints).toEqual([]);
  });

  test('is on the card too, for whoever presses it alone', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    expect(await turned(scene, 'dana', { text: 'Timeline', channel: room })).toContain('declared the leak');
    expect(whispers(scene, 'rio', room)).toEqual([]);
    expect(scene.card().buttons).toContain('Timeline');
  });

  test('is on the card of a thread, and its pages turn there', async () => {
    const scene = await openScene({ slack: { policy: { channelCreation: 'restricted' } } });
    await scene.slack.as('rio').slash('engineering', HINT);
    await scene.pass(5_000);
    await lengthened(scene, 50);
    scene.slack.channel('security').members.add('U0SAMO');
    await turned(scene, 'sam', { text: 'Timeline', channel: 'security' });
    const older = await turned(scene, 'sam', { text: 'Older', channel: 'security' });
    expect(older).toMatch(/entries \d+ to \d+ of/);
  });

  test('ends for whoever lost the right to it between two presses', async () => {
    const scene = await openScene();
    await declared(scene);
    await lengthened(scene, 50);
    await says(scene, 'rio', 'engineering', 'timeline KL-1');
    scene.slack.world.userGroups.set('S0ONCALL', {
      id: 'S0ONCALL',
      name: 'Security on call',
      handle: 'security-oncall',
      members: ['U0PRIYA'],
    });
    await scene.pass(6 * MINUTE);
    const refused = await turned(scene, 'rio', { text: 'Older', channel: 'engineering' });
    expect(refused).toMatch(/not allowed to read/);
  });

  test('tells by the command line’s notes when they were written down, where that was later', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    await scene.crash();
    const store = await openStore(parts({ path: scene.database, clock: scene.time.clock }));
    const seq = (await store.load('KL-1'))?.length ?? 0;
    const now = scene.time.clock.now();
    await store.commit('KL-1', seq, batch({ now: now + MINUTE, entries: [note('seen on the phone', now)] }));
    await store.close();
    await scene.start();
    expect(await says(scene, 'rio', room, 'timeline')).toMatch(
      /\(recorded .*\) {2}.*noted: seen on the phone/,
    );
  });
});

describe('/keyleak list', () => {
  // Open and closed ones alternate first and stand side by side later.
  const isClosed = (id: number): boolean => id < 45 && id % 2 === 1;

  async function many(scene: Scene, count: number): Promise<void> {
    const by = { actor: 'U0RIOA', role: 'responder', grounds: { by: 'group', listAgeMs: 0 } } as const;
    const { engine } = scene.bot();
    for (let made = 1; made <= count; made += 1) {
      await engine.declare({
        by,
        source: 'cli',
        team: null,
        enterprise: null,
        reports: [{ query: { shape: 'name', name: `key-${made}` }, words: `key-${made}` }],
        where: '',
        declaredIn: null,
        delivery: null,
      });
      if (isClosed(made))
        await engine.request(`KL-${made}`, by, { type: 'close', verdict: 'false_alarm', reason: 'no' }, null);
    }
    await scene.settle();
  }

  const ids = (words: string): number[] => [...words.matchAll(/^KL-(\d+)/gm)].map(([, id]) => Number(id));

  test('pages through the open ones and, with all, through the closed ones after them; none is lost or twice', async () => {
    const scene = await openScene();
    await many(scene, 66);
    const all = Array.from({ length: 66 }, (_, index) => 66 - index);
    const open = all.filter((id) => !isClosed(id));
    const closed = all.filter(isClosed);
    for (const [text, wanted] of [
      ['list', open],
      ['list all', [...open, ...closed]],
    ] as const) {
      const seen = [ids(await says(scene, 'rio', 'general', text))];
      while (whispers(scene, 'rio', 'general').at(-1)?.buttons.includes('More'))
        seen.push(ids(await turned(scene, 'rio', { text: 'More', channel: 'general' })));
      expect(seen.flat()).toEqual(wanted);
      expect(seen.slice(0, -1).every(({ length }) => length === 20)).toBe(true);
      const back: number[][] = [];
      while (whispers(scene, 'rio', 'general').at(-1)?.buttons.includes('Back'))
        back.unshift(ids(await turned(scene, 'rio', { text: 'Back', channel: 'general' })));
      expect(back.flat()).toEqual(wanted.slice(0, wanted.length - (seen.at(-1)?.length ?? 0)));
      scene.slack.as('rio').reload();
    }
  });

  test('only counts for others, and explains itself', async () => {
    const scene = await openScene();
    expect(await says(scene, 'rio', 'general', 'list')).toBe('No incident is open.');
    await declared(scene);
    expect(await says(scene, 'rio', 'general', 'LIST')).toMatch(/1 incident is open\.\nKL-1 · severity 1/);
    expect(await says(scene, 'sam', 'general', 'list all')).toMatch(/^1 incident is open\. Responders/);
    expect(await says(scene, 'rio', 'general', 'list what')).toContain('/keyleak list all');
  });
});

describe('/keyleak assign', () => {
  test('gives a step by number and handle; the person comes into the room and is called there in one message', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    expect(await says(scene, 'rio', room, 'status')).toMatch(/^3 {2}Create a replacement key$/m);
    // Handles are known of the people whom keyleak has read.
    await scene.slack.as('sam').slash('engineering', 'another-key');
    await scene.pass(MINUTE);
    const said = await says(scene, 'rio', scene.room('KL-1').id, 'assign 3 @sam');
    expect(said).toMatch(/“Create a replacement key” of KL-1 is with @sam now/);
    await scene.pass(5_000);
    expect(await assignments(scene)).toEqual([
      ['U0RIOA', { step: 'replace-key', key: 'k1', assignee: 'U0SAMO' }],
    ]);
    const kl1 = scene.room('KL-1');
    expect(kl1.members.has('U0SAMO')).toBe(true);
    const called = kl1.messages.filter(({ text }) => text.includes('is yours'));
    expect(called.map(({ text }) => text)).toEqual([
      'KL-1: “Create a replacement key” (k1) is yours. <@U0SAMO>',
    ]);
    // In this order: nobody is told of a room that they are not in.
    const joined = kl1.messages.findIndex(({ subtype, user }) => subtype !== null && user === 'U0SAMO');
    expect(joined).toBeLessThan(kl1.messages.findIndex(({ text }) => text.includes('is yours')));
    expect(scene.words(scene.card(kl1.id))).toMatch(/Create a replacement key · @sam/);
    const kinds = (await scene.log()).slice(-3).map(({ kind }) => kind);
    expect(kinds).toEqual(['step.assigned', 'people.invited', 'message.posted']);
  });

  test('works from anywhere with the id, and twice adds nothing', async () => {
    const scene = await openScene();
    await declared(scene);
    expect(await says(scene, 'mei', 'general', 'assign replace-key @priya KL-1')).toContain(
      'with @priya now',
    );
    await scene.pass(5_000);
    expect(await says(scene, 'mei', 'general', 'assign KL-1 3 @PRIYA')).toContain(
      'already. Nothing was added',
    );
    await scene.pass(5_000);
    expect(await assignments(scene)).toHaveLength(1);
    expect(calls(scene)).toHaveLength(1);
  });

  test('is refused to outsiders; a member may take a step on, but not give it away', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    expect(await says(scene, 'sam', 'general', 'assign 3 @sam KL-1')).toMatch(/not allowed[\s\S]*Who may/);
    const dana = scene.slack.as('dana');
    for (const person of ['U0PRIYA', 'U0DANA']) {
      await dana.slash(room, 'assign');
      await scene.settle();
      await dana.submit({ 'Which step of KL-1?': 'replace-key/k1', 'To whom?': person });
      await scene.settle();
    }
    await scene.pass(5_000);
    expect(await assignments(scene)).toEqual([
      ['U0DANA', { step: 'replace-key', key: 'k1', assignee: 'U0DANA' }],
    ]);
    expect((await scene.log()).filter(({ kind }) => kind === 'access.refused')).toMatchObject([
      { actor: 'U0DANA', data: { what: 'assign “Create a replacement key” to others' } },
    ]);
    expect(calls(scene)).toEqual([]);
  });

  test.each([
    ['assign 3 @nobody', 'keyleak knows nobody by the name @nobody. Nothing was assigned yet: choose below.'],
    ['assign 99 @rio', 'No step is called “99”. Nothing was assigned yet: choose below.'],
    ['assign', ''],
  ])('“%s” opens the form with what is known, and nothing is written', async (text, why) => {
    const scene = await openScene();
    const room = await declared(scene);
    const before = (await scene.log()).length;
    const rio = scene.slack.as('rio');
    await rio.slash(room, text);
    await scene.settle();
    const modal = rio.modal();
    const shown = modal === null ? '' : viewWords(modal, scene.slack.reader('rio')).join(' ');
    expect(shown).toContain(why);
    expect(shown).toContain('Which step of KL-1?');
    expect(await scene.log()).toHaveLength(before);
    await rio.submit({ 'Which step of KL-1?': '3. Create a replacement key', 'To whom?': 'U0PRIYA' });
    await scene.pass(5_000);
    expect(await assignments(scene)).toHaveLength(1);
    expect(calls(scene)).toHaveLength(1);
  });

  test.each([
    ['a guest', 'U0GUSH', 'a guest cannot'],
    ['the bot', 'U0KEYLEAK', 'an app or a bot cannot'],
    ['a stranger', 'U0OLGA', 'no such member'],
  ])('%s is refused beside the field, and nothing is written', async (_, user, why) => {
    const scene = await openScene();
    const room = await declared(scene);
    const before = (await scene.log()).length;
    const rio = scene.slack.as('rio');
    await rio.slash(room, 'assign 3');
    await scene.settle();
    const sent = await rio.submit({ 'To whom?': user });
    expect(sent.outcome).toBe('errors');
    expect(sent.errors['To whom?']).toContain(why);
    await scene.pass(5_000);
    expect(await scene.log()).toHaveLength(before);
  });

  test('the button on the card opens the form for its step', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    await scene.slack.as('rio').click({ text: 'Assign', near: 'Deactivate the key', channel: room });
    await scene.settle();
    await scene.slack.as('rio').submit({ 'To whom?': 'U0PRIYA' });
    await scene.pass(5_000);
    expect(await assignments(scene)).toMatchObject([
      ['U0RIOA', { step: 'deactivate-key', assignee: 'U0PRIYA' }],
    ]);
    expect(scene.words(scene.card())).toMatch(/Deactivate the key · @priya/);
  });

  test('says in the room when Slack does not take the person in', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    const rio = scene.slack.as('rio');
    await rio.slash(room, 'assign 3');
    await scene.settle();
    const sam = scene.slack.world.users.get('U0SAMO');
    await rio.submit({ 'To whom?': 'U0SAMO' });
    if (sam !== undefined) scene.slack.world.users.set('U0SAMO', { ...sam, deleted: true });
    await scene.pass(5_000);
    expect(scene.reads('rio', room)).toMatch(
      /They are not here: Slack did not let keyleak invite them \(user_not_found\)/,
    );
    expect((await scene.log()).at(-2)).toMatchObject({
      kind: 'people.invited',
      data: { invited: [], refused: [{ user: 'U0SAMO', why: 'user_not_found' }] },
    });
  });

  test('in a thread whoever is no responder is told directly, and the security channel stays closed', async () => {
    const scene = await openScene({ slack: { policy: { channelCreation: 'restricted' } } });
    await scene.slack.as('rio').slash('engineering', HINT);
    await scene.pass(5_000);
    const rio = scene.slack.as('rio');
    for (const user of ['U0SAMO', 'U0PRIYA']) {
      await rio.slash('engineering', 'assign 3 KL-1');
      await scene.settle();
      await rio.submit({ 'To whom?': user });
      await scene.pass(5_000);
    }
    const security = scene.slack.channel('security');
    expect(security.members.has('U0SAMO')).toBe(false);
    const told = scene.slack
      .channels()
      .flatMap((channel) =>
        channel.messages
          .filter(({ text }) => text.includes('is yours'))
          .map(({ text }) => [channel.kind, text]),
      );
    expect(told).toEqual(
      expect.arrayContaining([
        ['im', expect.stringContaining('<@U0SAMO>')],
        ['private', expect.stringContaining('<@U0PRIYA>')],
      ]),
    );
    expect(told).toHaveLength(2);
  });

  test('a lost answer of Slack calls nobody twice', async () => {
    const faults = faultScript();
    const scene = await openScene({ wrap: faults.wrap });
    const room = await declared(scene);
    let lost = 0;
    await says(scene, 'rio', room, 'assign 3 @priya');
    faults.meet((service, what) => {
      if (service !== 'slack' || !what.endsWith('chat.postMessage') || lost > 0) return null;
      lost += 1;
      return 'reset after';
    });
    await scene.pass(2 * MINUTE);
    expect(lost).toBe(1);
    expect(calls(scene)).toHaveLength(1);
  });

  test('an incident that is closed has nothing to assign', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    await scene.slack.as('mei').slash(room, 'close');
    await scene.settle();
    await scene.slack.as('mei').submit({ 'In a sentence': 'handled elsewhere' });
    await scene.pass(5_000);
    expect(await says(scene, 'rio', room, 'assign')).toContain('is closed: there is nothing to assign');
    expect(await says(scene, 'rio', room, 'assign 3 @priya')).toMatch(/KL-1 is closed/);
    expect(await assignments(scene)).toEqual([]);
  });
});

describe('note, status, close and help', () => {
  test('work outside the channel with the id, for responders and managers', async () => {
    const scene = await openScene();
    await declared(scene);
    expect(await says(scene, 'rio', 'general', 'status kl-1')).toMatch(
      /KL-1 · open · severity 1 · 1 of 1 keys live/,
    );
    expect(await says(scene, 'rio', 'general', 'note KL-1 seen in two forks')).toContain('Noted in KL-1');
    await scene.slack.as('mei').slash('general', 'close KL-1');
    await scene.settle();
    await scene.slack.as('mei').submit({ 'In a sentence': 'rotated upstream' });
    await scene.settle();
    expect((await scene.case()).incident).toMatchObject({
      status: 'closed',
      notes: [{ text: 'seen in two forks' }],
    });
    for (const text of ['status KL-1', 'note KL-1 hello', 'close KL-1'])
      expect(await says(scene, 'sam', 'general', text)).toMatch(/not allowed[\s\S]*Who may/);
  });

  test('help names every subcommand that works and none that does not', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    const known = [
      'help',
      'list',
      'status',
      'timeline',
      'note',
      'assign',
      'export',
      'close',
      'drill',
      'metrics',
    ];
    for (const [who, channel] of [
      ['rio', room],
      ['rio', 'general'],
      ['sam', 'general'],
    ] as const) {
      const help = await says(scene, who, channel, 'help');
      const listed = known.filter((name) => help.includes(`/keyleak ${name}`));
      const working: string[] = [];
      for (const name of known) {
        const { answer } = await scene.slack.as('rio').slash(room, name);
        await scene.settle();
        if (scene.slack.as('rio').modal() !== null) await scene.slack.as('rio').close();
        if (!/not in Slack yet|This version has no/.test(scene.words(answer))) working.push(name);
      }
      expect(listed).toEqual(working);
    }
  });
});

describe('the Home tab', () => {
  const home = (scene: Scene, who: string): string => {
    const view = scene.slack.as(who).home();
    return view === null
      ? ''
      : viewWords({ ...view, title: '', submit: null }, scene.slack.reader(who)).join('\n');
  };

  test('shows a responder what is open, by when, where, and their own steps; others how to report a leak', async () => {
    const scene = await openScene();
    const room = await declared(scene);
    await says(scene, 'mei', room, 'assign 3 @rio');
    await scene.pass(5_000);
    for (const who of ['rio', 'mei', 'sam', 'gus']) {
      expect(await scene.slack.as(who).openHome()).toBe('acked');
      await scene.settle();
      expect(home(scene, who)).toContain('Declare a leak');
      expect(home(scene, who)).not.toContain('prod-api-gateway');
    }
    const rio = home(scene, 'rio');
    expect(rio).toMatch(/KL-1 · severity 1 · 1 of 1 keys live · #kl-1-/);
    expect(rio).toMatch(/First 5 minutes · due .*04:05/);
    expect(rio).toMatch(/Your steps\nKL-1 {2}Create a replacement key · due/);
    expect(home(scene, 'mei')).toMatch(/First 5 minutes · due .*12:05/);
    expect(home(scene, 'mei')).not.toContain('Your steps');
    expect(home(scene, 'sam')).not.toMatch(/KL-1|Open incidents/);
    const drawn = scene.slack.world.calls.filter(({ method }) => method === 'views.publish');
    expect(drawn.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test('is drawn anew each time, and its button opens the form of the declaration', async () => {
    const scene = await openScene();
    const sam = scene.slack.as('sam');
    await sam.openHome();
    await scene.settle();
    await sam.click({ text: 'Declare a leak', in: 'home' });
    await scene.settle();
    expect(await sam.submit({ 'Which key?': HINT })).toMatchObject({ outcome: 'cleared' });
    await scene.pass(5_000);
    expect((await scene.case()).incident).toMatchObject({ declaredBy: 'U0SAMO', source: 'modal' });
    const rio = scene.slack.as('rio');
    await rio.openHome();
    await scene.settle();
    expect(home(scene, 'rio')).toContain('KL-1');
    await scene.slack.as('mei').click({ text: 'Close incident', channel: scene.room().id });
    await scene.settle();
    await scene.slack.as('mei').submit({ 'In a sentence': 'handled elsewhere' });
    await rio.openHome();
    await scene.settle();
    expect(home(scene, 'rio')).toContain('No incident is open.');
  });

  test('one that cannot be drawn disturbs nothing, and the operator reads why', async () => {
    const faults = faultScript();
    const scene = await openScene({ wrap: faults.wrap });
    faults.meet((service, what) => (service === 'slack' && what.endsWith('views.publish') ? 'error' : null));
    expect(await scene.slack.as('rio').openHome()).toBe('acked');
    await scene.settle();
    expect(scene.logged.join('')).toContain('KL_SLACK_UNAVAILABLE');
    faults.heal();
    await scene.slack.as('rio').openHome();
    await scene.settle();
    expect(home(scene, 'rio')).toContain('No incident is open.');
  });
});

import { expect, test } from 'vitest';
import type { ActionWorld, Observation } from '../../src/domain/ports.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import { ATTEMPT_TIMEOUT_MS, GRACE_MS, LEASE_MS } from '../../src/domain/run.ts';
import { exactMatch, hintReport } from '../support/cases.ts';
import { later, type Rig, rig } from './rig.ts';

async function kinds(one: Rig): Promise<readonly string[]> {
  return (await one.log()).map(({ kind }) => kind);
}

async function failures(one: Rig): Promise<readonly unknown[]> {
  return (await one.log()).filter(({ kind }) => kind === 'action.failed').map(({ data }) => data);
}

test('an action that never answers ends as unknown after eight seconds, and its late answer changes nothing', async () => {
  const begun = later<ActionWorld>();
  const answer = later<Observation>();
  const one = await rig({
    perform(world) {
      begun.resolve(world);
      return answer.promise;
    },
  });
  await one.declare();
  one.runner.kick();
  const { signal } = await begun.promise;
  expect(one.time.ringWithin(ATTEMPT_TIMEOUT_MS - 1)).toBe(false);
  expect(signal.aborted).toBe(false);
  expect(one.time.ringWithin(8_000)).toBe(true);
  await one.runner.idle();
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  expect(await failures(one)).toMatchObject([
    { code: 'KL_ATTEMPT_TIMEOUT', observed: 'unknown', follow_up: 'retry', attempt: 1 },
  ]);
  expect(await one.run()).toMatchObject({ state: 'unknown', doubtful: true });
  const before = await kinds(one);
  answer.resolve(exactMatch());
  await answer.promise;
  await one.runner.idle();
  expect(await kinds(one)).toEqual(before);
  expect(one.time.pending()).toBe(0);
  expect(one.faults).toEqual([]);
});

test.each([
  ['throws', () => Promise.reject(new TypeError('secret words'))],
  [
    'throws before it waits for anything',
    () => {
      throw new TypeError('secret words');
    },
  ],
] as const)('an action that %s is handed to a person, and the operator is told', async (_, perform) => {
  const one = await rig({ perform });
  await one.declare();
  one.runner.kick();
  await one.runner.idle();
  expect(await failures(one)).toMatchObject([
    { code: 'KL_ACTION_FAULT', observed: 'refused', follow_up: 'needs_human', retry_at: null },
  ]);
  expect(JSON.stringify(await one.log())).not.toContain('secret words');
  expect(await one.run()).toMatchObject({ state: 'needs_human' });
  expect(one.faults).toMatchObject([{ error: { message: 'secret words' }, step: 'identify-key' }]);
  expect(one.time.pending()).toBe(0);
});

test('what a service refuses is in the log and is no fault of keyleak', async () => {
  const refused = new RemoteError('KL_TEST', 'No.', 'Ask.', { outcome: 'refused', reason: 'no' });
  const one = await rig({ perform: () => Promise.reject(refused) });
  await one.declare();
  one.runner.kick();
  await one.runner.idle();
  expect(await failures(one)).toMatchObject([{ code: 'KL_TEST', observed: 'refused' }]);
  expect(one.faults).toEqual([]);
});

test('an action that this version does not have falls back to the guide', async () => {
  const one = await rig(null);
  await one.declare();
  one.runner.kick();
  await one.runner.idle();
  expect(await failures(one)).toMatchObject([{ code: 'KL_ACTION_UNKNOWN', follow_up: 'needs_human' }]);
});

test('a result that could not be recorded leaves a claim, which lapses and is taken up again in doubt', async () => {
  const worlds: ActionWorld[] = [];
  let broken = true;
  const one = await rig(
    {
      async perform(world) {
        worlds.push(world);
        return exactMatch();
      },
    },
    (name) => {
      if (broken && name === 'run:acted:identify-key') throw new Error('broken');
    },
  );
  await one.declare();
  one.runner.kick();
  await one.runner.idle();
  broken = false;
  expect(one.faults).toMatchObject([{ error: { message: 'broken' }, step: 'identify-key' }]);
  expect(await one.run()).toMatchObject({ state: 'claimed', attempt: 1 });
  one.time.step(LEASE_MS - 1);
  one.runner.kick();
  await one.runner.idle();
  expect(worlds).toHaveLength(1);
  one.time.step(1);
  one.runner.kick();
  await one.runner.idle();
  expect(worlds.map(({ run }) => [run.attempt, run.epoch, run.doubtful])).toEqual([
    [1, 1, false],
    [2, 2, true],
  ]);
  expect(await one.run()).toMatchObject({ state: 'done' });
  expect((await kinds(one)).filter((kind) => kind === 'key.identified')).toHaveLength(1);
});

test('a creation whose answer was lost is looked for after its grace, and not made twice', async () => {
  let made = 0;
  let looked = 0;
  const one = await rig({
    effect: 'creation',
    perform() {
      made += 1;
      const lost = new RemoteError('KL_TEST', 'Lost.', 'Wait.', { outcome: 'unknown', reason: 'lost' });
      return Promise.reject(lost);
    },
    async find() {
      looked += 1;
      return exactMatch();
    },
  });
  await one.declare();
  one.runner.kick();
  await one.runner.idle();
  one.time.step(GRACE_MS - 1);
  one.runner.kick();
  await one.runner.idle();
  expect([made, looked]).toEqual([1, 0]);
  one.time.step(1);
  one.runner.kick();
  await one.runner.idle();
  expect([made, looked]).toEqual([1, 1]);
  expect(await one.run()).toMatchObject({ state: 'done' });
});

test('where looking is refused it is made again: twice is better than never', async () => {
  let made = 0;
  const one = await rig({
    effect: 'creation',
    async perform() {
      made += 1;
      if (made > 1) return exactMatch();
      throw new RemoteError('KL_TEST', 'Lost.', 'Wait.', { outcome: 'unknown', reason: 'lost' });
    },
    async find() {
      throw new RemoteError('KL_TEST', 'No.', 'Ask.', { outcome: 'refused', reason: 'missing_scope' });
    },
  });
  await one.declare();
  one.runner.kick();
  await one.runner.idle();
  one.time.step(GRACE_MS);
  one.runner.kick();
  await one.runner.idle();
  expect(made).toBe(2);
  expect(await one.run()).toMatchObject({ state: 'done' });
});

test('sixteen runs are in hand at once, and each that ends makes room for the next', async () => {
  const answers: ((seen: Observation) => void)[] = [];
  let awaited = { count: 16, reached: later<void>() };
  const one = await rig({
    perform() {
      const answer = later<Observation>();
      answers.push(answer.resolve);
      if (answers.length === awaited.count) awaited.reached.resolve();
      return answer.promise;
    },
  });
  await one.declare(Array.from({ length: 20 }, (_, n) => hintReport(`A${n}B`, `C${n}DD`)));
  one.runner.kick();
  one.runner.kick();
  await awaited.reached.promise;
  const states = async (): Promise<number> =>
    (await one.store.runs('KL-1')).filter(({ state }) => state === 'claimed').length;
  expect(await states()).toBe(16);
  awaited = { count: 17, reached: later<void>() };
  answers[0]?.({ type: 'done' });
  await awaited.reached.promise;
  expect(await states()).toBe(16);
  awaited = { count: 20, reached: later<void>() };
  for (const answer of answers.slice(1, 5)) answer({ type: 'done' });
  await awaited.reached.promise;
  for (const answer of answers) answer({ type: 'done' });
  await one.runner.idle();
  expect((await one.store.runs('KL-1')).every(({ state }) => state === 'done')).toBe(true);
});

test('stopping records what is in hand and claims nothing more', async () => {
  const begun = later<void>();
  const answer = later<Observation>();
  const one = await rig({
    perform() {
      begun.resolve();
      return answer.promise;
    },
  });
  await one.declare();
  one.runner.kick();
  await begun.promise;
  await one.declare([hintReport('XXX', 'YYYY')]);
  const stopped = one.runner.stop();
  one.runner.kick();
  answer.resolve(exactMatch());
  await stopped;
  expect(await one.run()).toMatchObject({ state: 'done' });
  expect(await one.store.runs('KL-2')).toMatchObject([{ state: 'pending', attempt: 0 }]);
});

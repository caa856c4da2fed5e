// The break-glass commands as an operator types them, beside a bot or without one, on a clock that moves only when told.

import { describe, expect, onTestFinished, test } from 'vitest';
import type { Ask } from '../../src/cli/ask.ts';
import type { Machine } from '../../src/cli/break-glass.ts';
import { deactivate } from '../../src/cli/deactivate.ts';
import { declare } from '../../src/cli/declare.ts';
import { EXIT, explain, type Io } from '../../src/cli/io.ts';
import { note } from '../../src/cli/note.ts';
import { serveControl } from '../../src/control/server.ts';
import { controlPath } from '../../src/control/socket-path.ts';
import { createLog } from '../../src/log.ts';
import { takeLock } from '../../src/store/lock.ts';
import { anthropicKey } from '../domain/synthetic-secrets.ts';
import { faultScript } from '../flows/faults.ts';
import { HINT, openScene, PROD, type Scene } from '../flows/scene.ts';
import { folder } from '../store/batches.ts';
import { TOKENS, type WorkspaceParts } from '../support/workspace.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Desk extends Scene {
  /** The bot listens to the command line until it stops doing so. */
  readonly deaf: () => Promise<void>;
  declare(words: readonly string[], options?: Partial<Parameters<typeof declare>[2]>): Promise<Said>;
  deactivate(options?: Partial<Parameters<typeof deactivate>[2]>, ask?: Ask | null): Promise<Said>;
  note(words: readonly string[]): Promise<Said>;
  /** What the environment of the command line lacks. */
  lacks(name: string): void;
}

async function openDesk(parts: WorkspaceParts = {}): Promise<Desk> {
  const scene = await openScene(parts);
  const provider = (parts.wrap ?? ((_, inner) => inner))('anthropic', scene.anthropic.fetch);
  const faults: unknown[] = [];
  const control = await serveControl({
    engine: scene.bot().engine,
    path: controlPath(scene.database),
    onFault: (error) => faults.push(error),
  });
  onTestFinished(async () => {
    await control.close();
    expect(faults).toEqual([]);
  });
  const machine: Machine = {
    world: {
      clock: scene.time.clock,
      alarm: scene.time.alarm,
      randomness: scene.chance,
      boundary: () => undefined,
      fetch: provider,
      log: createLog({ level: 'debug', destination: { write: (line: string) => scene.logged.push(line) } }),
    },
    pause: (ms) => scene.pass(ms),
  };
  const env: Record<string, string> = {
    KEYLEAK_DB: scene.database,
    ANTHROPIC_ADMIN_API_KEY: TOKENS.admin,
  };
  async function run(command: (io: Io) => Promise<number>): Promise<Said> {
    let out = '';
    let err = '';
    const io: Io = {
      out: async (text) => {
        out += text;
      },
      err: async (text) => {
        err += text;
      },
      cwd: folder(),
      env,
      now: () => scene.time.clock.now(),
    };
    try {
      return { code: await command(io), out, err };
    } catch (error) {
      // As the command line ends with an error that was thrown.
      return { code: EXIT.usage, out, err: err + explain(error) };
    }
  }
  const common = { operator: 'dana', reason: 'Slack is down' };
  return {
    ...scene,
    deaf: () => control.close(),
    declare: (words, options) => run((io) => declare(io, words, { ...common, ...options }, machine)),
    deactivate: (options, ask = null) =>
      run((io) => deactivate(io, 'kl-1', { ...common, yes: ask === null, ...options }, machine, ask)),
    note: (words) => run((io) => note(io, 'KL-1', words, common, machine)),
    lacks: (name) => void delete env[name],
  };
}

/** The bot is gone, as after a crash: its socket is closed and nothing of it works. */
async function botDies(desk: Desk): Promise<void> {
  await desk.deaf();
  await desk.crash();
}

describe.each(['through the running bot', 'as the holder of the lock'] as const)('%s', (way) => {
  async function open(parts?: WorkspaceParts): Promise<Desk> {
    const desk = await openDesk(parts);
    if (way === 'as the holder of the lock') await botDies(desk);
    return desk;
  }
  const doer = way === 'through the running bot' ? 'as soon as Slack answers' : 'when it runs again';

  test('a leak is declared, named, and dead by the provider’s own word', async () => {
    const desk = await open();
    const declared = await desk.declare([HINT, 'in', 'a', 'public', 'repository']);
    expect(declared).toMatchObject({ code: 0 });
    expect(declared.out).toBe(
      `KL-1 declared by operator:dana\nk1 is prod-api-gateway-2026-04-25 (${PROD}), sk-ant-api03-R2D...igAA, workspace Production, active\n`,
    );
    expect(declared.err).toContain(doer);
    expect(declared.err).toContain('Next: keyleak deactivate KL-1 --reason TEXT\n');
    const dead = await desk.deactivate();
    expect(dead.out).toMatch(/^KL-1 k1 inactive \(read back at 2026-11-23T03:00:\d\d\.\d{3}Z\)\n$/);
    expect(dead.code).toBe(0);
    expect(desk.anthropic.key(PROD)?.status).toBe('inactive');
    const log = await desk.log();
    expect(log.find(({ kind }) => kind === 'key.deactivated')).toMatchObject({ actor: 'operator:dana' });
    expect(log.findLast(({ kind }) => kind === 'step.started')).toMatchObject({
      actor: 'operator:dana',
      data: { step: 'deactivate-key', authority: { role: 'responder', by: 'operator' } },
    });
    const again = await desk.deactivate();
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^KL-1 k1 already inactive \(/) });
    await desk.verified();
  });

  test('a name is never taken for the key: candidates are listed, and one has to be named by its id', async () => {
    const desk = await open();
    const declared = await desk.declare(['prod-api-gateway-2026-04-25']);
    expect(declared.out).toMatch(/^k1 could be:\n {2}1\. prod-api-gateway-2026-04-25 \(apikey_\w+\), /m);
    expect(declared.err).toContain('Next: keyleak deactivate KL-1 --key ID --reason TEXT\n');
    const vague = await desk.deactivate();
    expect(vague).toMatchObject({ code: EXIT.usage, out: expect.stringContaining(PROD) });
    expect(vague.err).toContain('KL_DEACTIVATE_WHICH');
    expect(desk.anthropic.key(PROD)?.status).toBe('active');
    expect(await desk.deactivate({ key: PROD })).toMatchObject({ code: 0 });
    expect(desk.anthropic.key(PROD)?.status).toBe('inactive');
  });

  test('of several keys one has to be named, and only that one dies', async () => {
    const desk = await open();
    const other = desk.anthropic.keys().find(({ id, status }) => id !== PROD && status === 'active');
    const declared = await desk.declare([HINT, ',', other?.id ?? '']);
    expect(declared.err).toContain('Next: keyleak deactivate KL-1 --key k1 --reason TEXT\n');
    expect(await desk.deactivate()).toMatchObject({
      code: EXIT.usage,
      out: expect.stringContaining('k2 is '),
    });
    expect(await desk.deactivate({ key: 'k9' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_DEACTIVATE_UNKNOWN'),
    });
    expect(await desk.deactivate({ key: 'k1' })).toMatchObject({ code: 0 });
    expect([desk.anthropic.key(PROD)?.status, desk.anthropic.key(other?.id ?? '')?.status]).toEqual([
      'inactive',
      'active',
    ]);
    expect(await desk.deactivate({ key: other?.name ?? '' })).toMatchObject({ code: 0 });
  });

  test('a key that nobody could name is named later, by what the console shows', async () => {
    const desk = await open();
    const declared = await desk.declare([], { where: 'a screenshot' });
    expect(declared.out).toBe('KL-1 declared by operator:dana\nk1 is not named yet\n');
    expect(await desk.deactivate()).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_DEACTIVATE_UNNAMED'),
    });
    const none = await desk.deactivate({ key: 'apikey_01Nobody' });
    expect(none).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('KL_DEACTIVATE_UNNAMED') });
    expect(await desk.deactivate({ key: HINT })).toMatchObject({ code: 0 });
    expect(desk.anthropic.key(PROD)?.status).toBe('inactive');
  });

  test('a person at the terminal is asked with the name of the key, and only yes is yes', async () => {
    const desk = await open();
    await desk.declare([HINT]);
    const questions: string[] = [];
    const saying =
      (answer: Awaited<ReturnType<Ask>>): Ask =>
      async (question) => {
        questions.push(question);
        return answer;
      };
    expect(await desk.deactivate({}, saying('no'))).toMatchObject({ code: EXIT.failed, out: '' });
    expect(await desk.deactivate({}, saying('interrupted'))).toMatchObject({ code: EXIT.interrupted });
    expect(desk.anthropic.key(PROD)?.status).toBe('active');
    expect(await desk.kinds()).not.toContain('note.added');
    expect(await desk.deactivate({}, saying('yes'))).toMatchObject({ code: EXIT.ok });
    expect(questions[0]).toContain('prod-api-gateway-2026-04-25 (apikey_01ProdGateway)');
  });

  test('with nobody to ask, --yes is needed', async () => {
    const desk = await open();
    await desk.declare([HINT]);
    expect(await desk.deactivate({ yes: false })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_CONFIRM_MISSING'),
    });
    expect(desk.anthropic.key(PROD)?.status).toBe('active');
  });

  test('a provider that cannot be reached ends with exit code 3, the guide, and what goes on without you', async () => {
    const script = faultScript();
    const desk = await open({ wrap: script.wrap });
    await desk.declare([HINT]);
    script.meet((service) => (service === 'anthropic' ? 'refused connection' : null));
    const failed = await desk.deactivate();
    expect(failed).toMatchObject({ code: EXIT.unreachable, out: '' });
    expect(failed.err).toContain('attempt 2: No connection to Anthropic could be made');
    expect(failed.err).toContain('KL_ANTHROPIC_UNREACHABLE');
    expect(failed.err).toContain('choose Disable');
    expect(failed.err).toContain(
      way === 'through the running bot' ? 'The bot goes on trying' : 'Nothing tries again until',
    );
    expect(await desk.declare(['AAA...bbAA'])).toMatchObject({ code: EXIT.unreachable });
    script.heal();
    expect(await desk.deactivate()).toMatchObject({ code: EXIT.ok });
    expect((await desk.log()).filter(({ kind }) => kind === 'key.deactivated')).toHaveLength(1);
  });

  test('a refusal of the provider ends with exit code 1 and its next step', async () => {
    const script = faultScript();
    const desk = await open({ wrap: script.wrap });
    await desk.declare([HINT]);
    script.meet((service) => (service === 'anthropic' ? 'forbidden' : null));
    const failed = await desk.deactivate();
    expect(failed).toMatchObject({ code: EXIT.failed, out: '' });
    expect(failed.err).toContain('KL_ANTHROPIC_FORBIDDEN');
  });

  test('a key that changed since it was confirmed is left alone until it is named again', async () => {
    const desk = await open();
    await desk.declare([HINT]);
    desk.anthropic.changeKey(PROD, { name: 'renamed' });
    const changed = await desk.deactivate();
    expect(changed).toMatchObject({ code: EXIT.failed, err: expect.stringContaining('KL_KEY_CHANGED') });
    expect(changed.err).toContain('--key ID');
    expect(await desk.deactivate()).toMatchObject({
      code: EXIT.usage,
      out: expect.stringContaining('renamed'),
    });
    expect(await desk.deactivate({ key: PROD })).toMatchObject({ code: EXIT.ok });
  });

  test('a full key on the command line is kept as its hint, and the person is told where it lies now', async () => {
    const desk = await open();
    const secret = anthropicKey(7);
    const told = 'your shell’s history has it';
    const said = [
      await desk.declare([secret], { where: `seen in ${secret}` }),
      await desk.note(['found', secret]),
      await desk.deactivate({ key: secret, reason: secret }),
    ];
    for (const { err } of said) expect(err).toContain(told);
    expect((await desk.note(['nothing secret'])).err).not.toContain(told);
    const everything = JSON.stringify([
      said,
      await desk.case().catch(() => null),
      await desk.log(),
      desk.sent,
    ]);
    expect(everything).not.toContain(secret.slice(20, 50));
  });

  test('a note is in the log; an empty one and one on an incident that is not there are refused', async () => {
    const desk = await open();
    expect(await desk.note(['x'])).toMatchObject({
      code: EXIT.usage,
      err: expect.stringMatching(
        /KL_INCIDENT_UNKNOWN: There is no incident KL-1\.\nSee which there are with keyleak list\.\n$/,
      ),
    });
    await desk.declare([HINT]);
    expect(await desk.note(['revoked', 'the', 'CI', 'token'])).toMatchObject({
      code: 0,
      out: 'KL-1 noted by operator:dana\n',
    });
    expect(await desk.note([' '])).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_NOTE_EMPTY'),
    });
    expect((await desk.log()).filter(({ kind }) => kind === 'note.added')).toHaveLength(1);
  });

  test('a reason is needed, and so is a name', async () => {
    const desk = await open();
    expect(await desk.declare([HINT], { reason: ' ' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_REASON_MISSING'),
    });
    expect(await desk.declare([HINT], { operator: '/' })).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_OPERATOR'),
    });
    expect((await desk.declare([HINT], { operator: 'Dana Reyes <@U0DANA>' })).out).toContain(
      'operator:Dana-Reyes',
    );
  });
});

describe('without a bot', () => {
  test('Slack is left to the bot: nothing is posted until it runs, then the channel is built and the card says DEAD', async () => {
    const desk = await openDesk();
    await botDies(desk);
    const before = desk.sent.filter(({ service }) => service === 'slack').length;
    await desk.declare([HINT]);
    expect(await desk.deactivate()).toMatchObject({ code: 0 });
    expect(desk.sent.filter(({ service }) => service === 'slack')).toHaveLength(before);
    await desk.start();
    await desk.pass(60_000);
    expect(desk.card().text).toMatch(/^DEAD/);
    expect(desk.room().members).toContain('U0RIOA');
    // Who owns the key is looked up in Slack too, so the bot did it.
    expect((await desk.log()).find(({ kind }) => kind === 'owner.found')).toMatchObject({
      data: { owner: { slack_user: 'U0DANA' } },
    });
    expect((await desk.log()).filter(({ kind }) => kind === 'key.deactivated')).toHaveLength(1);
    await desk.verified();
  });

  test('a deactivation that a killed bot had in hand is brought to its end', async () => {
    let kill = (): void => undefined;
    const desk = await openDesk({ boundary: (name) => name === 'run:acted:deactivate-key' && kill() });
    await desk.declare([HINT]);
    kill = () => {
      desk.kill();
      throw new Error('killed');
    };
    const { bot } = desk;
    await bot().engine.request(
      'KL-1',
      { actor: 'U0RIOA', role: 'responder', grounds: { by: 'group', listAgeMs: 0 } },
      { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null },
      null,
    );
    await desk.settle();
    await botDies(desk);
    expect(await desk.kinds()).not.toContain('key.deactivated');
    const begun = desk.time.clock.now();
    expect(await desk.deactivate()).toMatchObject({
      code: 0,
      out: expect.stringContaining('KL-1 k1 inactive'),
    });
    expect((await desk.log()).find(({ kind }) => kind === 'key.deactivated')).toMatchObject({
      actor: 'U0RIOA',
      data: { already: false },
    });
    // It does not wait for the lease of the dead.
    expect(desk.time.clock.now() - begun).toBeLessThan(5_000);
  });

  test('without an admin key the search is left to the bot, and the deactivation is a guided one', async () => {
    const desk = await openDesk();
    await botDies(desk);
    desk.lacks('ANTHROPIC_ADMIN_API_KEY');
    const declared = await desk.declare([HINT]);
    expect(declared).toMatchObject({ code: 0, out: expect.stringContaining('k1 is not identified yet') });
    expect(declared.err).toContain('There is no ANTHROPIC_ADMIN_API_KEY here');
    const guided = await desk.deactivate();
    expect(guided).toMatchObject({
      code: EXIT.failed,
      err: expect.stringContaining('KL_DEACTIVATE_BY_HAND'),
    });
    expect(guided.err).toContain('choose Disable');
    expect(await desk.kinds()).not.toContain('note.added');
    await desk.start();
    await desk.pass(1_000);
    expect((await desk.case()).incident.keys[0]?.facts?.id).toBe(PROD);
  });

  test('somebody who holds the lock and does not listen is waited for, then named', async () => {
    const desk = await openDesk();
    await botDies(desk);
    const lock = takeLock(desk.database, 'keyleak start', 1);
    onTestFinished(() => lock.release());
    const said = await desk.declare([HINT]);
    expect(said).toMatchObject({ code: EXIT.usage, err: expect.stringContaining('KL_CONTROL_BUSY') });
    expect(said.err).toContain(`keyleak start (process ${process.pid} on `);
  });

  test('where there is no database none is made', async () => {
    const desk = await openDesk();
    await botDies(desk);
    desk.lacks('KEYLEAK_DB');
    expect(await desk.declare([HINT])).toMatchObject({
      code: EXIT.usage,
      err: expect.stringContaining('KL_STORE_MISSING'),
    });
  });
});

describe('beside a bot', () => {
  test('what the command line does shows in Slack at once, and a second declaration joins the first', async () => {
    const desk = await openDesk();
    await desk.slack.as('rio').slash('engineering', HINT);
    await desk.settle();
    const joined = await desk.declare([HINT]);
    expect(joined.out).toContain('KL-1 has this key already; noted there by operator:dana\n');
    await desk.deactivate();
    await desk.pass(5_000);
    expect(desk.words(desk.card())).toContain('DEAD');
  });

  test('a bot that dies over a command is replaced by the command itself, and nothing is done twice', async () => {
    let die = (): void => undefined;
    const desk = await openDesk({ boundary: (name) => name === 'run:acted:deactivate-key' && die() });
    await desk.declare([HINT]);
    die = () => {
      desk.kill();
      void desk.deaf();
      throw new Error('killed');
    };
    const said = await desk.deactivate();
    expect(said.out).toMatch(/^KL-1 k1 inactive /);
    expect(said).toMatchObject({ code: 0, err: expect.stringContaining('The bot went away.') });
    const log = await desk.log();
    for (const kind of ['key.deactivated', 'note.added'])
      expect(log.filter((entry) => entry.kind === kind)).toHaveLength(1);
    expect(desk.anthropic.requests().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('a closed incident is not touched', async () => {
    const desk = await openDesk();
    await desk.declare([HINT]);
    await desk
      .bot()
      .engine.request(
        'KL-1',
        { actor: 'U0MEI', role: 'manager', grounds: { by: 'configured', listAgeMs: null } },
        { type: 'close', verdict: 'false_alarm', reason: 'a test key' },
        null,
      );
    const said = await desk.deactivate();
    expect(said).toMatchObject({ code: EXIT.failed, err: expect.stringContaining('KL_INCIDENT_CLOSED') });
    expect(said.err).toContain('keyleak declare KEY');
    expect(await desk.kinds()).not.toContain('note.added');
  });

  test('a bot without an admin key sends the operator to the guide', async () => {
    const desk = await openDesk({ adminKey: false });
    await desk.declare([HINT]);
    const said = await desk.deactivate();
    expect(said.code).not.toBe(0);
    expect(said.err).toMatch(/KL_DEACTIVATE_UNNAMED|KL_STEP_GUIDED/);
  });
});

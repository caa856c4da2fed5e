#!/usr/bin/env node
// The command line: words in, one command file each, an exit code out. Only the file of the command that was typed is
// loaded, so that a look at the log does not wait for what talks to Slack.

import { Command, CommanderError } from 'commander';
import { environment } from '../config.ts';
import { KeyleakError } from '../domain/errors.ts';
import { mask } from '../domain/redaction.ts';
import { EXIT, explain, type Io } from './io.ts';

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

const io: Io = {
  out: (text) => write(process.stdout, text),
  err: (text) => write(process.stderr, text),
  cwd: process.cwd(),
  env: environment(),
  now: () => Date.now(),
};

function program(done: (code: number) => void): Command {
  const root = new Command('keyleak')
    .description('Find a leaked API key, kill it, prove that it is dead, and keep a log that can be checked.')
    .exitOverride()
    // What was mistyped is quoted there, and it may be a key.
    .configureOutput({ writeErr: (text) => process.stderr.write(mask(text).text) });
  const json = ['--json', 'machine-readable output on stdout'] as const;
  root
    .command('start')
    .description('run the bot')
    .action(async () => done(await (await import('./start.ts')).start(io)));
  root
    .command('demo')
    .description('play an incident against a practice workspace: no account, no network')
    .option('--script', 'play to the end even at a terminal')
    .option('--directory <path>', 'where to leave the files')
    .action(async (options) => done(await (await import('./demo.ts')).demo(io, options)));
  root
    .command('doctor')
    .description('check everything that keyleak needs, with the fix for what is wrong')
    .option(...json)
    .action(async (options) => done(await (await import('./doctor/doctor.ts')).doctor(io, options)));
  root
    .command('list')
    .description('all incidents')
    .option(...json)
    .action(async (options) => done(await (await import('./list.ts')).list(io, options)));
  root
    .command('show <incident>')
    .description('one incident: keys, phases, steps, deadlines')
    .option(...json)
    .action(async (id, options) => done(await (await import('./show.ts')).show(io, id, options)));
  root
    .command('timeline <incident>')
    .description('the log, one entry a line')
    .option(...json)
    .action(async (id, options) => done(await (await import('./timeline.ts')).timeline(io, id, options)));
  root
    .command('export <incident>')
    .description('post-mortem')
    .requiredOption('--format <format>', 'md, html, json, ndjson or csv')
    .option('-o, --output <file>', 'write into a file instead of stdout')
    .action(async (id, options) => done(await (await import('./export.ts')).exportIncident(io, id, options)));
  root
    .command('verify [what]')
    .description('check the log: the whole database, one incident, or an exported file')
    .option('--witness <count:head>', 'a witness that was posted in the incident’s channel')
    .action(async (what, options) => done(await (await import('./verify.ts')).verify(io, what, options)));
  root
    .command('backup <file>')
    .description('copy the database, also while the bot runs')
    .action(async (file) => done(await (await import('./backup.ts')).backup(io, file)));
  const operator = ['--operator <name>', 'who you are, for the log; default: your user name'] as const;
  const reason = ['--reason <text>', 'why this is done at the command line; goes into the log'] as const;
  root
    .command('declare [key...]')
    .description('open an incident without Slack: a hint, key id or key name, as after /keyleak')
    .option('--where <text>', 'where the key was seen')
    .requiredOption(...reason)
    .option(...operator)
    .action(async (words, options) => done(await (await import('./declare.ts')).declare(io, words, options)));
  root
    .command('deactivate <incident>')
    .description('deactivate a key without Slack, and wait for the provider’s word that it is dead')
    .option('--key <key>', 'which one: k1, or the key’s id, hint or name')
    .requiredOption(...reason)
    .option('--yes', 'do not ask')
    .option(...operator)
    .action(async (id, options) => done(await (await import('./deactivate.ts')).deactivate(io, id, options)));
  root
    .command('note <incident> <text...>')
    .description('add a note to the log without Slack')
    .option(...operator)
    .action(async (id, words, options) =>
      done(await (await import('./note.ts')).note(io, id, words, options)),
    );
  root
    .command('runbook')
    .description('runbooks')
    .command('check <file>')
    .description('every mistake in a runbook file, with line, column and fix')
    .action(async (file) => done(await (await import('./runbook-check.ts')).checkRunbookFile(io, file)));
  for (const command of root.commands) command.exitOverride();
  return root;
}

async function main(): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await program((result) => {
      code = result;
    }).parseAsync(process.argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    await io.err(explain(error));
    return error instanceof KeyleakError ? EXIT.usage : EXIT.failed;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of the pipe went away (`| head`): that ends the command, quietly.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
// All is written by now. A timer that a library left behind, such as that of a goodbye, keeps nobody waiting.
process.exit(await main());

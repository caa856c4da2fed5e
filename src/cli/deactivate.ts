// keyleak deactivate: kills one key of an incident and ends only when the provider's own word is in the log.

import type { Report } from '../domain/decide-declare.ts';
import { KeyleakError } from '../domain/errors.ts';
import { type Case, keyState, stepState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import { DEACTIVATE_STEP, findStep, IDENTIFY_STEP, isSettled } from '../domain/progress.ts';
import { type Ask, terminalAsk } from './ask.ts';
import { type BreakGlass, breakGlass, type Machine, realMachine, type Sight } from './break-glass.ts';
import { type Target, targetOf } from './deactivate-target.ts';
import { EXIT, explain, type Io, incidentId } from './io.ts';
import { deadWords, keyLine, keyLines } from './key-words.ts';
import { namedKey, operatorName, reasonText, TYPED_A_SECRET } from './operator-words.ts';
import { printable } from './printable.ts';
import { lastFailure, refusalAt, WAIT_MS, wait } from './waiting.ts';

export interface DeactivateOptions {
  readonly key?: string;
  readonly reason: string;
  readonly operator?: string;
  readonly yes?: boolean;
}

/**
 * Exit 0: the provider says that the key is dead. 1: refused, or not confirmed by the person. 2: it is not plain which key
 * is meant. 3: the provider could not be reached.
 */
export async function deactivate(
  io: Io,
  id: string,
  options: DeactivateOptions,
  machine: Machine = realMachine(),
  ask: Ask | null = terminalAsk(),
): Promise<number> {
  const incident = incidentId(id);
  const operator = operatorName(options.operator);
  const reason = reasonText(options.reason);
  const named = options.key === undefined ? null : namedKey(options.key);
  if (reason.masked + (named?.masked ?? 0) > 0) await io.err(TYPED_A_SECRET);
  if (ask === null && options.yes !== true) throw nobodyToAsk();
  return breakGlass(io, machine, { operator, command: 'keyleak deactivate' }, async (glass) => {
    const found = await find(io, glass, incident, named?.value ?? null);
    if ('code' in found) return found.code;
    const { subject, facts } = found;
    if (options.yes !== true && ask !== null) {
      const answer = await ask(`Deactivate ${keyLine(facts)}? Everything that uses it stops working.`);
      if (answer !== 'yes') await io.err('Nothing was done.\n');
      if (answer !== 'yes') return answer === 'no' ? EXIT.failed : EXIT.interrupted;
    }
    const told = await glass.ask({
      call: 'deactivate',
      incident,
      key: subject,
      candidate: facts.id,
      reason: reason.value,
    });
    const sight = await wait(
      io,
      glass,
      incident,
      (seen) => told.outcome === 'refused' || !glass.acts() || isDecided(seen.case, subject),
    );
    if (sight === null) throw unknown(incident);
    if (told.outcome !== 'refused') return tell(io, glass, sight, subject);
    await io.err(explain(refusalAt(told.refusal, incident)));
    await tellGuide(io, sight.case);
    return EXIT.failed;
  });
}

type Found = { readonly subject: string; readonly facts: KeyFacts } | { readonly code: number };

/** The key that is meant, or the exit code of a command that ends here because that is not plain, or because it is dead. */
async function find(io: Io, glass: BreakGlass, incident: string, named: Report | null): Promise<Found> {
  const words = named?.words ?? null;
  const sight = await wait(
    io,
    glass,
    incident,
    ({ case: subject }) => targetOf(subject, words).is === 'key' || !glass.acts() || !isSearching(subject),
  );
  if (sight === null) throw unknown(incident);
  const target = targetOf(sight.case, words);
  const dead = target.is === 'key' ? (keyState(sight.case.incident, target.subject)?.dead ?? null) : null;
  if (target.is === 'key' && dead !== null) {
    await io.out(`${incident} ${target.subject} ${deadWords(dead, true)}\n`);
    return { code: EXIT.ok };
  }
  if (!glass.acts()) {
    await io.err(explain(byHand(incident)));
    await tellGuide(io, sight.case);
    return { code: EXIT.failed };
  }
  if (target.is === 'key') return target;
  if (target.is === 'new' && named !== null) {
    const { subject } = target;
    const told = await glass.ask({ call: 'describe', incident, key: subject, report: named });
    if (told.outcome === 'refused') {
      await io.err(explain(refusalAt(told.refusal, incident)));
      return { code: EXIT.failed };
    }
    const after = await wait(io, glass, incident, (seen) => !isSearching(seen.case));
    if (after === null) throw unknown(incident);
    const now = targetOf(after.case, subject);
    return now.is === 'key' ? now : { code: await tellChoices(io, after, now) };
  }
  return { code: await tellChoices(io, sight, target) };
}

function isSearching({ incident }: Case): boolean {
  return incident.keys.some(
    (key) => key.facts === null && stepState(incident, IDENTIFY_STEP, key.subject).status === 'running',
  );
}

/** What can be named; or why that is not known, where the provider could not be asked. */
async function tellChoices(io: Io, sight: Sight, target: Target): Promise<number> {
  const { incident } = sight.case;
  const { choices, fits } = target.is === 'open' ? target : { choices: incident.keys, fits: 'none' as const };
  for (const key of choices) await io.out(`${keyLines(key).join('\n')}\n`);
  const unknown = choices.filter((key) => key.facts === null && key.candidates === null);
  const failure = unknown
    .map((key) => lastFailure(sight, IDENTIFY_STEP, key.subject))
    .find((one) => one !== null);
  if (failure === undefined) {
    await io.err(explain(WHICH[fits](incident.id)));
    return EXIT.usage;
  }
  await io.err(explain(refusalAt(failure, incident.id)));
  await tellGuide(io, sight.case);
  return failure.observed === 'refused' ? EXIT.failed : EXIT.unreachable;
}

/** Whether waiting has an end: dead, handed to a person, or settled by somebody else. */
function isDecided({ incident }: Case, subject: string): boolean {
  const key = keyState(incident, subject);
  return key?.dead != null || stepState(incident, DEACTIVATE_STEP, subject).status !== 'running';
}

async function tell(io: Io, glass: BreakGlass, sight: Sight, subject: string): Promise<number> {
  const { incident } = sight.case;
  const dead = keyState(incident, subject)?.dead ?? null;
  if (dead !== null) {
    await io.out(`${incident.id} ${subject} ${deadWords(dead, false)}\n`);
    return EXIT.ok;
  }
  const state = stepState(incident, DEACTIVATE_STEP, subject);
  const failure = lastFailure(sight, DEACTIVATE_STEP, subject);
  if (!glass.acts()) await io.err(explain(byHand(incident.id)));
  else if (isSettled(state)) await io.err(explain(settled(incident.id, subject, state.status)));
  else if (failure === null) await io.err(explain(noWord(incident.id)));
  else await io.err(explain(refusalAt(failure, incident.id)));
  if (state.status === 'running') {
    await io.err(
      glass.through() === 'bot'
        ? `The bot goes on trying; keyleak show ${incident.id} tells when it is done.\n`
        : 'Nothing tries again until a bot runs or you run this command again.\n',
    );
  }
  await tellGuide(io, sight.case);
  if (isSettled(state) || !glass.acts()) return EXIT.failed;
  return failure?.observed === 'refused' ? EXIT.failed : EXIT.unreachable;
}

/** What a person does with their own hands. */
async function tellGuide(io: Io, { incident, runbook }: Case): Promise<void> {
  const guide = findStep(runbook, DEACTIVATE_STEP)?.guide.trimEnd();
  if (guide === undefined) return;
  await io.err(`\nBy hand, now:\n`);
  for (const line of guide.split('\n')) await io.err(`  ${printable(line)}\n`);
  await io.err(`\nThen write it down: keyleak note ${incident.id} TEXT\n`);
}

function unknown(id: string): KeyleakError {
  return new KeyleakError(
    'KL_INCIDENT_UNKNOWN',
    `There is no incident ${id}.`,
    'See which there are with keyleak list.',
  );
}

function nobodyToAsk(): KeyleakError {
  return new KeyleakError(
    'KL_CONFIRM_MISSING',
    'There is no terminal to ask you at, so nothing was done.',
    'Add --yes if this key is to be deactivated.',
  );
}

function byHand(id: string): KeyleakError {
  return new KeyleakError(
    'KL_DEACTIVATE_BY_HAND',
    'No bot runs and there is no ANTHROPIC_ADMIN_API_KEY here, so keyleak cannot deactivate the key.',
    `Set it, or ANTHROPIC_ADMIN_API_KEY_FILE, and run keyleak deactivate ${id} again; or do it by hand.`,
  );
}

function ambiguous(id: string): KeyleakError {
  return new KeyleakError(
    'KL_DEACTIVATE_WHICH',
    'It is not plain which key you mean, so nothing was done.',
    `Name one: keyleak deactivate ${id} --key k1 (or its id) --reason TEXT.`,
  );
}

function notHere(id: string): KeyleakError {
  return new KeyleakError(
    'KL_DEACTIVATE_UNKNOWN',
    `${id} knows no key by that name, so nothing was done.`,
    'Name one of those above. If another key leaked, declare it: keyleak declare KEY --reason TEXT.',
  );
}

function unnamed(id: string): KeyleakError {
  return new KeyleakError(
    'KL_DEACTIVATE_UNNAMED',
    'It is not known which key of the provider this is, so nothing was done.',
    `Find it in the provider’s console and name it: keyleak deactivate ${id} --key ID (or its hint or name) --reason TEXT.`,
  );
}

const WHICH = { none: notHere, several: ambiguous, unnamed } as const;

function settled(id: string, subject: string, how: string): KeyleakError {
  return new KeyleakError(
    'KL_DEACTIVATE_SETTLED',
    `The deactivation of ${subject} was ${how === 'skipped' ? 'skipped' : 'marked done by hand'}, so keyleak did nothing; it has not seen the provider’s word.`,
    `See with keyleak timeline ${id} who did that and why. If the key lives, disable it in the provider’s console.`,
  );
}

function noWord(id: string): KeyleakError {
  return new KeyleakError(
    'KL_DEACTIVATE_NO_WORD',
    `The provider’s word did not come within ${WAIT_MS / 1_000} seconds, so it is not known whether the key is dead.`,
    `Look again with keyleak show ${id}, and look at the key in the provider’s console now.`,
  );
}

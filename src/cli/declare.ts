// keyleak declare: opens an incident when Slack cannot, and tells which key it is as soon as that is known.

import { type Case, type KeyState, stepState } from '../domain/incident.ts';
import { DEACTIVATE_STEP, IDENTIFY_STEP } from '../domain/progress.ts';
import { type BreakGlass, breakGlass, type Machine, realMachine, type Sight } from './break-glass.ts';
import { EXIT, explain, type Io } from './io.ts';
import { keyLines } from './key-words.ts';
import { declaredWords, operatorName, reasonText, TYPED_A_SECRET } from './operator-words.ts';
import { lastFailure, refusalAt, wait } from './waiting.ts';

export interface DeclareOptions {
  readonly where?: string;
  readonly reason: string;
  readonly operator?: string;
}

/** Exit 0: declared, whatever is known of the key. 3: declared, but the provider could not be reached to find it. */
export async function declare(
  io: Io,
  words: readonly string[],
  options: DeclareOptions,
  machine: Machine = realMachine(),
): Promise<number> {
  const operator = operatorName(options.operator);
  const reason = reasonText(options.reason);
  const declared = declaredWords(words, options.where ?? '');
  if (reason.masked + declared.masked > 0) await io.err(TYPED_A_SECRET);
  return breakGlass(io, machine, { operator, command: 'keyleak declare' }, async (glass) => {
    const told = await glass.ask({ call: 'declare', ...declared.value, reason: reason.value });
    if (told.outcome === 'refused') {
      await io.err(explain(refusalAt(told.refusal, 'the new incident')));
      return EXIT.failed;
    }
    const { incident } = told;
    const how = told.joined ? 'has this key already; noted there' : 'declared';
    await io.out(`${incident} ${how} by operator:${operator}\n`);
    await io.err(
      glass.through() === 'bot'
        ? 'The bot opens its channel and calls the responders as soon as Slack answers.\n'
        : 'The bot opens its channel and calls the responders when it runs again: keyleak start.\n',
    );
    const sight = await wait(io, glass, incident, (seen) =>
      seen.case.incident.keys.every(isSettled(seen.case, glass)),
    );
    return sight === null ? EXIT.ok : tell(io, glass, sight);
  });
}

/** Whether there is anything to wait for: the search, or a deactivation that the policy began. */
function isSettled({ incident }: Case, glass: BreakGlass): (key: KeyState) => boolean {
  return (key) => {
    if (!glass.acts() || key.dead !== null) return true;
    if (key.facts !== null) return stepState(incident, DEACTIVATE_STEP, key.subject).status !== 'running';
    return stepState(incident, IDENTIFY_STEP, key.subject).status !== 'running';
  };
}

async function tell(io: Io, glass: BreakGlass, sight: Sight): Promise<number> {
  const { incident } = sight.case;
  let code: number = EXIT.ok;
  for (const key of incident.keys) {
    await io.out(`${keyLines(key).join('\n')}\n`);
    const failure = key.facts === null ? lastFailure(sight, IDENTIFY_STEP, key.subject) : null;
    if (failure === null || key.candidates !== null || key.unmatched) continue;
    await io.err(explain(refusalAt(failure, incident.id)));
    if (failure.observed !== 'refused') code = EXIT.unreachable;
  }
  if (!glass.acts()) await io.err('There is no ANTHROPIC_ADMIN_API_KEY here, so no key was looked for.\n');
  await io.err(`Next: ${nextFor(incident.id, incident.keys)}\n`);
  return code;
}

function nextFor(id: string, keys: readonly KeyState[]): string {
  const living = keys.filter((key) => key.dead === null);
  const [first] = living;
  if (first === undefined) return `keyleak show ${id}`;
  const known = living.length === 1 && first.facts !== null && first.candidates === null;
  const key = known ? '' : ` --key ${keys.length > 1 && first.facts !== null ? first.subject : 'ID'}`;
  return `keyleak deactivate ${id}${key} --reason TEXT`;
}

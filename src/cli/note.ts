// keyleak note: adds what somebody saw or did to an incident's log.

import { KeyleakError } from '../domain/errors.ts';
import { breakGlass, type Machine, realMachine } from './break-glass.ts';
import { EXIT, type Io, incidentId } from './io.ts';
import { neededText, operatorName, TYPED_A_SECRET } from './operator-words.ts';
import { refusalAt } from './waiting.ts';

/** Throws KL_NOTE_EMPTY and KL_INCIDENT_UNKNOWN; nothing else keeps a note from the log. */
export async function note(
  io: Io,
  id: string,
  words: readonly string[],
  options: { readonly operator?: string },
  machine: Machine = realMachine(),
): Promise<number> {
  const incident = incidentId(id);
  const operator = operatorName(options.operator);
  const text = neededText(
    words.join(' '),
    new KeyleakError(
      'KL_NOTE_EMPTY',
      'The note is empty, so nothing was added.',
      `Write what you saw or did: keyleak note ${incident} TEXT.`,
    ),
  );
  if (text.masked > 0) await io.err(TYPED_A_SECRET);
  return breakGlass(io, machine, { operator, command: 'keyleak note' }, async (glass) => {
    const told = await glass.ask({ call: 'note', incident, text: text.value });
    if (told.outcome === 'refused') throw refusalAt(told.refusal, incident);
    await io.out(`${incident} noted by operator:${operator}\n`);
    return EXIT.ok;
  });
}

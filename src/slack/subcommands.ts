// What /keyleak can be asked besides declaring. What this version lacks says so, with the way that works today.

import type { Asker } from '../domain/incident.ts';
import { parseWhere } from '../domain/key-words.ts';
import type { Subcommand } from '../domain/subcommands.ts';
import type { Answering } from './answering.ts';
import { onAssign } from './assigning.ts';
import type { Desk } from './desk.ts';
import { openCloseForm } from './forms.ts';
import { type Spoken, spokenIncident } from './incident-name.ts';
import { onList } from './listing.ts';
import { whoMay } from './refusals.ts';
import { onTimeline } from './timeline.ts';
import { helpAnswer, notice, refusalAnswer, statusAnswer } from './views/answers.ts';

export async function onSubcommand(
  desk: Desk,
  name: Subcommand,
  rest: string,
  answering: Answering,
): Promise<void> {
  const asker = await desk.people.asker(answering.origin.user);
  switch (name) {
    case 'help':
      return help(desk, asker, answering);
    case 'list':
      return onList(desk, asker, rest, answering);
    case 'status':
      return withIncident(desk, asker, answering, rest, true, (spoken) =>
        answering.tell(statusAnswer(spoken.case, asker.role)),
      );
    case 'note':
      return withIncident(desk, asker, answering, rest, false, (spoken) =>
        note(desk, asker, answering, spoken),
      );
    case 'close':
      return withIncident(desk, asker, answering, rest, true, (spoken) =>
        openCloseForm(desk, asker, spoken.case, answering),
      );
    case 'timeline':
      return onTimeline(desk, asker, rest, answering);
    case 'assign':
      return onAssign(desk, asker, rest, answering);
    case 'export':
      return withIncident(desk, asker, answering, rest, true, ({ case: { incident } }) =>
        answering.tell(
          notice(
            `The export is not in Slack yet. Where keyleak runs: \`keyleak export ${incident.id} --format md\`.`,
          ),
        ),
      );
    case 'drill':
    case 'metrics':
      return answering.tell(notice(MISSING[name]));
  }
}

const MISSING = {
  drill:
    'This version has no drills yet. Where keyleak is installed, `npm run demo` plays an incident against a practice workspace.',
  metrics: 'This version has no metrics yet. Where keyleak runs, `keyleak list --json` has the times.',
} as const;

async function withIncident(
  desk: Desk,
  asker: Asker,
  answering: Answering,
  rest: string,
  others: boolean,
  then: (spoken: Extract<Spoken, { found: true }>) => Promise<void>,
): Promise<void> {
  const spoken = await spokenIncident(desk.engine, asker, {
    channel: answering.origin.channel,
    rest,
    others,
  });
  if (spoken.found) return then(spoken);
  const who = await whoMay(desk.people, spoken.refusal, asker, null);
  return answering.tell(refusalAnswer(spoken.refusal, who));
}

async function help({ engine }: Desk, asker: Asker, answering: Answering): Promise<void> {
  const { channel } = answering.origin;
  const here = channel === null ? [] : await engine.incidentsIn(channel, null);
  const [only] = here;
  const one = only === undefined || here.length > 1 ? null : await engine.view(only);
  return answering.tell(helpAnswer(asker.role, one));
}

async function note(
  { engine }: Desk,
  asker: Asker,
  answering: Answering,
  spoken: Extract<Spoken, { found: true }>,
): Promise<void> {
  const { where: text, masked } = parseWhere(spoken.rest);
  const { id } = spoken.case.incident;
  const answer = await engine.request(id, asker, { type: 'note', text }, answering.delivery);
  if (answer.outcome === 'refused') return answering.tell(refusalAnswer(answer.refusal, []));
  return answering.tell(notice(`Noted in ${id}.${maskedWarning(masked)}`));
}

/** What a person is told whose words held a whole key; empty when they held none. */
export function maskedWarning(masked: number): string {
  if (masked === 0) return '';
  return ' What looked like a whole key was masked before it was kept. It has passed through Slack all the same: treat that key as leaked, and declare it if it is not the one of this incident.';
}

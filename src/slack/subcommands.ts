// What /keyleak can be asked besides declaring. What this version lacks says so, with the way that works today.

import type { Asker } from '../domain/incident.ts';
import { parseWhere } from '../domain/key-words.ts';
import type { Subcommand } from '../domain/subcommands.ts';
import type { Answering } from './answering.ts';
import type { Desk } from './desk.ts';
import { openCloseForm } from './forms.ts';
import { type Spoken, spokenIncident } from './incident-name.ts';
import { whoMay } from './refusals.ts';
import { helpAnswer, notice, refusalAnswer, statusAnswer } from './views/answers.ts';

/** Rows of a list: more would not fit into one section of a message. */
const LISTED = 20;

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
      return list(desk, asker, answering);
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
      return withIncident(desk, asker, answering, rest, true, ({ case: { incident } }) =>
        answering.tell(
          notice(
            `The timeline is not in Slack yet. Where keyleak runs: \`keyleak timeline ${incident.id}\`. Here \`/keyleak status\` says how things stand.`,
          ),
        ),
      );
    case 'export':
      return withIncident(desk, asker, answering, rest, true, ({ case: { incident } }) =>
        answering.tell(
          notice(
            `The export is not in Slack yet. Where keyleak runs: \`keyleak export ${incident.id} --format md\`.`,
          ),
        ),
      );
    case 'assign':
    case 'drill':
    case 'metrics':
      return answering.tell(notice(MISSING[name]));
  }
}

const MISSING = {
  assign:
    'This version cannot assign steps yet. Say who does what with `/keyleak note` in the incident’s channel.',
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
  const here = channel === null ? null : await engine.incidentIn(channel, null);
  return answering.tell(helpAnswer(asker.role, here === null ? null : await engine.view(here)));
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

async function list({ engine }: Desk, asker: Asker, answering: Answering): Promise<void> {
  const rows = await engine.list({ status: 'open', limit: LISTED + 1 });
  const count = rows.length > LISTED ? `More than ${LISTED}` : String(rows.length);
  const head = rows.length === 1 ? '1 incident is open.' : `${count} incidents are open.`;
  if (rows.length === 0) return answering.tell(notice('No incident is open.'));
  if (asker.role === 'participant')
    return answering.tell(notice(`${head} Responders and managers see which.`));
  const lines = rows
    .slice(0, LISTED)
    .map(
      (row) => `• ${row.id}, severity ${row.severity}, declared ${when(row.declaredAt)}${place(row.room)}`,
    );
  return answering.tell(notice([head, ...lines].join('\n')));
}

/** Slack shows the time in the reader's own zone. */
function when(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `<!date^${seconds}^{date_short_pretty} {time}|${new Date(ms).toISOString()}>`;
}

function place(room: string | null): string {
  return room !== null && /^[CG][A-Z0-9]+$/.test(room) ? `, <#${room}>` : '';
}

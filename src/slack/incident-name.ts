// Which incident a subcommand speaks of, and whether this person may read and write it from where they are.

import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import type { Engine } from '../engine/api.ts';

/** `rest` is what follows the name of the incident. */
export type Spoken =
  | { readonly found: true; readonly case: Case; readonly rest: string }
  | { readonly found: false; readonly refusal: ErrorFacts };

/** What was said of an incident, before anybody has looked whether there is one. */
export type Named =
  | { readonly found: true; readonly id: string; readonly rest: string }
  | { readonly found: false; readonly refusal: ErrorFacts };

interface Said {
  readonly channel: string | null;
  readonly rest: string;
  readonly others: boolean;
}

/**
 * In an incident's channel the words speak of that incident, unless `others` and they begin with the id of another.
 * Where several are handled, as in direct messages, they must begin with the id of one. Elsewhere they must begin with an id, and only responders and managers may use it; others do not even learn whether
 * there is such an incident.
 */
export async function namedIncident(engine: Engine, asker: Asker, said: Said): Promise<Named> {
  const here = said.channel === null ? [] : await engine.incidentsIn(said.channel, null);
  const [first = ''] = said.rest.split(/\s/, 1);
  const named = /^kl-[1-9][0-9]{0,8}$/i.test(first) ? first.toUpperCase() : null;
  const after = said.rest.slice(first.length).trim();
  const [only] = here;
  if (only !== undefined && here.length === 1 && (named === null || named === only || !said.others))
    return { found: true, id: only, rest: named === only && said.others ? after : said.rest };
  if (named === null) return { found: false, refusal: unnamed(here) };
  if (here.includes(named)) return { found: true, id: named, rest: after };
  if (asker.role === 'participant') return { found: false, refusal: outside(named) };
  return { found: true, id: named, rest: after };
}

/** The same with the incident as it stands. */
export async function spokenIncident(engine: Engine, asker: Asker, said: Said): Promise<Spoken> {
  const named = await namedIncident(engine, asker, said);
  if (!named.found) return named;
  const subject = await engine.view(named.id);
  return subject === null
    ? { found: false, refusal: unknownIncident(named.id) }
    : { found: true, case: subject, rest: named.rest };
}

/** Responders and managers read any incident; whoever else is where it is handled reads that one. */
export async function refusedToRead(
  engine: Engine,
  asker: Asker,
  of: { readonly incident: string; readonly channel: string | null },
): Promise<ErrorFacts | null> {
  if (asker.role !== 'participant') return null;
  const room = (await engine.view(of.incident))?.incident.room ?? null;
  return room !== null && room.channel === of.channel ? null : outside(of.incident);
}

export function unknownIncident(id: string): ErrorFacts {
  return {
    code: 'KL_INCIDENT_UNKNOWN',
    message: `There is no incident ${id}.`,
    next: 'See the open ones with /keyleak list.',
  };
}

function unnamed(here: readonly string[]): ErrorFacts {
  const [first] = here;
  return {
    code: 'KL_INCIDENT_UNNAMED',
    message:
      first === undefined
        ? 'It is not clear which incident you mean.'
        : `Several incidents are handled here: ${here.slice(0, 10).join(', ')}. It is not clear which one you mean.`,
    next:
      first === undefined
        ? 'Type it in the incident’s channel, or name the incident: /keyleak status KL-7.'
        : `Name the one you mean: /keyleak status ${first}.`,
  };
}

function outside(id: string): ErrorFacts {
  return {
    code: 'KL_NOT_ALLOWED',
    message: `You are not allowed to read or write ${id} from here.`,
    next: 'Type it in the incident’s channel if you are in it, or ask a responder or a manager.',
  };
}

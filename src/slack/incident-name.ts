// Which incident a subcommand speaks of, and whether this person may read and write it from where they are.

import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import type { Engine } from '../engine/api.ts';

/** `rest` is what follows the name of the incident. */
export type Spoken =
  | { readonly found: true; readonly case: Case; readonly rest: string }
  | { readonly found: false; readonly refusal: ErrorFacts };

/**
 * In an incident's channel the words speak of that incident, unless `others` and they begin with the id of another.
 * Elsewhere they must begin with an id, and only responders and managers may use it; others do not even learn whether
 * there is such an incident.
 */
export async function spokenIncident(
  engine: Engine,
  asker: Asker,
  said: { readonly channel: string | null; readonly rest: string; readonly others: boolean },
): Promise<Spoken> {
  const here = said.channel === null ? null : await engine.incidentIn(said.channel, null);
  const [first = ''] = said.rest.split(/\s/, 1);
  const named = /^kl-[1-9][0-9]{0,8}$/i.test(first) ? first.toUpperCase() : null;
  const after = said.rest.slice(first.length).trim();
  if (here !== null && (named === null || named === here || !said.others))
    return load(engine, here, named === here && said.others ? after : said.rest);
  if (named === null) return { found: false, refusal: unnamed() };
  if (asker.role === 'participant') return { found: false, refusal: outside(named) };
  return load(engine, named, after);
}

async function load(engine: Engine, id: string, rest: string): Promise<Spoken> {
  const subject = await engine.view(id);
  return subject === null
    ? { found: false, refusal: unknownIncident(id) }
    : { found: true, case: subject, rest };
}

export function unknownIncident(id: string): ErrorFacts {
  return {
    code: 'KL_INCIDENT_UNKNOWN',
    message: `There is no incident ${id}.`,
    next: 'See the open ones with /keyleak list.',
  };
}

function unnamed(): ErrorFacts {
  return {
    code: 'KL_INCIDENT_UNNAMED',
    message: 'It is not clear which incident you mean.',
    next: 'Type it in the incident’s channel, or name the incident: /keyleak status KL-7.',
  };
}

function outside(id: string): ErrorFacts {
  return {
    code: 'KL_NOT_ALLOWED',
    message: `You are not allowed to read or write ${id} from here.`,
    next: 'Type it in the incident’s channel if you are in it, or ask a responder or a manager.',
  };
}

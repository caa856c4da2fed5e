// A page as it leaves: a CloudEvents 1.0 envelope in structured JSON. Every field is named here, so that nothing else of
// an incident can slip out.

import { timestamp } from '../domain/clock.ts';
import type { Page } from '../domain/pager.ts';

export const CONTENT_TYPE = 'application/cloudevents+json';

/** The page's id as a header may carry it. A full stop divides what is signed, so none may stand in it. */
export function wireId(page: Page): string {
  return encodeURIComponent(page.id.toWellFormed()).replaceAll('%3A', ':').replaceAll('.', '%2E');
}

/** The same bytes for the same page, so that a receiver may compare retries. */
export function envelopeOf(page: Page): string {
  return JSON.stringify({
    specversion: '1.0',
    id: wireId(page),
    source: 'keyleak',
    type: page.type,
    subject: page.incident,
    time: timestamp(page.at),
    datacontenttype: 'application/json',
    data: {
      summary: summaryOf(page),
      incident: page.incident,
      severity: page.severity,
      phase: page.phase,
      live_keys: page.liveKeys,
      late_ms: page.lateMs,
      link: page.link,
    },
  });
}

/** One sentence for the small screen of whoever is woken. */
function summaryOf(page: Page): string {
  return `${page.incident}: ${what(page)}; keys known to be live: ${page.liveKeys}`;
}

function what({ type, phase }: Page): string {
  switch (type) {
    case 'keyleak.deadline.missed':
      return phase === null ? 'a deadline was missed' : `the deadline of ${phase} was missed`;
    case 'keyleak.unanswered':
      return 'nobody has answered a leak';
    case 'keyleak.break-glass':
      return 'somebody acted from the command line, past Slack';
  }
}

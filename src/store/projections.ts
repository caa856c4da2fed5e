// The rows that are derived from the log: what lists, rooms and repeated reports are found by. A fold of entries, no more.

import type { Entry, EntryData, Room } from '../domain/entry.ts';
import { GENESIS } from '../domain/seal.ts';

export interface IncidentProjection {
  readonly status: 'open' | 'closed';
  readonly severity: number;
  readonly declaredAt: number;
  readonly declaredBy: string;
  readonly closedAt: number | null;
  /** SHA-256 of the frozen runbook. */
  readonly runbook: string;
  readonly room: Room | null;
  readonly seq: number;
  readonly head: string;
}

/** What a key was last reported as, and which key it turned out to be. */
export interface KeyProjection {
  readonly subject: string;
  readonly reportedId: string | null;
  readonly hint: { readonly start: string; readonly end: string } | null;
  readonly identifiedId: string | null;
}

export interface Projection {
  readonly incident: IncidentProjection;
  readonly keys: readonly KeyProjection[];
}

export const BLANK_PROJECTION: Projection = {
  incident: {
    status: 'open',
    severity: 1,
    declaredAt: 0,
    declaredBy: '',
    closedAt: null,
    runbook: '',
    room: null,
    seq: 0,
    head: GENESIS,
  },
  keys: [],
};

/** The derived rows after one more entry. Pure and total; agrees with `evolve`, which a test holds it to. */
export function project(before: Projection, entry: Entry): Projection {
  const incident = { ...before.incident, seq: entry.seq, head: entry.hash };
  switch (entry.kind) {
    case 'incident.declared':
      return {
        ...before,
        incident: {
          ...incident,
          severity: entry.data.severity,
          declaredAt: Date.parse(entry.recorded_at),
          declaredBy: entry.actor,
          runbook: entry.data.runbook.sha256,
        },
      };
    case 'runbook.changed': {
      const { sha256, severity } = entry.data;
      return { ...before, incident: { ...incident, severity, runbook: sha256 } };
    }
    case 'key.reported':
      return { incident, keys: withKey(before.keys, entry.data.key, reportedAs(entry.data)) };
    case 'key.identified':
      return {
        incident: { ...incident, severity: entry.data.severity },
        keys: withKey(before.keys, entry.data.key, { identifiedId: entry.data.id }),
      };
    case 'channel.opened': {
      const { place, channel, thread, name } = entry.data;
      return { ...before, incident: { ...incident, room: { place, channel, thread, name } } };
    }
    case 'card.posted': {
      const { room } = incident;
      const opensThread = room?.place === 'thread' && room.thread === null;
      return {
        ...before,
        incident: { ...incident, room: opensThread ? { ...room, thread: entry.data.ts } : room },
      };
    }
    case 'incident.closed':
      return {
        ...before,
        incident: { ...incident, status: 'closed', closedAt: Date.parse(entry.occurred_at) },
      };
    default:
      return { ...before, incident };
  }
}

function reportedAs({ query }: EntryData['key.reported']): Partial<KeyProjection> {
  return {
    reportedId: query.shape === 'id' ? query.id : null,
    hint: query.shape === 'hint' ? { start: query.start, end: query.end } : null,
  };
}

function withKey(
  keys: readonly KeyProjection[],
  subject: string,
  change: Partial<KeyProjection>,
): readonly KeyProjection[] {
  const before = keys.find((key) => key.subject === subject);
  const after = { ...(before ?? { subject, reportedId: null, hint: null, identifiedId: null }), ...change };
  return [...keys.filter((key) => key.subject !== subject), after];
}

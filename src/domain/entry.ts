// The log's vocabulary: what an entry is and what each kind of entry says. docs/log-format.md specifies the bytes.

import type { ErrorCode } from './errors.ts';
import type { KeyFacts, KeyQuery } from './key.ts';

/**
 * Who did it: a Slack user id (`U…` or `W…`), `operator:<name>` for a person at the command line,
 * or `keyleak` for the bot itself.
 */
export type Actor = string;

/** The bot's own actor name. */
export const BOT: Actor = 'keyleak';

/** A free text and its salt (64 hex digits), as they travel beside an entry. */
export interface SaltedText {
  readonly salt: string;
  readonly text: string;
}

/** Facts about the listing that an identification rests on. */
export interface ListingFacts {
  readonly keys: number;
  readonly complete: boolean;
  readonly read_at: string;
}

/** What a person was allowed to do, and on what grounds, when they asked for a step. */
export interface Grounds {
  readonly role: Role;
  /** `configured`: named by id; `group`: on the stored member list of a user group; `operator`: at the command line. */
  readonly by: 'configured' | 'group' | 'operator' | 'none';
  /** Age of the member list in milliseconds when `by` is `group`. */
  readonly list_age_ms: number | null;
}

export type Role = 'participant' | 'responder' | 'manager';

export interface OwnerFacts {
  readonly id: string;
  readonly type: 'user' | 'service_account';
  readonly name: string | null;
  readonly slack_user: string | null;
}

/** Where the incident is talked about in Slack. */
export interface Room {
  readonly place: 'channel' | 'thread' | 'direct';
  readonly channel: string;
  /** Parent message of the thread when `place` is `thread`. */
  readonly thread: string | null;
  readonly name: string | null;
}

/**
 * The data of every kind. Values are strings, safe integers, booleans, null, arrays and objects of these.
 * Fields listed in TEXT_FIELDS are free text: a string in memory, `{text_sha256}` (a commitment) in the stored entry, so that the text can be purged with the chain intact.
 */
export interface EntryData {
  /** Free text: `where`, where the key was seen. */
  'incident.declared': {
    uid: string;
    runbook: { id: string; sha256: string };
    severity: number;
    team: string | null;
    enterprise: string | null;
    source: 'slash' | 'modal' | 'shortcut' | 'cli';
    declared_in: string | null;
    authority: Grounds;
  };
  /** The steps of another runbook from here on; what was done under the same step id stays done. */
  'runbook.changed': { id: string; sha256: string; severity: number };
  /** Free text: `words`, as typed, masked. */
  'key.reported': { key: string; query: KeyQueryFacts };
  'candidates.found': {
    key: string;
    /** `changed`: the key is no longer what was confirmed and has to be confirmed anew. */
    why: 'several' | 'name' | 'single_end' | 'short' | 'swapped' | 'changed';
    total: number;
    candidates: KeyFacts[];
    listing: ListingFacts;
  };
  'key.unmatched': { key: string; listing: ListingFacts };
  'key.identified': KeyFacts & { key: string; how: 'exact' | 'confirmed'; severity: number };
  /** Another incident was open with the same key when the key was identified here. */
  'incident.linked': { key: string; other: string };
  'owner.found': { key: string; owner: OwnerFacts | null };
  /** What the key was used for lately; null figures where the provider does not say. */
  'impact.measured': {
    key: string;
    starting_at: string;
    ending_at: string;
    refreshed_at: string | null;
    requests: number;
    /** True where there was also use whose requests the provider did not count. */
    uncounted: boolean;
    models: { model: string; requests: number }[];
  };
  /** `policy: automatic`: nobody pressed; the declarer's authority and the configured policy did. */
  'step.started': {
    step: string;
    key: string | null;
    run: string;
    authority: Grounds;
    policy?: 'automatic';
  };
  'step.assigned': { step: string; key: string | null; assignee: string };
  'step.completed': { step: string; key: string | null; how: 'automatic' | 'by_hand' };
  /** Free text: `reason`. */
  'step.skipped': { step: string; key: string | null; verdict: 'false_alarm' | null };
  'action.failed': {
    run: string;
    step: string;
    key: string | null;
    attempt: number;
    code: ErrorCode;
    message: string;
    next: string;
    observed: 'refused' | 'not_sent' | 'unknown' | 'rate_limited';
    follow_up: 'retry' | 'needs_human';
    retry_at: string | null;
  };
  'key.deactivated': {
    key: string;
    id: string;
    name: string;
    hint: string | null;
    workspace: string | null;
    status: 'inactive' | 'archived' | 'expired';
    already: boolean;
    observed_at: string;
    request_id: string | null;
    run: string;
  };
  /** Keys made since the declaration; each could be the replacement. */
  'replacement.seen': { key: string; candidates: KeyFacts[]; listing: ListingFacts };
  'replacement.confirmed': KeyFacts & { key: string; warnings: ReplacementWarning[]; run: string };
  /** Systems that use the key, as configured when it was identified. */
  'systems.listed': { key: string; systems: SystemFacts[] };
  'system.deployed': { key: string; system: string };
  /** Use of a dead key by the provider's figures, which end at `refreshed_at`. */
  'containment.checked': {
    key: string;
    dead_since: string;
    refreshed_at: string | null;
    /** True when the figures reach far enough beyond the death to tell. */
    covered: boolean;
    requests: number;
    /** True where there was also use whose requests the provider did not count. */
    uncounted: boolean;
    first_at: string | null;
    last_at: string | null;
    replacement: { id: string; requests: number; first_at: string | null } | null;
  };
  'channel.opened': { place: Room['place']; channel: string; thread: string | null; name: string | null };
  'card.posted': { channel: string; ts: string };
  'people.invited': { invited: string[]; refused: { user: string; why: string }[] };
  /** `phase`: what a reminder is about. */
  'message.posted': { purpose: string; channel: string; ts: string; phase?: string };
  'message.removed': { purpose: string; channel: string; ts: string };
  'page.sent': { page: string; reason: PageReason; phase: string | null };
  'witness.posted': { count: number; head: string; channel: string; ts: string };
  'phase.completed': { phase: string; took_ms: number };
  /** The phase has open steps again: `key` was found later, or, where it is null, the runbook was changed. */
  'phase.reopened': { phase: string; key: string | null };
  /** `key`: the key that was found later and has a clock of its own; absent for the incident's. */
  'deadline.missed': { phase: string; key?: string; due_at: string; late_ms: number };
  /** Free text: `text`. */
  'note.added': Record<string, never>;
  'access.refused': { what: string; step: string | null; key: string | null; authority: Grounds };
  /** Free text: `reason`. */
  'incident.closed': { verdict: 'resolved' | 'false_alarm' };
  'text.purged': { seq: number; field: string };
}

export type ReplacementWarning = 'name' | 'workspace';

/** Why somebody outside Slack is called: a deadline passed, nobody answered, or the command line was used. */
export type PageReason = 'missed' | 'unanswered' | 'break_glass';

/** Why managers are told directly. `room_lost`: the incident's channel takes no messages any more. */
export type TellReason = PageReason | 'room_lost';

/** A system that uses a key, as keyleak.yml describes it. `owner` is a Slack user id. */
export interface SystemFacts {
  readonly name: string;
  readonly owner: string | null;
  readonly how: string | null;
}

export type EntryKind = keyof EntryData;

/** The query without the words: what was parsed of them, fit for the log. */
export type KeyQueryFacts = KeyQuery extends infer Q
  ? Q extends { shape: 'name' }
    ? { shape: 'name' }
    : Q
  : never;

/** Which fields of which kinds are free text, and so stored as commitments. */
export const TEXT_FIELDS: { readonly [K in EntryKind]?: readonly string[] } = {
  'incident.declared': ['where'],
  'key.reported': ['words'],
  'step.skipped': ['reason'],
  'note.added': ['text'],
  'incident.closed': ['reason'],
};

/** An entry as decided, before the store gives it a number, a time and a hash. */
export type NewEntry = {
  [K in EntryKind]: {
    readonly kind: K;
    readonly actor: Actor;
    /** Milliseconds since the epoch: when it happened, as far as is known. */
    readonly occurredAt: number;
    readonly data: EntryData[K];
    /** Free texts by field name, masked already. */
    readonly texts?: Readonly<Record<string, string>>;
  };
}[EntryKind];

/** A sealed entry, exactly the nine fields that exports show. Times are RFC 3339 UTC with milliseconds. */
export type Entry = {
  [K in EntryKind]: {
    readonly seq: number;
    readonly incident: string;
    readonly kind: K;
    readonly occurred_at: string;
    readonly recorded_at: string;
    readonly actor: Actor;
    readonly data: EntryData[K];
    readonly prev: string;
    readonly hash: string;
  };
}[EntryKind];

/** An entry with the free texts that travel beside it; a purged text is absent. */
export interface LoggedEntry {
  readonly entry: Entry;
  readonly texts: Readonly<Record<string, SaltedText>>;
}

// What the engine needs of the world, in the domain's words. Each method is one transaction or one remote effect.

import type {
  EntryData,
  LoggedEntry,
  NewEntry,
  OwnerFacts,
  PageReason,
  ReplacementWarning,
  Room,
  TellReason,
} from './entry.ts';
import type { Case } from './incident.ts';
import type { KeyFacts, KeyListing } from './key.ts';
import type { Pager } from './pager.ts';
import type { NewRun, Run, RunResult } from './run.ts';
import type { Runbook } from './runbook.ts';
import type { UsageQuery, UsageReport } from './usage.ts';

/** A deadline row: fires exactly once, at or after `dueAt` (milliseconds since the epoch). */
export interface Deadline {
  readonly incident: string;
  /** Name of the deadline, see `deadlineName`. */
  readonly phase: string;
  readonly dueAt: number;
}

/** Everything that one decision changes, written in one transaction or not at all. */
export interface Batch {
  readonly now: number;
  readonly entries: readonly NewEntry[];
  readonly runs: readonly NewRun[];
  /** The outcome of a claimed run; recorded only if its epoch still holds, else the whole batch is refused as stale. */
  readonly runResult: RunResult | null;
  readonly deadlines: readonly { readonly phase: string; readonly dueAt: number }[];
  /** Deadlines that end with this batch. */
  readonly settled: readonly { readonly phase: string; readonly as: 'missed' | 'met' | 'cancelled' }[];
  /** Stored by its hash when an entry names it for the first time. */
  readonly runbook?: Runbook;
  /** Identity of the Slack delivery that caused it, so that a repeated delivery has no second effect. */
  readonly delivery: string | null;
}

export type CommitOutcome =
  | { readonly outcome: 'committed'; readonly incident: string; readonly entries: readonly LoggedEntry[] }
  /** Somebody else appended first: load and decide again. */
  | { readonly outcome: 'conflict' }
  /** This delivery was handled before, in this incident. */
  | { readonly outcome: 'duplicate'; readonly incident: string }
  /** The run was reclaimed by another epoch: the result is dropped. */
  | { readonly outcome: 'stale' };

export interface IncidentRow {
  readonly id: string;
  readonly status: 'open' | 'closed';
  readonly severity: number;
  readonly team: string | null;
  readonly declaredAt: number;
  readonly declaredBy: string;
  readonly seq: number;
  readonly room: string | null;
  readonly closedAt: number | null;
}

/** A signed statement that incident `incident` had `count` entries with head hash `head`. See docs/log-format.md. */
export interface Checkpoint {
  readonly n: number;
  readonly incident: string;
  readonly count: number;
  readonly head: string;
  /** The canonical JSON that was signed. */
  readonly text: string;
  /** Ed25519 signature, base64. */
  readonly signature: string;
}

/** Newest first. `before` and `after` are numbers of incidents: older or newer than that one, and of the newer the nearest. */
export interface IncidentFilter {
  readonly status: 'open' | 'closed' | 'any';
  readonly limit: number;
  readonly before?: number;
  readonly after?: number;
}

/** Entries that follow each other: `limit` at most, from number `from` on or up to number `to`; null is the last one. */
export type EntrySpan =
  | { readonly from: number; readonly limit: number }
  | { readonly to: number | null; readonly limit: number };

/** A stretch of a log, in order, of the `count` entries that it has. */
export interface EntryPage {
  readonly count: number;
  readonly entries: readonly LoggedEntry[];
}

/** The durable log and its queues. The only implementation is src/store; test/store/contract.ts says what any must do. */
export interface Store {
  /** Starts an incident under the next free id and stores the runbook by its hash, once. */
  declare(
    team: { team: string | null; enterprise: string | null },
    runbook: Runbook,
    batch: Batch,
  ): Promise<CommitOutcome>;
  /** Appends to an incident whose last entry is number `expectedSeq`. */
  commit(incident: string, expectedSeq: number, batch: Batch): Promise<CommitOutcome>;
  /** All entries in order; null when there is no such incident. */
  load(incident: string): Promise<readonly LoggedEntry[] | null>;
  /** Part of a log, without reading the rest; null when there is no such incident. */
  page(incident: string, span: EntrySpan): Promise<EntryPage | null>;
  runbook(sha256: string): Promise<Runbook | null>;
  list(filter: IncidentFilter): Promise<readonly IncidentRow[]>;
  /** The newest open incident, other than `except`, in which this provider key id is identified or this exact hint was reported. */
  openIncidentWith(key: {
    id: string | null;
    hint: { start: string; end: string } | null;
    except?: string;
  }): Promise<string | null>;
  /**
   * The open incidents whose Slack room is this channel and, for a room in a thread, this thread, newest first; where none
   * is open, the newest closed one. Direct messages are the room of every incident that had to be handled there.
   */
  incidentsIn(channel: string, thread: string | null): Promise<readonly string[]>;
  /** The incident in which a delivery was handled; null when it is new. */
  delivered(delivery: string): Promise<string | null>;
  /** Claims up to `limit` runs that are pending, doubtful past their grace or whose lease lapsed; `attempt` and `epoch` grow by one. Runs of the actions `except` stay as they are. */
  claim(request: { now: number; limit: number; except?: readonly string[] }): Promise<readonly Run[]>;
  /** At start: every claim of a dead process becomes `unknown` and doubtful, to be claimed again at `now`; runs of `patient` actions GRACE_MS later. Returns how many. */
  reclaim(now: number, patient: readonly string[]): Promise<number>;
  /** Runs of one incident, oldest first. */
  runs(incident: string): Promise<readonly Run[]>;
  /** Open deadlines due at `now`, earliest first. */
  due(now: number): Promise<readonly Deadline[]>;
  /** When the earliest run or deadline wants attention, in milliseconds since the epoch; null when nothing waits. */
  nextWake(): Promise<number | null>;
  /** Checkpoints of one incident in order, or all. */
  checkpoints(incident: string | null): Promise<readonly Checkpoint[]>;
  /** Hash of what was last drawn on a surface such as `KL-1:card`; pictures are drawn again only when it differs. */
  rendered(surface: string): Promise<string | null>;
  saveRendered(surface: string, hash: string): Promise<void>;
  /** Last known members of a user group, with the time they were read. */
  group(id: string): Promise<{ readonly members: readonly string[]; readonly readAt: number } | null>;
  saveGroup(id: string, members: readonly string[], readAt: number): Promise<void>;
  /** Removes a free text and its salt; the `text.purged` entry is in the batch. */
  purgeText(
    incident: string,
    expectedSeq: number,
    seq: number,
    field: string,
    batch: Batch,
  ): Promise<CommitOutcome>;
  close(): Promise<void>;
}

/** A provider of API keys. Every method throws RemoteError. */
export interface KeyProvider {
  readonly id: string;
  /**
   * Every key of every status, all pages. Throws rather than return part of the list. One that was begun at `since` or
   * later, in milliseconds since the epoch, will do; now unless told.
   */
  list(signal: AbortSignal, since?: number): Promise<KeyListing>;
  retrieve(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly key: KeyFacts; readonly requestId: string | null }>;
  /** Asks for `inactive`. Idempotent. What it answers proves nothing: retrieve afterwards. */
  deactivate(id: string, signal: AbortSignal): Promise<{ readonly requestId: string | null }>;
  /** Name and e-mail of a key's owner; null when the person left or is a service account that cannot be looked up. */
  owner(
    owner: { id: string; type: 'user' | 'service_account' },
    signal: AbortSignal,
  ): Promise<{ readonly name: string | null; readonly email: string | null } | null>;
  /** Use of keys, all pages. What the provider's limits do not allow is cut off; the report says which range it covers. */
  usage(query: UsageQuery, signal: AbortSignal): Promise<UsageReport>;
}

/** What keyleak says once in a room. `card` is the one message that is edited afterwards. */
export type ChatMessage =
  | { readonly type: 'card'; readonly case: Case }
  | { readonly type: 'candidates'; readonly case: Case; readonly key: string }
  | {
      readonly type: 'witness';
      readonly case: Case;
      readonly occasion: string;
      readonly count: number;
      readonly head: string;
      readonly fingerprint: string;
    }
  | { readonly type: 'missed'; readonly case: Case; readonly phase: string; readonly key: string | null }
  /** A reminder before a deadline; `people` are called by name. */
  | {
      readonly type: 'nudge';
      readonly case: Case;
      readonly phase: string;
      readonly key: string | null;
      readonly people: readonly string[];
    }
  /** Names people where an invitation is no message: in a thread. */
  | { readonly type: 'call'; readonly case: Case; readonly people: readonly string[] }
  /** Tells somebody that a step is theirs; `refused` is why Slack did not take them into the room. */
  | {
      readonly type: 'assigned';
      readonly case: Case;
      readonly step: string;
      readonly key: string | null;
      readonly assignee: string;
      readonly by: string;
      /** Where it is said: in the room, or to that person alone. */
      readonly place: 'room' | 'direct';
      readonly refused: string | null;
    }
  /** Who may bring a deactivated key back, and how. */
  | { readonly type: 'undo'; readonly case: Case; readonly key: string }
  /** To the managers, outside the room. */
  | {
      readonly type: 'managers';
      readonly case: Case;
      readonly reason: TellReason;
      readonly phase: string | null;
    };

/** A chat workspace. Every method throws RemoteError. */
export interface Chat {
  /** Creates a private channel. `name_taken` is refused with that reason. */
  openChannel(name: string, purpose: string, signal: AbortSignal): Promise<Room>;
  /** A private channel of this name that keyleak itself made; null when there is none. */
  findChannel(name: string, signal: AbortSignal): Promise<Room | null>;
  /** The configured fallback channel, once it is verified to be private and not shared; null when there is none fit for it. */
  fallbackChannel(signal: AbortSignal): Promise<string | null>;
  /** A direct conversation with these people (at most 7). Idempotent. */
  openDirect(users: readonly string[], signal: AbortSignal): Promise<Room>;
  /** Into the channel, also where the room is a thread in it. Idempotent: who is in already counts as invited. */
  invite(
    room: Room,
    users: readonly string[],
    signal: AbortSignal,
  ): Promise<{
    readonly invited: readonly string[];
    readonly refused: readonly { user: string; why: string }[];
  }>;
  /** Posts a message with a hidden marker. Not idempotent: after doubt, look with `findPost` first. `room.thread` null posts at top level. */
  post(
    room: Room,
    message: ChatMessage,
    marker: string,
    signal: AbortSignal,
  ): Promise<{ readonly ts: string }>;
  /** keyleak's own message that carries this marker, not older than `since` (milliseconds since the epoch), and not the one at `except`. */
  findPost(
    room: Room,
    marker: string,
    since: number,
    signal: AbortSignal,
    except?: string | null,
  ): Promise<{ readonly ts: string } | null>;
  edit(at: { channel: string; ts: string }, message: ChatMessage, signal: AbortSignal): Promise<void>;
  /** Idempotent: what is gone already counts as removed. */
  remove(at: { channel: string; ts: string }, signal: AbortSignal): Promise<void>;
  /** Idempotent. */
  pin(at: { channel: string; ts: string }, signal: AbortSignal): Promise<void>;
  userByEmail(email: string, signal: AbortSignal): Promise<string | null>;
  /** Configured responders and members of configured responder groups, as far as known now. */
  responders(signal: AbortSignal): Promise<readonly string[]>;
  /** Configured managers and members of their groups, as far as known now. */
  managers(signal: AbortSignal): Promise<readonly string[]>;
}

/** Signs checkpoints. `fingerprint` is the SHA-256 of the raw public key in hex. */
export interface Signer {
  /** Raw Ed25519 public key, base64. */
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Ed25519 signature over the bytes, base64. */
  sign(bytes: Uint8Array): string;
}

/**
 * What an action found out, to be turned into entries by `decide`. Where there is `again`, the same run is taken up once
 * more at that time (milliseconds since the epoch); null ends it.
 */
export type Observation =
  | { readonly type: 'matched'; readonly listing: KeyListing; readonly match: MatchFacts }
  | {
      readonly type: 'status';
      readonly before: KeyFacts;
      readonly after: KeyFacts;
      readonly observedAt: number;
      readonly requestId: string | null;
    }
  /** The key is not what was confirmed: nothing was done to it. */
  | { readonly type: 'changed'; readonly found: KeyFacts; readonly readAt: number }
  | { readonly type: 'owner'; readonly owner: OwnerFacts | null }
  | { readonly type: 'room'; readonly room: Room }
  | { readonly type: 'card'; readonly channel: string; readonly ts: string }
  | {
      readonly type: 'invited';
      readonly invited: readonly string[];
      readonly refused: readonly { user: string; why: string }[];
      readonly again?: number | null;
    }
  | {
      readonly type: 'posted';
      readonly purpose: string;
      readonly channel: string;
      readonly ts: string;
      readonly witness: { count: number; head: string } | null;
    }
  /** Somebody was brought into the room and told there, or directly, that a step is theirs. */
  | {
      readonly type: 'called';
      readonly invited: readonly string[];
      readonly refused: readonly { user: string; why: string }[];
      readonly channel: string;
      readonly ts: string;
    }
  | { readonly type: 'removed'; readonly purpose: string; readonly channel: string; readonly ts: string }
  | {
      readonly type: 'paged';
      readonly page: string;
      readonly reason: PageReason;
      readonly phase: string | null;
    }
  | { readonly type: 'impact'; readonly impact: Omit<EntryData['impact.measured'], 'key'> }
  /** Keys made since the declaration. */
  | {
      readonly type: 'successors';
      readonly listing: KeyListing;
      readonly found: readonly KeyFacts[];
      readonly again: number | null;
    }
  | {
      readonly type: 'replacement';
      readonly listing: KeyListing;
      readonly key: KeyFacts;
      readonly warnings: readonly ReplacementWarning[];
    }
  /** No one key could be taken for the replacement; `found` are those that a person may choose from. */
  | {
      readonly type: 'no_replacement';
      readonly why: 'none' | 'several' | 'elsewhere' | 'gone';
      readonly listing: KeyListing;
      readonly found: readonly KeyFacts[];
    }
  | {
      readonly type: 'containment';
      readonly checked: Omit<EntryData['containment.checked'], 'key'>;
      readonly again: number | null;
    }
  /** Nothing to write down. */
  | { readonly type: 'done'; readonly again?: number | null };

export type MatchFacts =
  | { readonly outcome: 'exact'; readonly key: KeyFacts }
  | {
      readonly outcome: 'candidates';
      readonly why: 'several' | 'name' | 'single_end' | 'short' | 'swapped';
      readonly keys: readonly KeyFacts[];
    }
  | { readonly outcome: 'none' };

/** What an action is given: one attempt at one run. */
export interface ActionWorld {
  readonly case: Case;
  readonly run: Run;
  readonly provider: KeyProvider | null;
  readonly chat: Chat | null;
  readonly pager: Pager | null;
  /** Fingerprint of the public key that signs checkpoints. */
  readonly fingerprint: string;
  /** Hash of entry number `count` of this incident, for a witness. */
  readonly headAt: (count: number) => Promise<string>;
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * One automated step. `read` and `idempotent` actions are tried again at once after doubt;
 * a `creation` waits out GRACE_MS and then looks with `find` before it creates again.
 */
export interface Action {
  readonly name: string;
  readonly effect: 'read' | 'idempotent' | 'creation';
  /** Which service it needs; the step falls back to its guide when that is not configured. */
  readonly needs: 'provider' | 'chat' | 'pager';
  /** Attempts before a person is asked. Infinity for work that waits until the service returns. */
  readonly maxAttempts: number;
  perform(world: ActionWorld): Promise<Observation>;
  find?(world: ActionWorld): Promise<Observation | null>;
}

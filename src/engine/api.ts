// What the rooms around the engine may ask of it. Slack and the command line speak only this.

import type { Report } from '../domain/decide-declare.ts';
import type { RequestCommand } from '../domain/decide-request.ts';
import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import type { KeyListing } from '../domain/key.ts';
import type { EntryPage, EntrySpan, IncidentFilter, IncidentRow } from '../domain/ports.ts';
import type { Runbook } from '../domain/runbook.ts';

export interface Declaration {
  /** With what they may do, so that a policy can act in their name. */
  readonly by: Asker;
  readonly source: 'slash' | 'modal' | 'shortcut' | 'cli';
  readonly team: string | null;
  readonly enterprise: string | null;
  /** At least one; `{shape:'none'}` when nobody could name the key. */
  readonly reports: readonly Report[];
  /** Masked; empty when not said. */
  readonly where: string;
  readonly declaredIn: string | null;
  readonly delivery: string | null;
  /** The incident in whose room it was declared: while that is open it takes what no other open incident has. */
  readonly into?: string | null;
  /** Id of the runbook that was chosen by hand; otherwise the words choose, else the default. */
  readonly runbook?: string | null;
}

/** What is known of keys besides the listing. Read in the background; nothing is decided from it. */
export interface KeyLore {
  /** Name, else e-mail, of an owner by the provider's id; null when it is not known. */
  ownerName(owner: string): string | null;
  /** Start of the last UTC day of use within thirty days, milliseconds since the epoch; null when none is known. */
  lastUsed(key: string): number | null;
}

export type Request = RequestCommand;

/**
 * done: written to the log (`case` is the state after it).
 * duplicate: this delivery, or this very step, was accepted before; nothing was added.
 * refused: nothing was done; the refusal says why and what next.
 */
export type Answer =
  | { readonly outcome: 'done' | 'duplicate'; readonly case: Case }
  | { readonly outcome: 'refused'; readonly refusal: ErrorFacts; readonly case: Case | null };

/** `joined` counts the reports that open incidents had already, and those that were added to the first of these. */
export type Declared = Answer & { readonly joined?: { readonly known: number; readonly added: number } };

export interface Engine {
  /** Opens an incident; or, where an open incident has one of the reported keys already, joins that one with all of them. */
  declare(declaration: Declaration): Promise<Declared>;
  request(incident: string, by: Asker, request: Request, delivery: string | null): Promise<Answer>;
  view(incident: string): Promise<Case | null>;
  list(filter: IncidentFilter): Promise<readonly IncidentRow[]>;
  /** Part of a log, without reading the rest; null when there is no such incident. */
  page(incident: string, span: EntrySpan): Promise<EntryPage | null>;
  /** Open ones, newest first; the newest closed one where none is open. */
  incidentsIn(channel: string, thread: string | null): Promise<readonly string[]>;
  /** The last complete listing, for answers that may not wait; null before the first. Never a live call. */
  cachedKeys(): KeyListing | null;
  /** Why the background could not read the list when it last tried; null where it could, or has not tried yet. */
  keysUnread(): ErrorFacts | null;
  keyLore(): KeyLore;
  /** True when the provider is configured, so that its steps are more than their guides. */
  automated(action: string): boolean;
  /** All runbooks of this installation, for a choice by hand. */
  runbooks(): readonly Runbook[];
  /** Called after every commit with the incident's id. Returns a function that ends the subscription. */
  onChange(listener: (incident: string) => void): () => void;
}

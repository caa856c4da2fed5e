// What the rooms around the engine may ask of it. Slack and the command line speak only this.

import type { Actor } from '../domain/entry.ts';
import type { ErrorFacts } from '../domain/errors.ts';
import type { Asker, Case } from '../domain/incident.ts';
import type { KeyFacts, KeyListing, KeyQuery } from '../domain/key.ts';
import type { IncidentRow } from '../domain/ports.ts';

/** One key as reported: what was parsed, and the masked words it was parsed from. */
export interface KeyReport {
  readonly query: KeyQuery;
  readonly words: string;
}

export interface Declaration {
  readonly by: Actor;
  readonly source: 'slash' | 'modal' | 'shortcut' | 'cli';
  readonly team: string | null;
  readonly enterprise: string | null;
  /** At least one; `{shape:'none'}` when nobody could name the key. */
  readonly reports: readonly KeyReport[];
  /** Masked; empty when not said. */
  readonly where: string;
  readonly declaredIn: string | null;
  readonly delivery: string | null;
}

/** What a person asks of an open incident. `key` is a local name such as `k1`; null where the step has no key. */
export type Request =
  | {
      readonly type: 'perform';
      readonly step: string;
      readonly key: string | null;
      readonly candidate: KeyFacts | null;
    }
  | { readonly type: 'identify'; readonly key: string; readonly candidate: KeyFacts }
  | { readonly type: 'describe'; readonly key: string; readonly report: KeyReport }
  | { readonly type: 'complete'; readonly step: string; readonly key: string | null }
  | {
      readonly type: 'skip';
      readonly step: string;
      readonly key: string | null;
      readonly reason: string;
      readonly verdict: 'false_alarm' | null;
    }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'close'; readonly verdict: 'resolved' | 'false_alarm'; readonly reason: string };

/**
 * done: written to the log (`case` is the state after it).
 * duplicate: this delivery, or this very step, was accepted before; nothing was added.
 * refused: nothing was done; the refusal says why and what next.
 */
export type Answer =
  | { readonly outcome: 'done' | 'duplicate'; readonly case: Case }
  | { readonly outcome: 'refused'; readonly refusal: ErrorFacts; readonly case: Case | null };

export interface Engine {
  /** Opens an incident; or, when exactly one key was reported and an open incident already has it, joins that one (`joined`). */
  declare(declaration: Declaration): Promise<Answer & { readonly joined?: boolean }>;
  request(incident: string, by: Asker, request: Request, delivery: string | null): Promise<Answer>;
  view(incident: string): Promise<Case | null>;
  list(filter: { status: 'open' | 'closed' | 'any'; limit: number }): Promise<readonly IncidentRow[]>;
  incidentIn(channel: string, thread: string | null): Promise<string | null>;
  /** The last complete listing, for answers that may not wait; null before the first. Never a live call. */
  cachedKeys(): KeyListing | null;
  /** True when the provider is configured, so that its steps are more than their guides. */
  automated(action: string): boolean;
  /** Called after every commit with the incident's id. Returns a function that ends the subscription. */
  onChange(listener: (incident: string) => void): () => void;
}

// Keeps every card a true picture of its incident: drawn from state after each commit, edited in place, the newest wins.
// Losing an edit costs nothing; nothing here ever holds up the engine.

import { createHash } from 'node:crypto';
import type { Alarm, Clock } from '../domain/clock.ts';
import type { Chat } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { backoffMs } from '../domain/run.ts';
import type { Engine } from '../engine/api.ts';
import { card } from './views/card.ts';

export interface Board {
  /** Draws the cards of all open incidents, then follows every change. */
  start(): Promise<void>;
  /** Resolves when no drawing is under way; one that waits for its turn is not waited for. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface BoardParts {
  readonly engine: Engine;
  readonly chat: Chat;
  rendered(surface: string): Promise<string | null>;
  saveRendered(surface: string, hash: string): Promise<void>;
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly automated: (action: string) => boolean;
  readonly onFault: (error: unknown) => void;
}

/** Slack allows about one edit a second and message. */
const PACE_MS = 1_500;
const WITHIN_MS = 8_000;
const MOST_AT_START = 1_000;

/** One card: at most one drawing under way and one waiting. */
interface Surface {
  readonly incident: string;
  readonly cancel: (() => void) | null;
  readonly again: boolean;
  readonly failures: number;
  readonly drawing: boolean;
  readonly notBefore: number;
}

export function createBoard(parts: BoardParts): Board {
  const { engine, chat, clock, alarm } = parts;
  const surfaces = new Map<string, Surface>();
  const inHand = new Set<Promise<void>>();
  let stopped = false;
  let unsubscribe = (): void => undefined;

  function of(incident: string): Surface {
    return (
      surfaces.get(incident) ?? {
        incident,
        cancel: null,
        again: false,
        failures: 0,
        drawing: false,
        notBefore: 0,
      }
    );
  }

  function put(incident: string, change: Partial<Surface>): void {
    surfaces.set(incident, { ...of(incident), ...change });
  }

  function want(incident: string): void {
    if (stopped) return;
    const surface = of(incident);
    if (surface.drawing) put(incident, { again: true });
    if (surface.drawing || surface.cancel !== null) return;
    const wait = Math.min(surface.notBefore - clock.now(), 10 * 60_000);
    if (wait <= 0) begin(incident);
    else put(incident, { cancel: alarm(wait, () => begin(incident)) });
  }

  function begin(incident: string): void {
    put(incident, { cancel: null, drawing: true, again: false });
    const work: Promise<void> = draw(incident)
      .catch((error: unknown): Partial<Surface> => {
        if (stopped) return {};
        parts.onFault(error);
        const failures = of(incident).failures + 1;
        // A card that Slack refuses is drawn again at the next change only.
        if (error instanceof RemoteError && error.outcome === 'refused') return { failures };
        const retryAfter = error instanceof RemoteError ? error.retryAfterMs : null;
        return {
          failures,
          again: true,
          notBefore: clock.now() + Math.max(PACE_MS, backoffMs(failures, retryAfter)),
        };
      })
      .then((change) => {
        put(incident, { ...change, drawing: false });
        if (of(incident).again) want(incident);
        else if (of(incident).failures === 0 && of(incident).notBefore <= clock.now())
          surfaces.delete(incident);
      })
      .finally(() => inHand.delete(work));
    inHand.add(work);
  }

  async function draw(incident: string): Promise<Partial<Surface>> {
    const subject = await engine.view(incident);
    const at = subject?.incident.card ?? null;
    if (subject === null || at === null) return {};
    const surface = `${incident}:card`;
    const message = card(subject, clock.now(), parts.automated);
    const hash = createHash('sha256').update(JSON.stringify(message), 'utf8').digest('hex');
    if ((await parts.rendered(surface)) === hash) return { failures: 0 };
    const abort = new AbortController();
    await new Promise<void>((resolve, reject) => {
      const cancel = alarm(WITHIN_MS, () => {
        abort.abort();
        reject(late());
      });
      chat.edit(at, { type: 'card', case: subject }, abort.signal).then(resolve, reject).finally(cancel);
    });
    await parts.saveRendered(surface, hash);
    return { failures: 0, notBefore: clock.now() + PACE_MS };
  }

  return {
    async start() {
      unsubscribe = engine.onChange(want);
      for (const { id } of await engine.list({ status: 'open', limit: MOST_AT_START })) want(id);
    },
    async idle() {
      while (inHand.size > 0) await Promise.all(inHand);
    },
    async stop() {
      stopped = true;
      unsubscribe();
      for (const { cancel } of surfaces.values()) cancel?.();
      while (inHand.size > 0) await Promise.all(inHand);
    },
  };
}

function late(): RemoteError {
  return new RemoteError(
    'KL_SLACK_UNAVAILABLE',
    'Slack did not answer, so it is not known whether the card was edited.',
    'Nothing: keyleak edits it again by itself.',
    { outcome: 'unknown', reason: 'timeout' },
  );
}

// What comes twice, on whatever connection, is handled once: whoever comes second is acknowledged as the first was.

import type { App, ReceiverEvent } from '@slack/bolt';
import { originOf, textAt } from './payload.ts';

/** How many envelopes are remembered. Slack repeats within minutes; the log knows older ones by their delivery. */
const REMEMBERED = 500;

/** Name of the custom property of a receiver's event that holds the id of its envelope. */
export const ENVELOPE = 'envelope';

export interface Envelopes {
  /** Hands the event to the app unless its envelope was handed over before. Rejects as the app does. */
  processEvent(event: ReceiverEvent): Promise<void>;
  /** Resolves when every envelope that came is acknowledged, or was left so by the app. */
  acknowledged(): Promise<void>;
}

type Answer = { readonly acked: true; readonly with: unknown } | { readonly acked: false };

/** `app` is asked for at every delivery. */
export function createEnvelopes(app: () => Pick<App, 'processEvent'> | null): Envelopes {
  const known = new Map<string, Promise<Answer>>();
  const open = new Set<Promise<unknown>>();

  function remember(id: string, answer: Promise<Answer>): void {
    known.set(id, answer);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  }

  return {
    async processEvent(event) {
      const id = textAt(event.customProperties, ENVELOPE);
      const first = id === null ? undefined : known.get(id);
      if (first !== undefined) {
        const answer = await first;
        if (answer.acked) await event.ack(answer.with);
        return;
      }
      const { answer, work } = handOver(app(), event);
      if (id !== null) remember(id, answer);
      const settled: Promise<unknown> = answer
        .catch(() => undefined)
        .finally(() => {
          open.delete(settled);
        });
      open.add(settled);
      await work;
    },
    async acknowledged() {
      while (open.size > 0) await Promise.all(open);
    },
  };
}

/** `answer` is there as soon as the app acknowledges, `work` when it is done with the event. */
function handOver(
  app: Pick<App, 'processEvent'> | null,
  event: ReceiverEvent,
): { answer: Promise<Answer>; work: Promise<void> } {
  let settle: (answer: Answer | Promise<never>) => void = () => undefined;
  const answer = new Promise<Answer>((resolve) => {
    settle = resolve;
  });
  const work = Promise.resolve(
    app?.processEvent({
      ...event,
      ack: async (given: unknown) => {
        try {
          await event.ack(given);
        } catch (error) {
          // The answer to a command goes another way then, and would be read twice.
          const isCommand = originOf(event.body).kind === 'command';
          settle({ acked: true, with: isCommand ? undefined : given });
          throw error;
        }
        settle({ acked: true, with: given });
      },
    }),
  );
  work.then(
    () => settle({ acked: false }),
    // Without a second delivery nobody waits for the answer; `work` tells of the failure in any case.
    (error: unknown) => {
      const failed = Promise.reject(error instanceof Error ? error : new Error(String(error)));
      failed.catch(() => undefined);
      settle(failed);
    },
  );
  return { answer, work };
}

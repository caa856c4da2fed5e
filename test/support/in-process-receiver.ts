// Joins the real Bolt app to the practice Slack without a socket: envelopes go straight into the app, acknowledgements straight
// back. A listener that ends without acknowledging is noticed when it ends, not after some time.

import type { App, Receiver } from '@slack/bolt';
import type { Envelope, Receive, Reply } from '../../src/sandbox/slack/delivery.ts';

export interface InProcessReceiver extends Receiver {
  /** Resolves when no listener is at work at this moment. */
  idle(): Promise<void>;
  /** What listeners threw past the app's error handler, oldest first. */
  readonly faults: readonly unknown[];
  /** How often a listener acknowledged twice; Bolt only warns. */
  repeats(): number;
}

/** `slack` is the practice Slack, or something whose `connect` wraps what it is given before it hands it on. */
export function inProcessReceiver(slack: {
  readonly connect: (receive: Receive) => () => void;
}): InProcessReceiver {
  let app: App | null = null;
  let disconnect: (() => void) | null = null;
  let repeated = 0;
  const faults: unknown[] = [];
  const atWork = new Set<Promise<void>>();

  function receive(envelope: Envelope): Promise<Reply> {
    return new Promise((resolve) => {
      let acked = false;
      const listening = deliver(envelope, (response) => {
        if (acked) repeated += 1;
        acked = true;
        resolve({ acked: true, payload: asSent(response) });
      }).then(() => {
        atWork.delete(listening);
        resolve({ acked: false });
      });
      atWork.add(listening);
    });
  }

  /** Never rejects: what the app throws is kept, as the Socket Mode receiver only logs it. */
  async function deliver(envelope: Envelope, acknowledge: (response: unknown) => void): Promise<void> {
    try {
      await app?.processEvent({
        body: { ...envelope.payload },
        ack: async (response: unknown) => {
          acknowledge(response);
        },
        ...(envelope.retry_attempt === undefined ? {} : { retryNum: envelope.retry_attempt }),
        ...(envelope.retry_reason === undefined ? {} : { retryReason: envelope.retry_reason }),
      });
    } catch (error) {
      faults.push(error);
    }
  }

  return {
    faults,
    repeats: () => repeated,
    init(to) {
      app = to;
    },
    async start() {
      disconnect ??= slack.connect(receive);
    },
    async stop() {
      disconnect?.();
      disconnect = null;
    },
    async idle() {
      while (atWork.size > 0) await Promise.all(atWork);
    },
  };
}

/** As the Socket Mode client puts it on the wire: a text becomes an object, nothing becomes an empty one. */
function asSent(response: unknown): unknown {
  return typeof response === 'string' ? { text: response } : (response ?? {});
}

// Envelopes on their way to the bot: each goes to one of the connections in turn and must be acknowledged within three
// seconds. A connection is a function, so that a test may wrap it and lose, delay or repeat what it likes.

import type { Alarm } from '../../domain/clock.ts';
import { isJson, overTheWire } from './json.ts';
import type { World } from './world.ts';

export interface Envelope {
  readonly envelope_id: string;
  readonly type: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: object;
  readonly accepts_response_payload: boolean;
  readonly retry_attempt?: number;
  readonly retry_reason?: string;
}

/** What came back: what was given to `ack` (an object, or undefined for a bare one), or no acknowledgement at all. */
export type Reply = { readonly acked: true; readonly payload: unknown } | { readonly acked: false };

export type Receive = (envelope: Envelope) => Promise<Reply>;

export type Delivered =
  | { readonly outcome: 'acked'; readonly payload: unknown }
  | { readonly outcome: 'operation_timeout' | 'dispatch_failed' };

export interface Delivery {
  /** Until the returned function is called, envelopes may come here. */
  readonly connect: (receive: Receive) => () => void;
  readonly connections: () => number;
  deliver(type: Envelope['type'], payload: object, answerable: boolean): Promise<Delivered>;
}

export const ACK_MS = 3_000;

/** `alarm` notices an acknowledgement that never comes; without it only a connection that gives up does. */
export function createDelivery(world: World, alarm: Alarm | null): Delivery {
  const connections: Receive[] = [];
  let turn = 0;

  function withinTime(reply: Promise<Reply>): Promise<Reply> {
    if (alarm === null) return reply;
    return new Promise((resolve, reject) => {
      const cancel = alarm(ACK_MS + 1, () => {
        resolve({ acked: false });
      });
      reply.finally(cancel).then(resolve, reject);
    });
  }

  return {
    connect(receive) {
      connections.push(receive);
      world.changed();
      return () => {
        const at = connections.indexOf(receive);
        if (at < 0) return;
        connections.splice(at, 1);
        world.changed();
      };
    },
    connections: () => connections.length,
    async deliver(type, payload, answerable) {
      const receive = connections[turn % Math.max(connections.length, 1)];
      turn += 1;
      if (receive === undefined) return { outcome: 'dispatch_failed' };
      const sentAt = world.clock.now();
      const copy = overTheWire(payload);
      const envelope: Envelope = {
        envelope_id: world.secret(),
        type,
        payload: isJson(copy) ? copy : {},
        accepts_response_payload: answerable,
      };
      const reply = await withinTime(receive(envelope)).catch((): Reply => ({ acked: false }));
      if (!reply.acked || world.clock.now() - sentAt > ACK_MS) return { outcome: 'operation_timeout' };
      const answer = overTheWire(reply.payload);
      if (!answerable && answer !== undefined && JSON.stringify(answer) !== '{}')
        world.complaints.push(`ack of ${type}: Slack ignores what was given to it`);
      return { outcome: 'acked', payload: answer };
    },
  };
}

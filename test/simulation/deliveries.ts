// Slack's line to the bot, on which an envelope may come twice, at once or some seconds later and after others.

import type { Envelope, Receive, Reply } from '../../src/sandbox/slack/delivery.ts';
import type { PracticeSlack } from '../../src/sandbox/slack/practice-slack.ts';
import type { Chance, VirtualTime } from '../support/virtual-time.ts';

export function repeating(chance: Chance, time: () => VirtualTime) {
  return (slack: PracticeSlack): Pick<PracticeSlack, 'connect'> => ({
    connect: (receive) => slack.connect((envelope) => delivered(receive, envelope)),
  });

  async function delivered(receive: Receive, envelope: Envelope): Promise<Reply> {
    const drawn = chance.next();
    const again = { ...envelope, retry_attempt: 1, retry_reason: 'timeout' };
    if (drawn < 0.08) void receive(again);
    else if (drawn < 0.12) time().alarm(1_000 + chance.below(20_000), () => void receive(again));
    return receive(envelope);
  }
}

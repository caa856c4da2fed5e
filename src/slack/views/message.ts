// A message as it goes to Slack: blocks, and the plain words for notifications and for whoever reads no blocks.

import type { KnownBlock } from '@slack/types';

export interface Message {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

// What the flow tests look at: the incident's room, its card, the log, and what the provider says.

import { onTestFinished } from 'vitest';
import type { LoggedEntry } from '../../src/domain/entry.ts';
import type { Case } from '../../src/domain/incident.ts';
import type { SeenMessage } from '../../src/sandbox/slack/screen.ts';
import { messageWords } from '../../src/sandbox/slack/words.ts';
import type { Channel } from '../../src/sandbox/slack/world.ts';
import { openReader } from '../../src/store/reader.ts';
import { type LogFacts, verifyDatabase } from '../support/verified.ts';
import { openWorkspace, type Workspace, type WorkspaceParts } from '../support/workspace.ts';

export const HINT = 'R2D...igAA';
export const PROD = 'apikey_01ProdGateway';

export interface Scene extends Workspace {
  /** The incident's private channel. Throws when there is none, or more than one. */
  room(incident?: string): Channel;
  card(channel?: string): SeenMessage;
  /** A message as a person reads it. */
  words(message: SeenMessage | null, reader?: string): string;
  case(incident?: string): Promise<Case>;
  log(incident?: string): Promise<readonly LoggedEntry['entry'][]>;
  kinds(incident?: string): Promise<readonly string[]>;
  verified(): Promise<LogFacts>;
  /** Everything that this person reads in a channel, ephemerals too. */
  reads(person: string, channel: string): string;
}

export async function openScene(parts: WorkspaceParts = {}): Promise<Scene> {
  const workspace = await openWorkspace(parts);
  onTestFinished(() => workspace.close());
  const { slack } = workspace;
  const words = (message: SeenMessage | null, reader = 'rio'): string =>
    message === null ? '' : messageWords(message, slack.reader(reader)).join('\n');
  const room = (incident = 'KL-1'): Channel => {
    const found = slack.channels().filter(({ name }) => name.startsWith(`${incident.toLowerCase()}-`));
    const [first] = found;
    if (first === undefined || found.length > 1) throw new Error(`${found.length} channels of ${incident}`);
    return first;
  };
  const log = async (incident = 'KL-1'): Promise<readonly LoggedEntry['entry'][]> => {
    const reader = openReader(workspace.database);
    try {
      return ((await reader.load(incident)) ?? []).map(({ entry }) => entry);
    } finally {
      await reader.close();
    }
  };
  return {
    ...workspace,
    room,
    words,
    log,
    card(channel = room().id) {
      const pinned = slack
        .channel(channel)
        .messages.find(({ metadata }) => String(metadata?.event_payload.run).includes(':post-card:'));
      const [someone] = ['rio', 'priya', 'mei'];
      const seen = slack
        .as(someone ?? 'rio')
        .sees(channel)
        .find(({ ts }) => ts === pinned?.ts);
      if (seen === undefined) throw new Error('there is no card');
      return seen;
    },
    async case(incident = 'KL-1') {
      const found = await workspace.bot().engine.view(incident);
      if (found === null) throw new Error(`there is no ${incident}`);
      return found;
    },
    kinds: async (incident) => (await log(incident)).map(({ kind }) => kind),
    verified: () => verifyDatabase(workspace.database),
    reads: (person, channel) =>
      slack
        .as(person)
        .sees(channel)
        .map((message) => words(message, person))
        .join('\n'),
  };
}

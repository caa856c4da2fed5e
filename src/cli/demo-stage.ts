// How the demo shows what happens: a heading for each act, and boxes with what Slack shows, in words.

import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';
import { PRACTICE } from '../sandbox/slack/people.ts';
import type { SeenMessage } from '../sandbox/slack/screen.ts';
import { messageWords } from '../sandbox/slack/words.ts';
import type { DemoWorld } from './demo-world.ts';

/** Time to read an act, at a terminal. */
const BEAT_MS = 1_200;

export interface Stage {
  say(text: string): Promise<void>;
  /** Begins an act. */
  act(words: string): Promise<void>;
  /** What somebody types in Slack. */
  types(who: string, words: string): Promise<void>;
  box(title: string, lines: readonly string[]): Promise<void>;
  /** A message as Rio sees it. */
  show(where: string, message: SeenMessage): Promise<void>;
}

export function createStage(
  out: (text: string) => Promise<void>,
  paced: boolean,
  world: Pick<DemoWorld, 'slack'>,
): Stage {
  const say = (text: string): Promise<void> => out(`${text}\n`);

  async function box(title: string, lines: readonly string[]): Promise<void> {
    await say(dim(`   ┌─ ${title}`));
    for (const line of lines.flatMap((one) => one.split('\n'))) await say(`${dim('   │')} ${line}`);
    await say(dim('   └─'));
  }

  return {
    say,
    async act(words) {
      if (paced) await pause(BEAT_MS);
      await say(`\n${bold(words)}`);
    },
    types: (who, words) => say(`   ${who.padEnd(5)} ${words}`),
    box,
    show: (where, message) => box(where, messageWords(message, world.slack.reader(PRACTICE.rio), 92)),
  };
}

export const bold = (text: string): string => styleText('bold', text);
const dim = (text: string): string => styleText('dim', text);

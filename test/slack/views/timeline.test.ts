// Pages of a log: within Slack's limits whatever stands in it, every entry on exactly one page, times as they were.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoggedEntry } from '../../../src/domain/entry.ts';
import type { EntryPage } from '../../../src/domain/ports.ts';
import { lintMessageBlocks } from '../../../src/sandbox/slack/lint.ts';
import { messageWords } from '../../../src/sandbox/slack/words.ts';
import { decodeTimelineTurn, type TimelineTurn } from '../../../src/slack/pages.ts';
import type { Message } from '../../../src/slack/views/message.ts';
import { timelineAnswer } from '../../../src/slack/views/timeline.ts';
import { T0 } from '../../support/cases.ts';
import { thorough } from '../../support/thorough.ts';

const SHOWN = /^(\d+) {2}/gm;

function note(seq: number, text: string, times: { occurred?: number; recorded?: number } = {}): LoggedEntry {
  const { occurred = T0, recorded = T0 } = times;
  return {
    entry: {
      seq,
      incident: 'KL-1',
      kind: 'note.added',
      occurred_at: new Date(occurred).toISOString(),
      recorded_at: new Date(recorded).toISOString(),
      actor: 'U0RIOA',
      data: {},
      prev: '',
      hash: '',
    },
    texts: { text: { salt: '', text } },
  };
}

/** What the store answers for a turn. */
function pageOf(log: readonly LoggedEntry[], turn: TimelineTurn): EntryPage {
  const end = 'from' in turn ? turn.from + 19 : (turn.to ?? log.length);
  const start = 'from' in turn ? turn.from : Math.max(1, end - 19);
  return { count: log.length, entries: log.slice(start - 1, end) };
}

function answer(log: readonly LoggedEntry[], turn: TimelineTurn): Message {
  return timelineAnswer('KL-1', pageOf(log, turn), 'from' in turn ? 'first' : 'last');
}

function words({ text, blocks }: Message, zone = 'UTC'): string {
  const reader = { zone, now: () => T0, person: String, group: String, channel: String };
  const wire = blocks.map((block) => ({ block_id: '', ...block }));
  return messageWords({ text, blocks: wire }, reader, 100_000).join('\n');
}

function turn(message: Message, label: string): TimelineTurn | null {
  const buttons = message.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
  const found = buttons.find((one) => one.type === 'button' && one.text.text === label);
  return found?.type === 'button' ? decodeTimelineTurn(found.value) : null;
}

/** Numbers of the entries on each page, walking by one button from a page. */
function walk(log: readonly LoggedEntry[], start: TimelineTurn, label: string): number[][] {
  const pages: number[][] = [];
  for (let at: TimelineTurn | null = start; at !== null; ) {
    const message = answer(log, at);
    expect(lintMessageBlocks(message.blocks)).toBeNull();
    pages.push([...words(message).matchAll(SHOWN)].map(([, seq]) => Number(seq)));
    at = turn(message, label);
  }
  return pages;
}

describe('a page of the timeline', () => {
  test('has every entry on exactly one page, in the order of the log, whichever way one turns', () => {
    const texts = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(texts, (lengths) => {
        const log = lengths.map((length, index) => note(index + 1, 'x'.repeat(length)));
        const all = log.map((_, index) => index + 1);
        expect(walk(log, { incident: 'KL-1', to: null }, 'Older').reverse().flat()).toEqual(all);
        expect(walk(log, { incident: 'KL-1', from: 1 }, 'Newer').flat()).toEqual(all);
      }),
      { numRuns: thorough(40) },
    );
  });

  test('what comes in while somebody reads moves no page', () => {
    const log = Array.from({ length: 60 }, (_, index) => note(index + 1, 'a'));
    const older = turn(answer(log, { incident: 'KL-1', to: null }), 'Older');
    const longer = [...log, note(61, 'b'), note(62, 'c')];
    expect(older).not.toBeNull();
    const shown = words(answer(longer, older ?? { incident: 'KL-1', to: null }));
    expect([...shown.matchAll(SHOWN)].map(([, seq]) => Number(seq))).toEqual(
      Array.from({ length: 20 }, (_, index) => 21 + index),
    );
    expect(shown).toContain('entries 21 to 40 of 62');
  });

  test('leads to both ends, and nowhere from where there is no more', () => {
    const log = Array.from({ length: 10_000 }, (_, index) => note(index + 1, 'a'));
    const newest = answer(log, { incident: 'KL-1', to: null });
    expect(['Oldest', 'Older', 'Newer', 'Newest'].map((label) => turn(newest, label))).toEqual([
      { incident: 'KL-1', from: 1 },
      { incident: 'KL-1', to: 9_980 },
      null,
      null,
    ]);
    const oldest = answer(log, { incident: 'KL-1', from: 1 });
    expect(['Oldest', 'Older', 'Newer', 'Newest'].map((label) => turn(oldest, label))).toEqual([
      null,
      null,
      { incident: 'KL-1', from: 21 },
      { incident: 'KL-1', to: null },
    ]);
  });

  test('shows times in the reader’s zone with UTC for whoever has none, and when it was written down where that differs', () => {
    const late = note(1, 'on the phone', { occurred: T0, recorded: T0 + 3 * 60_000 });
    const message = answer([late, note(2, 'at once')], { incident: 'KL-1', to: null });
    expect(words(message, 'Asia/Tokyo')).toMatch(/12:00:00 \(recorded .*12:03:00\)/);
    expect(words(message, 'UTC')).toMatch(/03:00:00 \(recorded .*03:03:00\)/);
    expect(words(message)).not.toMatch(/^2 .*recorded/m);
    expect(JSON.stringify(message.blocks)).toContain('"fallback":"2026-11-23 03:00:00 UTC"');
  });

  test.each(['<!channel> <@U1> *bold*', '\u0001U0EVIL\u0001', '\ud800', '', 'line\nline', 'x'.repeat(3_000)])(
    'keeps what people wrote inert: %j',
    (text) => {
      const message = answer([note(1, text)], { incident: 'KL-1', to: null });
      expect(lintMessageBlocks(message.blocks)).toBeNull();
      const [, rows] = message.blocks;
      expect(rows?.type).toBe('rich_text');
      expect(JSON.stringify(rows).match(/"type":"user"/g)).toHaveLength(1);
    },
  );
});

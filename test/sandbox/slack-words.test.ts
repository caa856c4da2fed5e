// Messages and modals as lines of text: what a person would read, in their own zone.

import { describe, expect, it } from 'vitest';
import type { WireBlock } from '../../src/sandbox/slack/json.ts';
import { messageWords, viewWords } from '../../src/sandbox/slack/words.ts';
import { mrkdwnWords, type Reader } from '../../src/sandbox/slack/words-text.ts';
import { scene, T0 } from './slack-parts.ts';

const reader: Reader = {
  zone: 'Europe/Berlin',
  now: () => T0,
  person: (id) => ({ U0DANA: 'dana' })[id] ?? id,
  group: () => 'security-oncall',
  channel: () => 'kl-1-amber',
};
const seconds = T0 / 1_000;

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const shown = (...blocks: object[]): readonly string[] =>
  messageWords(
    {
      text: 'fallback',
      blocks: blocks.map((block, index): WireBlock => ({ type: '', block_id: `b${index}`, ...block })),
    },
    reader,
  );

describe('words of a text', () => {
  it.each([
    ['<@U0DANA> in <#C0|x>', '@dana in #kl-1-amber'],
    ['<!subteam^S0> and <!channel>', '@security-oncall and @channel'],
    ['&lt;!channel&gt; &amp; more', '<!channel> & more'],
    ['see <https://a.example|the guide>', 'see the guide (https://a.example)'],
    ['<https://a.example>', 'https://a.example'],
    ['*bold* _it_ ~no~ a*b*c `*code*`', 'bold it no a*b*c `*code*`'],
    [':red_circle: LIVE :unheard_of:', '🔴 LIVE :unheard_of:'],
    [`due <!date^${seconds}^{time}|x>`, 'due 04:00'],
    [`<!date^${seconds}^{date_short_pretty} at {time_secs}|x>`, 'today at 04:00:00'],
    [`<!date^${seconds - 86_400}^{date_num}, {date_pretty}|x>`, '2026-11-22, yesterday'],
    [`<!date^${seconds + 180}^{ago}|x>`, 'in 3 min'],
    ['<!date^soon^{time}|10:47>', '10:47'],
  ])('%s reads %s', (text, words) => {
    expect(mrkdwnWords(text, reader)).toBe(words);
  });

  it('show each person their own time', () => {
    const { slack } = scene();
    const text = `<!date^${seconds}^{date_short}, {time}|x>`;
    expect(mrkdwnWords(text, slack.reader('mei'))).toBe('23 Nov 2026, 12:00');
    expect(mrkdwnWords(text, slack.reader('dana'))).toBe('22 Nov 2026, 22:00');
  });
});

describe('words of a message', () => {
  it('show header, sections, fields, context, dividers and buttons', () => {
    const button = (text: string, style?: string) => ({ type: 'button', text: plain(text), style });
    expect(
      shown(
        { type: 'header', text: plain('KL-1') },
        {
          type: 'section',
          text: mrkdwn(':key: *prod*\nowner'),
          accessory: button('Deactivate key', 'danger'),
        },
        { type: 'section', fields: [mrkdwn('*Workspace*\nProduction')] },
        { type: 'divider' },
        { type: 'context', elements: [mrkdwn('checked'), plain('now')] },
        { type: 'actions', elements: [button('Add note'), button('Mark done', 'primary')] },
      ),
    ).toEqual([
      '',
      '# KL-1',
      '🔑 prod   [! Deactivate key !]',
      'owner',
      '  Workspace Production',
      '─'.repeat(60),
      'checked  now',
      '[ Add note ]  [* Mark done *]',
    ]);
  });

  it('show rich text with lists and mentions, and tables', () => {
    const section = (text: string) => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] });
    expect(
      shown(
        {
          type: 'rich_text',
          elements: [
            { type: 'rich_text_section', elements: [{ type: 'user', user_id: 'U0DANA' }] },
            { type: 'rich_text_list', style: 'ordered', elements: [section('a'), section('b')] },
          ],
        },
        {
          type: 'table',
          rows: [
            [
              { type: 'raw_text', text: 'x' },
              { type: 'raw_number', value: 2 },
            ],
          ],
        },
      ),
    ).toEqual(['@dana', '1. a', '2. b', 'x | 2']);
  });

  it('show what they do not know as an error', () => {
    expect(shown({ type: 'hologram' })).toEqual(['!! a block of the unknown type hologram cannot be shown']);
  });

  it('fall back to the text, and break long lines at spaces', () => {
    expect(messageWords({ text: 'plain *text*', blocks: [] }, reader)).toEqual(['plain text']);
    expect(messageWords({ text: '  one two three', blocks: [] }, reader, 9)).toEqual([
      '  one two',
      '  three',
    ]);
  });
});

describe('words of a modal', () => {
  it('show title, inputs, objections and the two buttons', () => {
    const block: WireBlock = {
      type: 'input',
      block_id: 'r',
      label: plain('Why?'),
      optional: true,
      hint: plain('One sentence.'),
      element: { type: 'plain_text_input', placeholder: plain('a drill') },
    };
    const view = {
      title: 'Skip',
      submit: 'Skip',
      close: null,
      blocks: [block],
      errors: { 'Why?': 'Say more.' },
    };
    expect(viewWords(view, reader)).toEqual([
      '== Skip ==',
      'Why? (optional)',
      '  ▏a drill',
      '  One sentence.',
      '! Why?: Say more.',
      '[ Close ]  [ Skip ]',
    ]);
  });
});

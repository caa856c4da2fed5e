// The limits of Block Kit: at each limit the practice Slack accepts, one beyond it refuses and names the place.

import type { KnownBlock, ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { lintMessageBlocks, lintView } from '../../src/sandbox/slack/lint.ts';
import { PRACTICE } from '../../src/sandbox/slack/people.ts';
import { refusalData, scene } from './slack-parts.ts';

const words = (count: number): string => 'x'.repeat(count);
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_none, index) => make(index));

const button = (change: object = {}): object => ({
  type: 'button',
  action_id: 'a',
  text: plain('Go'),
  ...change,
});
const actions = (...elements: object[]): object => ({ type: 'actions', elements });
const confirm = (change: object = {}): object => ({
  title: plain('Sure?'),
  text: mrkdwn('Really'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...change,
});
const select = (count: number): object => ({
  type: 'static_select',
  action_id: 's',
  options: many(count, (index) => ({ text: plain('o'), value: `${index}` })),
});

interface Limit {
  readonly what: string;
  readonly limit: number;
  readonly block: (size: number) => object | object[];
  readonly place: string;
}

const MESSAGE_LIMITS: readonly Limit[] = [
  {
    what: 'blocks of a message',
    limit: 50,
    block: (n) => many(n, () => ({ type: 'divider' })),
    place: '/blocks',
  },
  {
    what: 'a section',
    limit: 3_000,
    block: (n) => ({ type: 'section', text: mrkdwn(words(n)) }),
    place: '/blocks/0/text/text',
  },
  {
    what: 'fields of a section',
    limit: 10,
    block: (n) => ({ type: 'section', fields: many(n, () => mrkdwn('f')) }),
    place: '/blocks/0/fields',
  },
  {
    what: 'one field',
    limit: 2_000,
    block: (n) => ({ type: 'section', fields: [mrkdwn(words(n))] }),
    place: '/blocks/0/fields/0/text',
  },
  {
    what: 'a header',
    limit: 150,
    block: (n) => ({ type: 'header', text: plain(words(n)) }),
    place: '/blocks/0/text/text',
  },
  {
    what: 'elements of actions',
    limit: 25,
    block: (n) => actions(...many(n, (i) => button({ action_id: `a${i}` }))),
    place: '/blocks/0/elements',
  },
  {
    what: 'elements of a context',
    limit: 10,
    block: (n) => ({ type: 'context', elements: many(n, () => mrkdwn('c')) }),
    place: '/blocks/0/elements',
  },
  {
    what: 'a button',
    limit: 75,
    block: (n) => actions(button({ text: plain(words(n)) })),
    place: '/blocks/0/elements/0/text/text',
  },
  {
    what: 'the value of a button',
    limit: 2_000,
    block: (n) => actions(button({ value: words(n) })),
    place: '/blocks/0/elements/0/value',
  },
  {
    what: 'the address of a button',
    limit: 3_000,
    block: (n) => actions(button({ url: `https://${words(n - 8)}` })),
    place: '/blocks/0/elements/0/url',
  },
  {
    what: 'the title of a dialog',
    limit: 100,
    block: (n) => actions(button({ confirm: confirm({ title: plain(words(n)) }) })),
    place: '/blocks/0/elements/0/confirm/title/text',
  },
  {
    what: 'the text of a dialog',
    limit: 300,
    block: (n) => actions(button({ confirm: confirm({ text: mrkdwn(words(n)) }) })),
    place: '/blocks/0/elements/0/confirm/text/text',
  },
  {
    what: 'a button of a dialog',
    limit: 30,
    block: (n) => actions(button({ confirm: confirm({ confirm: plain(words(n)) }) })),
    place: '/blocks/0/elements/0/confirm/confirm/text',
  },
  {
    what: 'options of a select',
    limit: 100,
    block: (n) => actions(select(n)),
    place: '/blocks/0/elements/0/options',
  },
  {
    what: 'a block id',
    limit: 255,
    block: (n) => ({ type: 'divider', block_id: words(n) }),
    place: '/blocks/0/block_id',
  },
  {
    what: 'rows of a table',
    limit: 100,
    block: (n) => ({ type: 'table', rows: many(n, () => [{ type: 'raw_text', text: 'c' }]) }),
    place: '/blocks/0/rows',
  },
  {
    what: 'rows of a data table',
    limit: 101,
    block: (n) => ({
      type: 'data_table',
      caption: 't',
      rows: many(n, () => [{ type: 'raw_text', text: 'c' }]),
    }),
    place: '/blocks/0/rows',
  },
  {
    what: 'text of all tables',
    limit: 10_000,
    block: (n) => ({ type: 'table', rows: [[{ type: 'raw_text', text: words(n) }]] }),
    place: '/blocks',
  },
  {
    what: 'children of a container',
    limit: 10,
    block: (n) => ({
      type: 'container',
      title: plain('t'),
      child_blocks: many(n, () => ({ type: 'divider' })),
    }),
    place: '/blocks/0/child_blocks',
  },
];

describe('a message', () => {
  it.each(MESSAGE_LIMITS)('may reach $limit, and no more, for $what', ({ limit, block, place }) => {
    const lint = (size: number) => lintMessageBlocks([block(size)].flat());
    expect(lint(limit)).toBeNull();
    const objection = lint(limit + 1);
    expect(objection?.error).toBe('invalid_blocks');
    expect(objection?.messages.join('\n')).toContain(`json-pointer:${place}]`);
  });

  it('may hold 13,200 characters over all blocks', () => {
    const sections = (last: number) =>
      [3_000, 3_000, 3_000, 3_000, last].map((size) => ({ type: 'section', text: mrkdwn(words(size)) }));
    expect(lintMessageBlocks(sections(1_200))).toBeNull();
    expect(lintMessageBlocks(sections(1_201))?.error).toBe('msg_blocks_too_long');
  });

  it.each([
    ['an unknown block', { type: 'banner' }, '/blocks/0/type'],
    ['an alert outside of a modal', { type: 'alert', text: mrkdwn('x') }, '/blocks/0/type'],
    ['an unknown element', actions({ type: 'slider', action_id: 'a' }), '/blocks/0/elements/0/type'],
    ['a section without words', { type: 'section' }, '/blocks/0'],
    ['an empty text', { type: 'section', text: mrkdwn('') }, '/blocks/0/text/text'],
    ['formatted text on a button', actions(button({ text: mrkdwn('x') })), '/blocks/0/elements/0/text/type'],
    ['a field that Slack does not know', { type: 'divider', colour: 'red' }, '/blocks/0'],
    ['an unknown style', actions(button({ style: 'loud' })), '/blocks/0/elements/0/style'],
    ['two buttons of the same id', actions(button(), button()), '/blocks/0/elements/1/action_id'],
  ])('may not have %s', (_what, block, place) => {
    const objection = lintMessageBlocks([block]);
    expect(objection?.messages.join('\n')).toContain(`json-pointer:${place}]`);
  });

  it('may not use a block id twice', () => {
    const twice = [
      { type: 'divider', block_id: 'd' },
      { type: 'divider', block_id: 'd' },
    ];
    expect(lintMessageBlocks(twice)?.messages[0]).toContain('/blocks/1/block_id');
  });

  it('is refused by the Web API with the place, and without its plain text', async () => {
    const { client } = scene();
    const channel = PRACTICE.security;
    const blocks: KnownBlock[] = [{ type: 'header', text: { type: 'plain_text', text: words(151) } }];
    expect(await refusalData(client.chat.postMessage({ channel, text: 'x', blocks }))).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: {
        messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
      },
    });
    expect(
      await refusalData(client.chat.postMessage({ channel, blocks: [{ type: 'divider' }] })),
    ).toMatchObject({ error: 'no_text' });
  });
});

describe('a modal', () => {
  const input = {
    type: 'input',
    block_id: 'i',
    label: plain('Key'),
    element: { type: 'plain_text_input', action_id: 'i' },
  };
  const modal = (change: object = {}) => ({
    type: 'modal',
    title: plain('Declare'),
    submit: plain('Declare'),
    blocks: [input],
    ...change,
  });

  it.each([
    ['the title', 24, (n: number) => modal({ title: plain(words(n)) }), '/view/title/text'],
    ['the submit button', 24, (n: number) => modal({ submit: plain(words(n)) }), '/view/submit/text'],
    ['the close button', 24, (n: number) => modal({ close: plain(words(n)) }), '/view/close/text'],
    ['the callback id', 255, (n: number) => modal({ callback_id: words(n) }), '/view/callback_id'],
    [
      'the private metadata',
      3_000,
      (n: number) => modal({ private_metadata: words(n) }),
      '/view/private_metadata',
    ],
    [
      'the blocks',
      100,
      (n: number) => modal({ blocks: many(n, () => ({ type: 'divider' })) }),
      '/view/blocks',
    ],
    [
      'a label',
      2_000,
      (n: number) => modal({ blocks: [{ ...input, label: plain(words(n)) }] }),
      '/view/blocks/0/label/text',
    ],
  ])('may reach, and no more, for %s, %i', (_what, limit, make, place) => {
    expect(lintView(make(limit), 'modal')).toBeNull();
    const objection = lintView(make(limit + 1), 'modal');
    expect(objection?.error).toBe('invalid_arguments');
    expect(objection?.messages.join('\n')).toContain(`json-pointer:${place}]`);
  });

  it('with an input needs a submit button', () => {
    expect(lintView(modal({ submit: undefined }), 'modal')?.messages[0]).toContain('/view/submit');
  });

  it('may have an alert, and no table', () => {
    expect(lintView(modal({ blocks: [{ type: 'alert', text: mrkdwn('Mind') }] }), 'modal')).toBeNull();
    const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'c' }]] };
    expect(lintView(modal({ blocks: [table] }), 'modal')?.messages[0]).toContain('/view/blocks/0/type');
  });

  it('is refused by the Web API before its trigger is used up', async () => {
    const { client } = scene();
    const view = modal({ title: plain(words(25)) }) as ModalView;
    expect(await refusalData(client.views.open({ trigger_id: 'none', view }))).toMatchObject({
      error: 'invalid_arguments',
    });
  });
});

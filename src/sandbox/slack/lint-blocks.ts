// Limits of Block Kit's blocks. Source: docs.slack.dev/reference/block-kit/blocks and the project's facts.

import { isJson, listOf, textOf } from './json.ts';
import {
  accessory,
  actionElement,
  anyText,
  cardButton,
  contextAction,
  contextElement,
  inputElement,
  pictureElement,
  plain,
} from './lint-elements.ts';
import {
  byType,
  fields,
  flag,
  list,
  needsOne,
  objection,
  oneOf,
  type Rule,
  text,
  whole,
} from './lint-rule.ts';

const blockId = { block_id: text(255) };
const address = text(3_000, 1, /^https?:/);
const anything: Rule = () => {};

function block(
  required: Readonly<Record<string, Rule>>,
  optional: Readonly<Record<string, Rule>> = {},
): Rule {
  return fields(required, { ...optional, ...blockId });
}

const styled = { style: anything };
const richWord = byType({
  text: fields({ text: text(3_000) }, styled),
  link: fields({ url: address }, { ...styled, text: text(3_000), unsafe: flag }),
  emoji: fields({ name: text(255) }, { ...styled, unicode: text(50), url: address }),
  user: fields({ user_id: text(255) }, styled),
  usergroup: fields({ usergroup_id: text(255) }, styled),
  channel: fields({ channel_id: text(255) }, styled),
  team: fields({ team_id: text(255) }, styled),
  broadcast: fields({ range: oneOf('here', 'channel', 'everyone') }, styled),
  color: fields({ value: text(20) }, styled),
  date: fields(
    { timestamp: whole(0, 99_999_999_999), format: text(255) },
    { ...styled, url: address, fallback: text(255) },
  ),
});
const words = list(richWord, 3_000, 0);
const richSection = byType({ rich_text_section: fields({ elements: words }) });
const richPart = byType({
  rich_text_section: fields({ elements: words }),
  rich_text_list: fields(
    { style: oneOf('bullet', 'ordered'), elements: list(richSection, 3_000) },
    { indent: whole(0, 8), offset: whole(0, 100_000), border: whole(0, 1) },
  ),
  rich_text_quote: fields({ elements: words }, { border: whole(0, 1) }),
  rich_text_preformatted: fields({ elements: words }, { border: whole(0, 1), language: text(50) }),
});
const richText = block({ elements: list(richPart, 3_000, 0) });
const richBlock = byType({ rich_text: richText });

const cell = byType({
  rich_text: richText,
  raw_text: fields({ text: text(10_000, 0) }),
  raw_number: fields({ value: anything }, { text: text(255, 0) }),
});
const column = fields({}, { align: oneOf('left', 'center', 'right'), is_wrapped: flag });

const card = block(
  {},
  {
    hero_image: pictureElement,
    icon: pictureElement,
    title: anyText(150),
    subtitle: anyText(150),
    body: anyText(200),
    actions: list(cardButton, 3),
  },
);

const source = byType({ url: fields({ url: address, text: text(255) }) });
const task = block(
  {
    task_id: text(255),
    title: text(255),
    status: oneOf('pending', 'in_progress', 'complete', 'error'),
  },
  { details: richBlock, output: richBlock, sources: list(source, 100, 0) },
);

const section = needsOne(
  block({}, { text: anyText(3_000), fields: list(anyText(2_000), 10), accessory, expand: flag }),
  ['text', 'fields'],
  'at least',
);

const image = needsOne(
  block({ alt_text: text(2_000) }, { image_url: address, slack_file: anything, title: plain(2_000) }),
  ['image_url', 'slack_file'],
  'exactly',
);

const everywhere = {
  section,
  header: block({ text: plain(150) }),
  divider: block({}),
  context: block({ elements: list(contextElement, 10) }),
  actions: block({ elements: list(actionElement, 25) }),
  image,
  rich_text: richText,
  input: block(
    { label: plain(2_000), element: inputElement },
    { hint: plain(2_000), optional: flag, dispatch_action: flag },
  ),
  video: block(
    { video_url: address, thumbnail_url: address, alt_text: text(2_000), title: plain(200) },
    {
      title_url: address,
      author_name: text(50),
      provider_name: text(50),
      provider_icon_url: address,
      description: plain(200),
    },
  ),
};

const table = block({ rows: list(list(cell, 20), 100) }, { column_settings: list(column, 20, 0) });

const child = byType({ ...everywhere, table });
const container = needsOne(
  block(
    { child_blocks: list(child, 10) },
    {
      title: plain(150),
      rich_text_title: richBlock,
      subtitle: anyText(150),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: pictureElement,
      is_collapsible: flag,
      default_collapsed: flag,
      has_header_divider: flag,
    },
  ),
  ['title', 'rich_text_title'],
  'exactly',
);

const messageBlock = byType({
  ...everywhere,
  table,
  container,
  card,
  carousel: block({ elements: list(byType({ card }), 10) }),
  context_actions: block({ elements: list(contextAction, 5) }),
  data_table: block(
    { rows: list(list(cell, 20), 101, 2), caption: text(255) },
    { page_size: whole(1, 100), row_header_column_index: whole(0, 19) },
  ),
  file: block({ source: oneOf('remote'), external_id: text(255) }),
  markdown: block({ text: text(12_000) }),
  plan: block({ title: text(255) }, { tasks: list(byType({ task_card: task }), 100, 0) }),
  task_card: task,
});

const modalBlock = byType({
  ...everywhere,
  alert: block({ text: anyText(3_000) }, { level: oneOf('default', 'info', 'warning', 'error', 'success') }),
});

const homeBlock = byType(everywhere);

export const BLOCK_OF = { message: messageBlock, modal: modalBlock, home: homeBlock } as const;

/** Ids must be unique: block ids among all, action ids within a block. */
export function uniqueIds(blocks: readonly unknown[], at: string, found: string[]): void {
  const seen = new Set<string>();
  blocks.forEach((one, index) => {
    if (!isJson(one)) return;
    const id = textOf(one.block_id);
    if (id !== '' && seen.has(id))
      objection(found, `block_id ${id} already exists`, `${at}/${index}/block_id`);
    seen.add(id);
    const actions = new Set<string>();
    listOf(one.elements).forEach((element, place) => {
      const action = textOf(element.action_id);
      if (action !== '' && actions.has(action))
        objection(found, `action_id ${action} already exists`, `${at}/${index}/elements/${place}/action_id`);
      actions.add(action);
    });
  });
}

/** At most one element may take the focus. */
export function oneFocus(blocks: unknown, at: string, found: string[]): void {
  const count = JSON.stringify(blocks).split('"focus_on_load":true').length - 1;
  if (count > 1) objection(found, 'only one element may have focus_on_load', at);
}

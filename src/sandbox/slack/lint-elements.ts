// Limits of Block Kit's elements and composition objects. Source: docs.slack.dev/reference/block-kit, and the table in the
// project's facts where the two differ.

import { byType, fields, flag, list, needsOne, oneOf, type Rule, text, whole } from './lint-rule.ts';

const emojiFlag = { emoji: flag };

export function plain(max: number): Rule {
  return byType({ plain_text: fields({ text: text(max) }, emojiFlag) });
}

export function anyText(max: number): Rule {
  return byType({
    plain_text: fields({ text: text(max) }, emojiFlag),
    mrkdwn: fields({ text: text(max) }, { verbatim: flag }),
  });
}

const anything: Rule = () => {};
const style = oneOf('primary', 'danger');
const address = text(3_000, 1, /^(https?|slack|mailto):/);

const confirm = fields(
  { title: plain(100), text: anyText(300), confirm: plain(30), deny: plain(30) },
  { style },
);

function option(label: Rule): Rule {
  return fields({ text: label, value: text(75) }, { description: anyText(75), url: address });
}

const actionable = { action_id: text(255) };
const asked = { ...actionable, confirm, focus_on_load: flag };
const holding = { ...asked, placeholder: plain(150) };
const several = { ...holding, max_selected_items: whole(1, 100) };

const plainOption = option(plain(75));
const richOption = option(anyText(75));

function select(optional: Readonly<Record<string, Rule>>, base: Readonly<Record<string, Rule>>): Rule {
  return fields({}, { ...base, ...optional });
}

const choices = {
  options: list(plainOption, 100),
  option_groups: list(fields({ label: plain(75), options: list(plainOption, 100) }), 100),
};

function staticSelect(optional: Readonly<Record<string, Rule>>, base: Readonly<Record<string, Rule>>): Rule {
  return needsOne(select({ ...choices, ...optional }, base), ['options', 'option_groups'], 'exactly');
}

const conversationFilter = {
  filter: anything,
  default_to_current_conversation: flag,
  response_url_enabled: flag,
};
const ids = list(text(255), 100, 0);
const typed = {
  ...actionable,
  placeholder: plain(150),
  focus_on_load: flag,
  dispatch_action_config: anything,
};

const image = needsOne(
  fields({ alt_text: text(2_000) }, { image_url: address, slack_file: anything }),
  ['image_url', 'slack_file'],
  'exactly',
);

const button = fields(
  { text: plain(75) },
  { ...actionable, value: text(2_000), url: address, style, confirm, accessibility_label: text(75) },
);

const pressable = {
  button,
  checkboxes: fields({ options: list(richOption, 10) }, { ...asked, initial_options: list(richOption, 10) }),
  radio_buttons: fields({ options: list(richOption, 10) }, { ...asked, initial_option: richOption }),
  datepicker: select({ initial_date: text(10, 10, /^\d{4}-\d{2}-\d{2}$/) }, holding),
  timepicker: select({ initial_time: text(5, 5, /^\d{2}:\d{2}$/), timezone: text(64) }, holding),
  datetimepicker: select({ initial_date_time: whole(1_000_000_000, 9_999_999_999) }, asked),
  static_select: staticSelect({ initial_option: plainOption }, holding),
  multi_static_select: staticSelect({ initial_options: list(plainOption, 100) }, several),
  external_select: select({ initial_option: plainOption, min_query_length: whole(0, 255) }, holding),
  multi_external_select: select(
    { initial_options: list(plainOption, 100), min_query_length: whole(0, 255) },
    several,
  ),
  users_select: select({ initial_user: text(255) }, holding),
  multi_users_select: select({ initial_users: ids }, several),
  channels_select: select({ initial_channel: text(255), response_url_enabled: flag }, holding),
  multi_channels_select: select({ initial_channels: ids }, several),
  conversations_select: select({ initial_conversation: text(255), ...conversationFilter }, holding),
  multi_conversations_select: select({ initial_conversations: ids, ...conversationFilter }, several),
};

const overflow = fields({ options: list(plainOption, 5) }, { ...actionable, confirm });

const richInput = fields(
  {},
  { ...typed, initial_value: anything, min_lines: whole(1, 100), max_lines: whole(1, 100) },
);

/** What an `actions` block may hold. */
export const actionElement: Rule = byType({ ...pressable, overflow, rich_text_input: richInput });

/** What may stand beside the text of a section. */
export const accessory: Rule = byType({ ...pressable, overflow, image });

/** What a `context` block may hold. */
export const contextElement: Rule = byType({
  image,
  plain_text: fields({ text: text(3_000) }, emojiFlag),
  mrkdwn: fields({ text: text(3_000) }, { verbatim: flag }),
});

/** What an `input` block may hold. */
export const inputElement: Rule = byType({
  ...withoutButton(),
  plain_text_input: fields(
    {},
    {
      ...typed,
      multiline: flag,
      initial_value: text(3_000, 0),
      min_length: whole(0, 3_000),
      max_length: whole(1, 3_000),
    },
  ),
  email_text_input: fields({}, { ...typed, initial_value: text(3_000, 0) }),
  url_text_input: fields({}, { ...typed, initial_value: text(3_000, 0) }),
  number_input: fields(
    { is_decimal_allowed: flag },
    { ...typed, initial_value: text(255, 0), min_value: text(255), max_value: text(255) },
  ),
  file_input: fields({}, { ...actionable, filetypes: list(text(20), 100), max_files: whole(1, 10) }),
  rich_text_input: richInput,
});

/** What a `context_actions` block may hold. */
export const contextAction: Rule = byType({
  feedback_buttons: fields({ positive_button: feedback(), negative_button: feedback() }, actionable),
  icon_button: fields(
    { icon: text(50), text: plain(75) },
    {
      ...actionable,
      value: text(2_000),
      confirm,
      accessibility_label: text(75),
      visible_to_user_ids: ids,
    },
  ),
});

/** A button of a card. */
export const cardButton: Rule = byType({ button });

export const pictureElement: Rule = byType({ image });

function feedback(): Rule {
  return fields({ text: plain(75), value: text(2_000) }, { accessibility_label: text(75) });
}

function withoutButton(): Readonly<Record<string, Rule>> {
  const { button: _button, ...rest } = pressable;
  return rest;
}

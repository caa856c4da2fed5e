// What a person fills into inputs, in the form in which Slack reports it, and what Slack objects to before it sends anything.

import type { ViewOutput } from '@slack/bolt';
import { elementsOf } from './blocks-walk.ts';
import { innerText, isJson, type Json, listOf, textOf, type WireBlock } from './json.ts';

export type State = Record<string, Record<string, Json>>;

type Reported = ViewOutput['state']['values'];

function isReported(state: State): state is State & Reported {
  return Object.values(state).every((actions) =>
    Object.values(actions).every((value) => typeof value.type === 'string'),
  );
}

/** The state as Bolt's type has it. Every value was made here, so each has its type. */
export function reported(state: State): Reported {
  if (!isReported(state)) throw new Error('a state without a type');
  return state;
}

interface Kind {
  /** Field of the state that holds the value. */
  readonly field: string;
  readonly initial: string;
  readonly many: boolean;
  /** What the value is made of. */
  readonly of: 'text' | 'option' | 'id';
}

function kind(field: string, initial: string, of: Kind['of'], many = false): Kind {
  return { field, initial, of, many };
}

const KINDS: Readonly<Record<string, Kind>> = {
  plain_text_input: kind('value', 'initial_value', 'text'),
  email_text_input: kind('value', 'initial_value', 'text'),
  url_text_input: kind('value', 'initial_value', 'text'),
  number_input: kind('value', 'initial_value', 'text'),
  datepicker: kind('selected_date', 'initial_date', 'text'),
  timepicker: kind('selected_time', 'initial_time', 'text'),
  static_select: kind('selected_option', 'initial_option', 'option'),
  external_select: kind('selected_option', 'initial_option', 'option'),
  radio_buttons: kind('selected_option', 'initial_option', 'option'),
  checkboxes: kind('selected_options', 'initial_options', 'option', true),
  multi_static_select: kind('selected_options', 'initial_options', 'option', true),
  multi_external_select: kind('selected_options', 'initial_options', 'option', true),
  users_select: kind('selected_user', 'initial_user', 'id'),
  multi_users_select: kind('selected_users', 'initial_users', 'id', true),
  channels_select: kind('selected_channel', 'initial_channel', 'id'),
  conversations_select: kind('selected_conversation', 'initial_conversation', 'id'),
};

/** The state of every input before anybody touched it. */
export function initialState(blocks: readonly WireBlock[]): State {
  const state: State = {};
  for (const { block, element } of blocks.flatMap(elementsOf)) {
    const type = textOf(element.type);
    const known = KINDS[type];
    if (known === undefined) continue;
    const value = element[known.initial] ?? (known.many ? [] : null);
    state[block.block_id] = {
      ...state[block.block_id],
      [textOf(element.action_id)]: { type, [known.field]: value },
    };
  }
  return state;
}

/** Every option of a select, radio or checkbox element. */
export function optionsOf(holder: Json): readonly Json[] {
  return [
    ...listOf(holder.options),
    ...listOf(holder.option_groups).flatMap((group) => listOf(group.options)),
  ];
}

/** The option with this text or value. */
export function findOption(options: readonly Json[], wanted: string): Json {
  const found = options.find(({ text, value }) => innerText(text) === wanted || value === wanted);
  if (found !== undefined) return found;
  const offered = options.map(({ text }) => innerText(text)).join(', ');
  throw new Error(`there is no option "${wanted}"; offered are: ${offered || 'none'}`);
}

/** The state of `element` after `wanted` was entered; `options` are those that it offers at this moment. */
export function entered(element: Json, wanted: string | readonly string[], options: readonly Json[]): Json {
  const type = textOf(element.type);
  const known = KINDS[type];
  if (known === undefined) throw new Error(`the practice driver cannot fill in a ${type}`);
  const words = typeof wanted === 'string' ? [wanted] : wanted;
  const values = known.of === 'option' ? words.map((word) => findOption(options, word)) : words;
  const value = known.many ? values : values[0] === '' ? null : (values[0] ?? null);
  return { type, [known.field]: value };
}

/** What Slack says beside an input that cannot be sent so; null when it can. */
export function objectionTo(block: WireBlock, state: Json | undefined): string | null {
  const element = isJson(block.element) ? block.element : {};
  const known = KINDS[textOf(element.type)];
  if (known === undefined) return null;
  const value = state?.[known.field];
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0))
    return block.optional === true ? null : 'Please complete this required field.';
  return typeof value === 'string' && known.field === 'value' ? objectionToText(element, value) : null;
}

function objectionToText(element: Json, value: string): string | null {
  const { min_length, max_length } = element;
  if (typeof min_length === 'number' && value.length < min_length)
    return `This entry must be at least ${min_length} characters long.`;
  const longest = typeof max_length === 'number' ? max_length : 3_000;
  if (value.length > longest) return `This entry must be at most ${longest} characters long.`;
  if (element.type === 'number_input' && !isNumber(element, value)) return 'Please enter a valid number.';
  if (element.type === 'url_text_input' && !/^https?:\/\/\S+$/.test(value))
    return 'Please enter a valid URL.';
  if (element.type === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(value))
    return 'Please enter a valid email address.';
  return null;
}

function isNumber(element: Json, value: string): boolean {
  const shape = element.is_decimal_allowed === true ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  const number = Number(value);
  const min = Number(element.min_value ?? Number.NEGATIVE_INFINITY);
  const max = Number(element.max_value ?? Number.POSITIVE_INFINITY);
  return shape.test(value) && number >= min && number <= max;
}

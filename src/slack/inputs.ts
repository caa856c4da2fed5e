// What was written and chosen in a modal, whatever kind of element a field is.

import { at, textAt } from './payload.ts';

/** The value of a field by its block id; empty where nothing was written or chosen. */
export function inputValue(view: unknown, field: string): string {
  const elements = at(view, 'state', 'values', field);
  const element = typeof elements === 'object' && elements !== null ? Object.values(elements)[0] : undefined;
  const chosen = at(element, 'selected_options');
  const first: unknown = Array.isArray(chosen) ? chosen[0] : undefined;
  return (
    textAt(element, 'value') ??
    textAt(element, 'selected_option', 'value') ??
    textAt(element, 'selected_user') ??
    textAt(first, 'value') ??
    ''
  );
}

/** Whether the modal has this field: Slack takes errors only for fields that are there. */
export function hasField(view: unknown, field: string): boolean {
  const blocks = at(view, 'blocks');
  return Array.isArray(blocks) && blocks.some((block: unknown) => textAt(block, 'block_id') === field);
}

// What happens when a modal is submitted or closed: what is not complete is not sent, and the bot's answer may refuse, change,
// stack or clear.

import type { Delivered, Delivery } from './delivery.ts';
import { objectionTo } from './form.ts';
import { innerText, isJson, type Json, textOf } from './json.ts';
import { closedPayload, submissionPayload } from './payloads.ts';
import type { PracticePerson } from './people.ts';
import { checkedView, fill, newView, STACK, stackOf } from './views.ts';
import { Refusal } from './wire.ts';
import { addNotice, type View, type World } from './world.ts';

export interface SubmitOutcome {
  /** `not_sent`: Slack itself objected. `failed`: no answer in time, or one that Slack cannot use; the modal stays open. */
  readonly outcome: 'not_sent' | 'failed' | 'closed' | 'errors' | 'updated' | 'pushed' | 'cleared';
  /** By the label of the input. */
  readonly errors: Readonly<Record<string, string>>;
}

const TROUBLE = 'We had some trouble connecting. Try again?';

export async function submitView(
  world: World,
  delivery: Delivery,
  person: PracticePerson,
  view: View,
): Promise<SubmitOutcome> {
  if (view.body.submit === undefined) throw new Error('this modal has no submit button');
  view.errors = objections(view);
  if (Object.keys(view.errors).length > 0) return { outcome: 'not_sent', errors: byLabel(view) };
  const delivered = await delivery.deliver('interactive', submissionPayload(world, person, view), true);
  const outcome = settled(world, person, view, delivered);
  world.changed();
  return { outcome, errors: byLabel(view) };
}

function objections(view: View): Record<string, string> {
  const found: Record<string, string> = {};
  for (const block of view.blocks) {
    if (block.type !== 'input' || !isJson(block.element)) continue;
    const state = view.state[block.block_id]?.[textOf(block.element.action_id)];
    const objection = objectionTo(block, state);
    if (objection !== null) found[block.block_id] = objection;
  }
  return found;
}

function byLabel(view: View): Record<string, string> {
  const labels = new Map(view.blocks.map((block) => [block.block_id, innerText(block.label)]));
  return Object.fromEntries(Object.entries(view.errors).map(([id, words]) => [labels.get(id) || id, words]));
}

function settled(
  world: World,
  person: PracticePerson,
  view: View,
  delivered: Delivered,
): SubmitOutcome['outcome'] {
  if (delivered.outcome !== 'acked') return failed(world, person, delivered.outcome);
  const answer = isJson(delivered.payload) ? delivered.payload : {};
  try {
    return answered(world, person, view, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    world.complaints.push(`view_submission: ${error.error} ${JSON.stringify(error.more)}`);
    return failed(world, person, error.error);
  }
}

function failed(world: World, person: PracticePerson, error: string): 'failed' {
  addNotice(world, { user: person.id, text: TROUBLE, error });
  return 'failed';
}

function answered(world: World, person: PracticePerson, view: View, answer: Json): SubmitOutcome['outcome'] {
  const stack = stackOf(world, person.id);
  switch (answer.response_action) {
    case undefined:
      if (Object.keys(answer).length > 0) throw new Refusal('invalid_response_action');
      world.modals.set(
        person.id,
        stack.filter((one) => one !== view),
      );
      return 'closed';
    case 'clear':
      world.modals.set(person.id, []);
      return 'cleared';
    case 'update':
      fill(world, view, checkedView(world, answer.view, 'modal', view));
      return 'updated';
    case 'push':
      if (stack.length >= STACK) throw new Refusal('push_limit_reached');
      stack.push(newView(world, person.id, 'modal', checkedView(world, answer.view, 'modal', null), view));
      return 'pushed';
    case 'errors':
      view.errors = namedErrors(view, answer.errors);
      return 'errors';
    default:
      throw new Refusal('invalid_response_action');
  }
}

/** Errors must name input blocks of the view; Slack shows nothing for others. */
function namedErrors(view: View, errors: unknown): Record<string, string> {
  const inputs = new Set(view.blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id));
  const entries = Object.entries(isJson(errors) ? errors : {});
  const wrong = entries.filter(([id, words]) => !inputs.has(id) || typeof words !== 'string' || words === '');
  if (entries.length === 0 || wrong.length > 0)
    throw new Refusal('invalid_errors', { blocks: wrong.map(([id]) => id) });
  return Object.fromEntries(entries.map(([id, words]) => [id, textOf(words)]));
}

/** Takes the view from the screen, with all below it when it says so, and tells the bot when it wants to know. */
export async function closeView(
  world: World,
  delivery: Delivery,
  person: PracticePerson,
  view: View,
): Promise<void> {
  const all = view.body.clear_on_close === true;
  const stack = stackOf(world, person.id);
  const gone = all ? [...stack] : [view];
  world.modals.set(
    person.id,
    stack.filter((one) => !gone.includes(one)),
  );
  world.changed();
  for (const one of gone.reverse()) {
    if (one.body.notify_on_close === true)
      await delivery.deliver('interactive', closedPayload(world, person, one, all), false);
  }
}

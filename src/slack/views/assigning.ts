// The form that gives a step to somebody.

import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import type { Case } from '../../domain/incident.ts';
import { instanceName } from '../../domain/incident.ts';
import { encodeTarget, INPUT, MODAL, type Target } from '../ids.ts';
import { type NumberedStep, stepName } from '../step-numbers.ts';
import { form } from './modals.ts';
import { lines, outside, plain } from './words.ts';

/** Slack takes no more options in one select. */
const MOST_STEPS = 100;
const OPTION_TEXT = 75;

/** `steps` are those that can be given; `chosen` and `assignee` are filled in; `why` says what was not understood. */
export function assignModal(
  target: Target,
  subject: Case,
  of: {
    steps: readonly NumberedStep[];
    chosen: NumberedStep | null;
    assignee: string | null;
    why: string | null;
  },
): ModalView {
  const { chosen, assignee, why } = of;
  const offered = of.steps.slice(0, MOST_STEPS);
  if (chosen !== null && !offered.includes(chosen)) offered.splice(-1, 1, chosen);
  const initial = chosen === null ? {} : { initial_option: option(subject, chosen) };
  const about: KnownBlock[] = why === null ? [] : [lines('why', [[outside(why, 300)]])];
  return form({
    id: MODAL.assign,
    title: 'Assign a step',
    submit: 'Assign',
    metadata: encodeTarget(target),
    blocks: [
      ...about,
      {
        type: 'input',
        block_id: INPUT.step,
        label: plain(`Which step of ${target.incident}?`),
        element: {
          type: 'static_select',
          action_id: INPUT.step,
          options: offered.map((one) => option(subject, one)),
          ...initial,
        },
      },
      {
        type: 'input',
        block_id: INPUT.assignee,
        label: plain('To whom?'),
        hint: plain('They are invited to the channel and called there by name. Anyone may take a step on.'),
        element: {
          type: 'users_select',
          action_id: INPUT.assignee,
          ...(assignee === null ? {} : { initial_user: assignee }),
        },
      },
    ],
  });
}

function option(subject: Case, one: NumberedStep): PlainTextOption {
  const name = stepName(subject, one);
  // What tells instances apart stands at the end and is kept.
  const end = name === one.step.title ? '' : ` (${one.subject ?? ''})`;
  const head = outside(`${one.number}. ${one.step.title}`, OPTION_TEXT - end.length);
  return { text: plain(`${head}${end}`), value: instanceName(one.step.id, one.subject) };
}

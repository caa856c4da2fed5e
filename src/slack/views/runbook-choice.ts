// The form that gives an incident another runbook: what has leaked may turn out to be something else.

import type { ModalView, PlainTextOption } from '@slack/types';
import type { Case } from '../../domain/incident.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { encodeTarget, INPUT, MODAL, type Target } from '../ids.ts';
import { form } from './modals.ts';
import { bold, lines, outside, plain } from './words.ts';

/** Slack takes no more options in one select. */
const MOST = 100;
const OPTION_TEXT = 75;

/** `all`: the runbooks of this installation. The one in force is chosen already where it is among them. */
export function runbookModal(target: Target, { runbook }: Case, all: readonly Runbook[]): ModalView {
  const offered = all
    .toSorted((a, b) => Number(b.id === runbook.id) - Number(a.id === runbook.id))
    .slice(0, MOST);
  const current = offered.find(({ id }) => id === runbook.id);
  return form({
    id: MODAL.changeRunbook,
    title: 'Change the runbook',
    submit: 'Change runbook',
    metadata: encodeTarget(target),
    blocks: [
      lines('about', [
        [bold(target.incident), ` follows “${outside(runbook.title, 150)}”.`],
        ['The log stays whole, and a step that both runbooks have stays as it is.'],
      ]),
      {
        type: 'input',
        block_id: INPUT.runbook,
        label: plain('What has leaked?'),
        element: {
          type: 'static_select',
          action_id: INPUT.runbook,
          options: offered.map(option),
          ...(current === undefined ? {} : { initial_option: option(current) }),
        },
      },
    ],
  });
}

function option({ id, title }: Runbook): PlainTextOption {
  return { text: plain(outside(title, OPTION_TEXT)), value: id };
}

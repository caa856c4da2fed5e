// Every form. Titles fit Slack's 24 characters, what a form is about travels in its metadata.

import type { InputBlock, KnownBlock, ModalView, PlainTextInput } from '@slack/types';
import { type Case, keyState } from '../../domain/incident.ts';
import { DEACTIVATE_STEP, findStep, IDENTIFY_STEP, isLive } from '../../domain/progress.ts';
import { encodeTarget, INPUT, MODAL, type Target } from '../ids.ts';
import { guideMrkdwn } from './guide.ts';
import { pickerInput } from './picker.ts';
import { bold, lines, outside, plain, section } from './words.ts';

interface Form {
  readonly id: string;
  readonly title: string;
  readonly submit: string | null;
  readonly metadata?: string;
  readonly blocks: readonly KnownBlock[];
}

export function form({ id, title, submit, metadata = '', blocks }: Form): ModalView {
  return {
    type: 'modal',
    callback_id: id,
    title: plain(title.slice(0, 24)),
    close: plain(submit === null ? 'Close' : 'Cancel'),
    ...(submit === null ? {} : { submit: plain(submit) }),
    private_metadata: metadata,
    blocks: [...blocks],
  };
}

function textInput(
  id: string,
  label: string,
  given: {
    hint?: string;
    placeholder?: string;
    initial?: string;
    optional?: boolean;
    lines?: boolean;
    max?: number;
  },
): InputBlock {
  const element: PlainTextInput = {
    type: 'plain_text_input',
    action_id: id,
    multiline: given.lines ?? false,
    max_length: given.max ?? 3_000,
    ...(given.placeholder === undefined ? {} : { placeholder: plain(given.placeholder) }),
    ...(given.initial === undefined || given.initial === ''
      ? {}
      : { initial_value: given.initial.slice(0, 3_000).toWellFormed() }),
  };
  return {
    type: 'input',
    block_id: id,
    label: plain(label),
    optional: given.optional ?? false,
    element,
    ...(given.hint === undefined ? {} : { hint: plain(given.hint) }),
  };
}

const WHICH_KEY = 'Which key?';
const NAMED_BY = 'Both ends of the key, its id or its name. Never the whole key.';

/** `search`: whether this person may search the keys; otherwise they write what they know. */
export function declareModal(
  prefill: { key: string; where: string },
  { search }: { search: boolean },
): ModalView {
  return form({
    id: MODAL.declare,
    title: 'A key has leaked',
    submit: 'Declare',
    blocks: leakInputs(prefill, search),
  });
}

/** The same questions about a further key of an incident that is open. */
export function addKeyModal(target: Target, { search }: { search: boolean }): ModalView {
  return form({
    id: MODAL.addKey,
    title: 'Add a key',
    submit: 'Add key',
    metadata: encodeTarget(target),
    blocks: [
      section('about', `It joins *${target.incident}*, with a clock of its own for the first phase.`),
      ...leakInputs({ key: '', where: '' }, search),
    ],
  });
}

function leakInputs(prefill: { key: string; where: string }, search: boolean): readonly KnownBlock[] {
  const hint =
    'Its redacted hint, id or name; several with commas. Never the whole key. Leave it empty if you cannot tell.';
  return [
    search
      ? pickerInput({ label: WHICH_KEY, hint, optional: true, typed: prefill.key })
      : textInput(INPUT.key, WHICH_KEY, {
          optional: true,
          placeholder: 'R2D...igAA',
          hint,
          initial: prefill.key,
        }),
    textInput(INPUT.where, 'Where was it seen?', {
      optional: true,
      lines: true,
      placeholder: 'A link or a sentence',
      initial: prefill.where,
    }),
  ];
}

export function nameKeyModal(target: Target, { incident }: Case, { search }: { search: boolean }): ModalView {
  const key = target.key === null ? null : keyState(incident, target.key);
  return form({
    id: MODAL.nameKey,
    title: 'Name the key',
    submit: 'Look for it',
    metadata: encodeTarget(target),
    blocks: [
      lines('about', [
        [
          bold(`${incident.id} ${target.key ?? ''} `),
          `reported as: ${outside(key?.words ?? 'nothing yet', 200)}`,
        ],
      ]),
      search
        ? pickerInput({ label: WHICH_KEY, hint: NAMED_BY, optional: false, typed: '' })
        : textInput(INPUT.key, WHICH_KEY, { placeholder: 'R2D...igAA', hint: NAMED_BY }),
    ],
  });
}

export function noteModal(target: Target): ModalView {
  return form({
    id: MODAL.note,
    title: 'Add a note',
    submit: 'Add note',
    metadata: encodeTarget(target),
    blocks: [
      textInput(INPUT.text, `Note for ${target.incident}`, {
        lines: true,
        hint: 'It stays in the log, with your name and the time. Anything that looks like a key is masked.',
      }),
    ],
  });
}

function falseAlarm(id: string, label: string, resolved: string): InputBlock {
  const option = (text: string, value: string) => ({ text: plain(text), value });
  return {
    type: 'input',
    block_id: id,
    label: plain(label),
    element: {
      type: 'radio_buttons',
      action_id: id,
      initial_option: option(resolved, 'resolved'),
      options: [option(resolved, 'resolved'), option('False alarm: no key leaked', 'false_alarm')],
    },
  };
}

export function skipModal(target: Target, subject: Case): ModalView {
  const step = target.step === null ? null : findStep(subject.runbook, target.step);
  const overLiveKey = target.step === DEACTIVATE_STEP || target.step === IDENTIFY_STEP;
  return form({
    id: MODAL.skip,
    title: 'Skip a step',
    submit: 'Skip',
    metadata: encodeTarget(target),
    blocks: [
      lines('about', [
        [bold(step?.title ?? target.step ?? ''), target.key === null ? '' : ` (${target.key})`],
      ]),
      ...(overLiveKey
        ? [
            section(
              'warning',
              'The key may still live. Skipping this takes a manager, or the verdict *False alarm*.',
            ),
            falseAlarm(INPUT.verdict, 'Why is it skipped?', 'For another reason'),
          ]
        : []),
      textInput(INPUT.reason, 'Reason', {
        lines: true,
        hint: 'One sentence that a reader in nine months will understand.',
      }),
    ],
  });
}

export function closeModal(target: Target, { incident }: Case): ModalView {
  const live = incident.keys.filter((key) => isLive(incident, key));
  return form({
    id: MODAL.close,
    title: 'Close the incident',
    submit: 'Close incident',
    metadata: encodeTarget(target),
    blocks: [
      ...(live.length === 0
        ? []
        : [
            section(
              'warning',
              `*${live.length === 1 ? 'A key is' : `${live.length} keys are`} not known to be dead.* Closing over it takes a manager and a reason, or the verdict *False alarm*.`,
            ),
          ]),
      falseAlarm(INPUT.verdict, 'How did it end?', 'Resolved'),
      textInput(INPUT.reason, 'In a sentence', { lines: true, optional: live.length === 0 }),
    ],
  });
}

export function guideModal(target: Target, subject: Case): ModalView {
  const step = target.step === null ? null : findStep(subject.runbook, target.step);
  return form({
    id: MODAL.guide,
    title: 'How to',
    submit: null,
    blocks: [
      lines('about', [[bold(step?.title ?? 'This step is not in the runbook')]]),
      ...(step === null ? [] : [section('guide', guideMrkdwn(step.guide))]),
    ],
  });
}

/** Takes the place of a form. `text` is shown as it is. */
export function noticeModal(title: string, text: string): ModalView {
  return form({
    id: 'kl_notice',
    title,
    submit: null,
    blocks: [
      { type: 'section', block_id: 'notice', text: plain(text.slice(0, 3_000).toWellFormed().trim() || '-') },
    ],
  });
}

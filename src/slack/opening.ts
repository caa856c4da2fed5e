// Opens a modal while its trigger lives. Whoever waits is told in time that it did not open, whatever Slack does.

import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Alarm } from '../domain/clock.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { createOnce } from './once.ts';
import { asRemoteError } from './remote.ts';

/** Null when the modal is open, else why it is not. The same trigger again opens nothing and answers the same. */
export type OpenModal = (trigger: string | null, view: ModalView) => Promise<RemoteError | null>;

/** A trigger lives three seconds, and so does the chance to acknowledge. */
const WITHIN_MS = 2_000;

export function createOpenModal(parts: { client: WebClient; alarm: Alarm }): OpenModal {
  const once = createOnce<RemoteError | null>();

  function open(trigger: string, view: ModalView): Promise<RemoteError | null> {
    return new Promise((resolve) => {
      const cancel = parts.alarm(WITHIN_MS, () => resolve(late()));
      parts.client.views
        .open({ trigger_id: trigger, view })
        .then(
          () => resolve(null),
          (error: unknown) => resolve(asRemoteError(error, 'open the form')),
        )
        .finally(cancel);
    });
  }

  return (trigger, view) =>
    trigger === null ? Promise.resolve(late()) : once(trigger, () => open(trigger, view));
}

function late(): RemoteError {
  return new RemoteError(
    'KL_SLACK_FORM_LATE',
    'Slack did not open the form in time.',
    'Press or type it again.',
    { outcome: 'unknown', reason: 'late' },
  );
}

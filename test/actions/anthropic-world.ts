// What an action at the provider is given: an incident played by decisions, the real provider over the practice Anthropic.

import type { Case } from '../../src/domain/incident.ts';
import type { KeyFacts } from '../../src/domain/key.ts';
import type { ActionWorld, Chat, KeyProvider } from '../../src/domain/ports.ts';
import { RemoteError } from '../../src/domain/remote-error.ts';
import type { Run } from '../../src/domain/run.ts';
import { never } from '../providers/anthropic-rig.ts';
import { claimed, exactMatch, play, T0 } from '../support/cases.ts';

export const NOW = T0 + 9_000;

/** The incident after `key` was identified, as `k1`. */
export function identified(key: KeyFacts): Case {
  const incident = play();
  incident.observe('identify-key', exactMatch(key));
  return incident.subject;
}

/** A run of `step` for `k1`. */
export function runOf(step: string, change: Partial<Run> = {}): Run {
  return claimed(
    {
      step,
      subject: 'k1',
      generation: 1,
      action: `anthropic/${step}@1`,
      input: {},
      actor: 'U0RESPONDER',
      notBefore: T0,
    },
    change,
  );
}

export function world(
  subject: Case,
  run: Run,
  provider: KeyProvider | null,
  chat: Chat | null = null,
): ActionWorld {
  return {
    case: subject,
    run,
    provider,
    chat,
    pager: null,
    fingerprint: '',
    headAt: () => Promise.resolve(''),
    pause: () => Promise.resolve(),
    now: () => NOW,
    signal: never,
  };
}

/** A chat that can only look people up; anything else it is asked for fails the test. */
export function addressBook(userByEmail: Chat['userByEmail']): Chat {
  const elsewhere = (): never => {
    throw new Error('nothing but a look-up was expected');
  };
  return {
    userByEmail,
    openChannel: elsewhere,
    findChannel: elsewhere,
    fallbackChannel: elsewhere,
    openDirect: elsewhere,
    invite: elsewhere,
    post: elsewhere,
    findPost: elsewhere,
    edit: elsewhere,
    remove: elsewhere,
    pin: elsewhere,
    responders: elsewhere,
    managers: elsewhere,
  };
}

export function slackError(outcome: RemoteError['outcome']): RemoteError {
  return new RemoteError('KL_TEST', 'Slack failed.', 'Wait.', { outcome, reason: outcome });
}

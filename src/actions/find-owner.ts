// Finds the person behind a key: by the provider their name and address, by the address their Slack user. The address
// itself goes no further.

import type { Action, ActionWorld } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { MAX_ATTEMPTS } from '../domain/run.ts';
import { confirmedKey, providerOf } from './provider-of.ts';

/**
 * Observes `owner`: null when the key names none or the provider no longer knows them. A service account is reported by
 * its id alone. Slack not answering is tried again up to the last attempt, which reports the owner without a Slack user.
 */
export const findOwner: Action = {
  name: 'anthropic/find-owner@1',
  effect: 'read',
  needs: 'provider',
  maxAttempts: MAX_ATTEMPTS,
  async perform(world) {
    const { owner } = confirmedKey(world);
    if (owner === null) return { type: 'owner', owner: null };
    if (owner.type === 'service_account')
      return { type: 'owner', owner: { ...owner, name: null, slack_user: null } };
    const person = await providerOf(world).owner(owner, world.signal);
    if (person === null) return { type: 'owner', owner: null };
    return {
      type: 'owner',
      owner: { ...owner, name: person.name, slack_user: await slackUser(world, person.email) },
    };
  },
};

/** Null when Slack says that nobody has this address or that it may not be asked, and when it was silent to the last. */
async function slackUser({ chat, run, signal }: ActionWorld, email: string | null): Promise<string | null> {
  if (chat === null || email === null) return null;
  try {
    return await chat.userByEmail(email, signal);
  } catch (error) {
    const final = error instanceof RemoteError && error.outcome === 'refused';
    if (final || run.attempt >= MAX_ATTEMPTS) return null;
    throw error;
  }
}

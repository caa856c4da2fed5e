// Kills the confirmed key, and no other: retrieve, compare with what was confirmed, deactivate, retrieve again. Only what
// the last retrieval says is reported; the answer to our own request proves nothing.

import type { KeyFacts } from '../domain/key.ts';
import type { Action, KeyProvider, Observation } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';
import { MAX_ATTEMPTS } from '../domain/run.ts';
import { createPatience } from './patiently.ts';
import { confirmedKey, providerOf } from './provider-of.ts';

type Retrieved = Awaited<ReturnType<KeyProvider['retrieve']>>;

/**
 * Observes `status`. A key that is not active already is left alone and reported as it is. With `input.mode` `check`
 * nothing is changed: an active key is KL_KEY_STILL_ACTIVE, refused. Observes `changed`, with nothing done, when the key
 * is not what was confirmed. KL_KEY_STILL_ACTIVE and KL_KEY_UNVERIFIED, unknown: asked for, but not confirmed dead.
 */
export const deactivateKey: Action = {
  name: 'anthropic/deactivate-key@1',
  effect: 'idempotent',
  needs: 'provider',
  maxAttempts: MAX_ATTEMPTS,
  async perform(world) {
    const provider = providerOf(world);
    const confirmed = confirmedKey(world);
    const patiently = createPatience(world);
    const before = await patiently(() => provider.retrieve(confirmed.id, world.signal));
    if (!isSameKey(before.key, confirmed)) {
      return { type: 'changed', found: withWorkspaceOf(confirmed, before.key), readAt: world.now() };
    }
    if (before.key.status !== 'active') return observed(confirmed, before, before, world.now());
    if (world.run.input.mode === 'check') throw stillActive('refused', before.requestId);
    const refusal = await tryToDeactivate(() =>
      patiently(() => provider.deactivate(confirmed.id, world.signal)),
    );
    const after = await readBack(
      () => patiently(() => provider.retrieve(confirmed.id, world.signal)),
      refusal,
    );
    if (after.key.status !== 'active') return observed(confirmed, before, after, world.now());
    throw refusal ?? stillActive('unknown', after.requestId);
  },
};

/** Names of workspaces are not compared: the provider gives them in listings only. */
function isSameKey(now: KeyFacts, confirmed: KeyFacts): boolean {
  return (
    now.id === confirmed.id &&
    now.name === confirmed.name &&
    now.hint === confirmed.hint &&
    now.scope === confirmed.scope &&
    now.workspace?.id === confirmed.workspace?.id
  );
}

/** The provider's refusal, or null. A key that expires or is archived this very moment is refused too, and is dead. */
async function tryToDeactivate(deactivate: () => Promise<unknown>): Promise<RemoteError | null> {
  try {
    await deactivate();
    return null;
  } catch (error) {
    if (error instanceof RemoteError && error.outcome === 'refused') return error;
    throw error;
  }
}

async function readBack(retrieve: () => Promise<Retrieved>, refusal: RemoteError | null): Promise<Retrieved> {
  try {
    return await retrieve();
  } catch (error) {
    throw refusal ?? (error instanceof RemoteError ? unverified(error) : error);
  }
}

function observed(confirmed: KeyFacts, before: Retrieved, after: Retrieved, now: number): Observation {
  return {
    type: 'status',
    before: withWorkspaceOf(confirmed, before.key),
    after: withWorkspaceOf(confirmed, after.key),
    observedAt: now,
    requestId: after.requestId,
  };
}

function withWorkspaceOf(confirmed: KeyFacts, key: KeyFacts): KeyFacts {
  return key.workspace?.id === confirmed.workspace?.id ? { ...key, workspace: confirmed.workspace } : key;
}

function stillActive(outcome: 'refused' | 'unknown', requestId: string | null): RemoteError {
  return new RemoteError(
    'KL_KEY_STILL_ACTIVE',
    'The provider still says active, so the key is not dead.',
    outcome === 'refused'
      ? 'Press Deactivate key, or disable it in the Console by the guide and press Mark done again.'
      : 'keyleak asks again by itself. Disable the key in the Console by the guide if you can be quicker.',
    { outcome, reason: 'active', requestId },
  );
}

/** Whatever kept the key from being read back, the deactivation before it may have happened. */
function unverified(error: RemoteError): RemoteError {
  return new RemoteError(
    'KL_KEY_UNVERIFIED',
    'The deactivation was sent, but the key could not be read back, so it is not known to be dead.',
    'keyleak reads it back by itself. Look at the key in the Console meanwhile; if it says active, follow the guide.',
    {
      outcome: 'unknown',
      reason: error.reason,
      retryAfterMs: error.retryAfterMs,
      requestId: error.requestId,
      cause: error,
    },
  );
}

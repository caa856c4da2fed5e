// What every action at the provider starts from: a provider that is configured and a key that is identified.

import { keyState } from '../domain/incident.ts';
import type { KeyFacts } from '../domain/key.ts';
import type { ActionWorld, KeyProvider } from '../domain/ports.ts';
import { RemoteError } from '../domain/remote-error.ts';

/** The incident's provider. Throws KL_PROVIDER_MISSING, refused. */
export function providerOf(world: ActionWorld): KeyProvider {
  if (world.provider !== null) return world.provider;
  throw new RemoteError(
    'KL_PROVIDER_MISSING',
    'keyleak has no admin key for this provider, so it cannot do the step; nothing was done.',
    'Do the step in the Console by its guide, then press Mark done.',
    { outcome: 'refused', reason: 'no provider' },
  );
}

/** The run's key as it was identified and confirmed. Throws KL_KEY_UNIDENTIFIED, refused. */
export function confirmedKey({ case: subject, run }: ActionWorld): KeyFacts {
  const facts = keyState(subject.incident, run.subject)?.facts;
  if (facts) return facts;
  throw new RemoteError(
    'KL_KEY_UNIDENTIFIED',
    'It is not known yet which key this is, so nothing was done.',
    'Press the button with the right key’s name, or Name the key.',
    { outcome: 'refused', reason: 'no key' },
  );
}

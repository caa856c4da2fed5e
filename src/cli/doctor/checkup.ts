// A checkup: questions that are asked one by one, each with its own time, none of which keeps the others from being asked.

import { errorFacts } from '../../domain/errors.ts';
import { RemoteError } from '../../domain/remote-error.ts';

export type State = 'ok' | 'warning' | 'failed' | 'skipped';

/** What was found, in one sentence; `fix` is the next step, null where there is nothing to do. */
export interface Finding {
  readonly state: State;
  readonly found: string;
  readonly fix: string | null;
}

export interface Check {
  /** One or two words, the same in every version: scripts look for it. */
  readonly name: string;
  /** Throws KeyleakError, which then is the finding. Must leave nothing behind and change nothing. */
  ask(signal: AbortSignal): Promise<Finding>;
}

export type Asked = Finding & { readonly name: string };

/** No single question may hold up the rest for longer. */
export const WITHIN_MS = 8_000;

export const ok = (found: string): Finding => ({ state: 'ok', found, fix: null });
export const warning = (found: string, fix: string): Finding => ({ state: 'warning', found, fix });
export const failed = (found: string, fix: string): Finding => ({ state: 'failed', found, fix });
/** `why` says what has to be right first. */
export const skipped = (why: string): Finding => ({ state: 'skipped', found: why, fix: null });

const UNFORESEEN = {
  code: 'KL_UNEXPECTED',
  message: 'This could not be checked: keyleak failed in a way nobody planned for.',
  next: 'Report it, with the version of keyleak and of node.',
} as const;

export async function askOne({ name, ask }: Check): Promise<Asked> {
  const late = AbortSignal.timeout(WITHIN_MS);
  const gaveUp = new Promise<Finding>((resolve) => {
    late.addEventListener('abort', () =>
      resolve(
        failed(
          `No answer within ${WITHIN_MS / 1_000} seconds.`,
          'Check the network and a proxy between, then run it again.',
        ),
      ),
    );
  });
  try {
    return { name, ...(await Promise.race([ask(late), gaveUp])) };
  } catch (error) {
    // Elsewhere keyleak tries again by itself; here somebody is waiting to mend it.
    if (error instanceof RemoteError && error.outcome !== 'refused')
      return {
        name,
        ...failed(
          `No usable answer (${error.reason}).`,
          'Check that this machine reaches it: network, DNS, proxy.',
        ),
      };
    const { message, next } = errorFacts(error, UNFORESEEN);
    return { name, ...failed(message, next) };
  }
}

// Waiting at the command line for what the log will say, with every failed attempt told as it comes.

import type { EntryData } from '../domain/entry.ts';
import { type ErrorFacts, KeyleakError } from '../domain/errors.ts';
import { DEACTIVATE_STEP, IDENTIFY_STEP } from '../domain/progress.ts';
import type { BreakGlass, Sight } from './break-glass.ts';
import type { Io } from './io.ts';

/** A person at 03:00 waits no longer; what is not known by then has another way. */
export const WAIT_MS = 60_000;
const LOOK_EVERY_MS = 150;
const STILL_EVERY_MS = 10_000;

/** Looks again and again until `done`, at most a minute; the last sight, null when there is no such incident. */
export async function wait(
  io: Io,
  glass: BreakGlass,
  incident: string,
  done: (sight: Sight) => boolean,
): Promise<Sight | null> {
  const begun = io.now();
  let told: number | null = null;
  let spokeAt = begun;
  for (;;) {
    const sight = await glass.look(incident);
    if (sight === null) return null;
    // What failed before this command is old news.
    for (const line of told === null ? [] : failuresAfter(sight, told)) {
      await io.err(`${line}\n`);
      spokeAt = io.now();
    }
    told = sight.case.incident.seq;
    const now = io.now();
    if (done(sight) || now - begun >= WAIT_MS) return sight;
    if (now - spokeAt >= STILL_EVERY_MS) {
      await io.err(`Still waiting for the provider (${Math.round((now - begun) / 1_000)} s) …\n`);
      spokeAt = now;
    }
    await glass.pause(LOOK_EVERY_MS);
  }
}

const WATCHED: ReadonlySet<string> = new Set([IDENTIFY_STEP, DEACTIVATE_STEP]);

function failuresAfter({ entries }: Sight, seq: number): readonly string[] {
  return entries.flatMap(({ entry }) => {
    if (entry.seq <= seq || entry.kind !== 'action.failed' || !WATCHED.has(entry.data.step)) return [];
    if (entry.data.follow_up !== 'retry') return [];
    const { step, key, attempt, message } = entry.data;
    return [`${step} ${key ?? ''}, attempt ${attempt}: ${message} Trying again.`];
  });
}

/** The last failure of this step for this key, if nothing was tried anew since; null when there is none. */
export function lastFailure(sight: Sight, step: string, key: string): EntryData['action.failed'] | null {
  for (const { entry } of sight.entries.toReversed()) {
    if (entry.kind === 'step.started' && entry.data.step === step && entry.data.key === key) return null;
    if (entry.kind === 'action.failed' && entry.data.step === step && entry.data.key === key)
      return entry.data;
  }
  return null;
}

/** Next steps that speak of buttons, as they are done at the command line. */
const NEXT: Readonly<Record<string, (incident: string) => string>> = {
  KL_INCIDENT_UNKNOWN: () => 'See which there are with keyleak list.',
  KL_INCIDENT_CLOSED: () =>
    'If the key is still a danger, declare it anew: keyleak declare KEY --reason TEXT.',
  KL_KEY_CHANGED: (id) =>
    `Look at the key with keyleak show ${id}, then name it by its id: keyleak deactivate ${id} --key ID --reason TEXT.`,
  KL_KEY_KNOWN: (id) => `Name it: keyleak deactivate ${id} --key k1 --reason TEXT.`,
  KL_KEY_STILL_ACTIVE: (id) =>
    `Run keyleak deactivate ${id} once more, or disable the key in the provider’s console.`,
  KL_NOTE_EMPTY: (id) => `Write what you saw or did: keyleak note ${id} TEXT.`,
  KL_STEP_TOO_EARLY: (id) => `See with keyleak show ${id} what comes first.`,
  KL_STEP_UNKNOWN: (id) => `See with keyleak show ${id} what is to be done here.`,
};

/** A refusal or failure as it is told at the command line. */
export function refusalAt({ code, message, next }: ErrorFacts, incident: string): KeyleakError {
  return new KeyleakError(code, message, NEXT[code]?.(incident) ?? next);
}

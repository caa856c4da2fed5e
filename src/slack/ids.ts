// The names under which buttons and modals come back, and what they carry. Views write them, handlers read them.

/** `action_id` of every button. */
export const ACTION = {
  deactivate: 'kl_deactivate',
  identify: 'kl_identify',
  nameKey: 'kl_name_key',
  complete: 'kl_complete',
  skip: 'kl_skip',
  guide: 'kl_guide',
  note: 'kl_note',
  close: 'kl_close',
  /** Buttons that only open a link; Slack still sends the click. */
  link: 'kl_link',
} as const;

/** `callback_id` of every modal. */
export const MODAL = {
  declare: 'kl_declare',
  nameKey: 'kl_name_key',
  note: 'kl_note',
  skip: 'kl_skip',
  close: 'kl_close',
  guide: 'kl_guide',
} as const;

/** `block_id` and `action_id` of every modal input (each block has one element of the same name). */
export const INPUT = {
  key: 'key',
  where: 'where',
  text: 'text',
  reason: 'reason',
  verdict: 'verdict',
} as const;

/** What a button's `value` or a modal's `private_metadata` says it is about. */
export interface Target {
  readonly incident: string;
  readonly step: string | null;
  /** Local name of the key, such as `k1`. */
  readonly key: string | null;
  /** Provider id of the key that the button names. */
  readonly candidate: string | null;
}

/** At most some 200 characters: far below Slack's 2,000 for a value. */
export function encodeTarget(target: Target): string {
  return JSON.stringify([target.incident, target.step, target.key, target.candidate]);
}

/** Null for anything that `encodeTarget` did not write. */
export function decodeTarget(value: string | undefined): Target | null {
  let parts: unknown;
  try {
    parts = JSON.parse(value ?? '');
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 4) return null;
  const [incident, step, key, candidate]: unknown[] = parts;
  if (typeof incident !== 'string') return null;
  const optional = (part: unknown): part is string | null => part === null || typeof part === 'string';
  if (!optional(step) || !optional(key) || !optional(candidate)) return null;
  return { incident, step, key, candidate };
}

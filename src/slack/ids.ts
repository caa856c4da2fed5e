// The names under which buttons and modals come back, and what they carry. Views write them, handlers read them.

/** `action_id` of every button. */
export const ACTION = {
  deactivate: 'kl_deactivate',
  deactivateAll: 'kl_deactivate_all',
  /** Any step that keyleak can do, or look into, by itself. */
  perform: 'kl_perform',
  deployed: 'kl_deployed',
  identify: 'kl_identify',
  nameKey: 'kl_name_key',
  complete: 'kl_complete',
  skip: 'kl_skip',
  guide: 'kl_guide',
  note: 'kl_note',
  close: 'kl_close',
  assign: 'kl_assign',
  addKey: 'kl_add_key',
  changeRunbook: 'kl_change_runbook',
  /** Pages of a log, or of the list of incidents. */
  timeline: 'kl_timeline',
  list: 'kl_list',
  /** Opens the form of the declaration. */
  declare: 'kl_declare',
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
  assign: 'kl_assign',
  addKey: 'kl_add_key',
  changeRunbook: 'kl_change_runbook',
} as const;

/** `block_id` and `action_id` of every modal input (each block has one element of the same name). */
export const INPUT = {
  key: 'key',
  where: 'where',
  text: 'text',
  reason: 'reason',
  verdict: 'verdict',
  step: 'step',
  assignee: 'assignee',
  runbook: 'runbook',
} as const;

/** Begins the value of a choice in whose search a whole key stood; what follows is masked. */
export const PASTED = 'pasted: ';

/** What a button's `value` or a modal's `private_metadata` says it is about. */
export interface Target {
  readonly incident: string;
  readonly step: string | null;
  /** Local name of the key, such as `k1`. */
  readonly key: string | null;
  /** Provider id of the key that the button names. */
  readonly candidate: string | null;
  /** Name of the affected system that the button is beside. */
  readonly system?: string | null;
}

/** At most some 400 characters: far below Slack's 2,000 for a value. */
export function encodeTarget({ incident, step, key, candidate, system = null }: Target): string {
  const parts = [incident, step, key, candidate];
  return JSON.stringify(system === null ? parts : [...parts, system]);
}

/** Null for anything that `encodeTarget` did not write. */
export function decodeTarget(value: string | undefined): Target | null {
  const parts = parsed(value);
  if (!Array.isArray(parts) || parts.length < 4 || parts.length > 5) return null;
  const [incident, step, key, candidate, system = null]: unknown[] = parts;
  if (typeof incident !== 'string') return null;
  const optional = (part: unknown): part is string | null => part === null || typeof part === 'string';
  if (!optional(step) || !optional(key) || !optional(candidate) || !optional(system)) return null;
  return { incident, step, key, candidate, ...(system === null ? {} : { system }) };
}

/** Several keys of one incident, each with the provider's id that was shown for it. */
export interface SeveralTarget {
  readonly incident: string;
  readonly keys: readonly { readonly key: string; readonly candidate: string }[];
}

/** As long as its keys' ids are: see `fitsValue`. */
export function encodeSeveral({ incident, keys }: SeveralTarget): string {
  return JSON.stringify([incident, keys.map(({ key, candidate }) => [key, candidate])]);
}

/** Null for anything that `encodeSeveral` did not write. */
export function decodeSeveral(value: string | undefined): SeveralTarget | null {
  const parts = parsed(value);
  if (!Array.isArray(parts) || parts.length !== 2) return null;
  const [incident, named]: unknown[] = parts;
  if (typeof incident !== 'string' || !Array.isArray(named)) return null;
  const keys = named.map((pair: unknown) => {
    const [key, candidate]: unknown[] = Array.isArray(pair) ? pair : [];
    return typeof key === 'string' && typeof candidate === 'string' ? { key, candidate } : null;
  });
  return keys.includes(null) ? null : { incident, keys: keys.filter((one) => one !== null) };
}

/** True where Slack takes it as the value of a button. */
export function fitsValue(value: string): boolean {
  return value.length <= 2_000;
}

/** The value of a button as JSON; null for what is none. */
export function parsed(value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? '');
  } catch {
    return null;
  }
}

// JSON as it travels: values of unknown origin, looked at without trust.

export type Json = Readonly<Record<string, unknown>>;

/** A Block Kit block that has passed the linter. */
export interface WireBlock extends Json {
  readonly type: string;
  readonly block_id: string;
}

/**
 * What the SDK's generated response type says, read as the wire has it: enums are their strings, and blocks and metadata
 * travel as they were sent.
 */
export type Wire<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: K extends 'blocks' | 'metadata' | 'state' ? unknown : Wire<T[K]> }
      : T;

/** The body of a successful answer; `ok` is added on the way out. */
export type Answer<T> = Wire<Omit<T, 'ok' | 'error' | 'needed' | 'provided' | 'warning'>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a field; an empty one when it is missing or not a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** The text inside a text object such as `{type: 'mrkdwn', text}`. */
export function innerText(value: unknown): string {
  return isJson(value) ? textOf(value.text) : textOf(value);
}

/** A copy as it would come out at the other end of a wire. */
export function overTheWire(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

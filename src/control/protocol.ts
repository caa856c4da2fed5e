// What is said over the socket between the command line and a running bot: JSON of a known version, checked on both sides.

import { z } from 'zod';
import type { ErrorCode, ErrorFacts } from '../domain/errors.ts';
import { MAX_KEYS } from '../domain/key-words.ts';
import { KEPT } from '../domain/typed-text.ts';

/** Grows with every change that the other side would not understand. */
export const VERSION = 1;

/** A declaration of 20 keys with the longest words fits; nothing else comes near. */
export const MOST_BYTES = 512 * 1024;

/** Letters and digits of any script, and three marks that are harmless in a log, a table and a shell. */
export const OPERATOR = /^[\p{L}\p{N}._-]{1,64}$/u;

const words = z.string().max(KEPT);
const end = z.string().max(12);
const family = z.string().max(32).nullable();

const report = z.strictObject({
  query: z.discriminatedUnion('shape', [
    z.strictObject({ shape: z.literal('id'), id: z.string().max(140) }),
    z.strictObject({ shape: z.literal('hint'), family, start: end, end }),
    z.strictObject({ shape: z.literal('end'), family, start: end.nullable(), end: end.nullable() }),
    z.strictObject({ shape: z.literal('name'), name: words }),
    z.strictObject({ shape: z.literal('none') }),
  ]),
  words,
});

const asked = {
  /** Who asks; `operator:<name>` in the log. */
  operator: z.string().regex(OPERATOR),
  /** The same again is the same command, so that an answer that was lost can be asked for once more. */
  delivery: z.string().regex(/^cli:[0-9a-f]{32}$/),
};
const incident = z.string().regex(/^KL-[1-9][0-9]{0,8}$/);
const key = z.string().regex(/^k[1-9][0-9]{0,8}$/);
const text = words.regex(/\S/);

const command = z.discriminatedUnion('call', [
  /** Asks whether a bot listens, and nothing else. */
  z.strictObject({ call: z.literal('hello') }),
  z.strictObject({
    ...asked,
    call: z.literal('declare'),
    reports: z.array(report).min(1).max(MAX_KEYS).readonly(),
    where: words,
    reason: text,
  }),
  z.strictObject({ ...asked, call: z.literal('describe'), incident, key, report }),
  z.strictObject({
    ...asked,
    call: z.literal('deactivate'),
    incident,
    key,
    /** Provider's id of the key that the person confirmed; it has to be the incident's, or one that was offered. */
    candidate: z.string().max(140),
    reason: text,
  }),
  z.strictObject({ ...asked, call: z.literal('note'), incident, text }),
]);

export type Command = z.infer<typeof command>;
type Unsigned<C> = C extends unknown ? Omit<C, 'operator' | 'delivery'> : never;
/** What is wanted, before it is said who wants it. */
export type Wish = Unsigned<Exclude<Command, { call: 'hello' }>>;

const facts = z.strictObject({
  code: z.custom<ErrorCode>((code) => typeof code === 'string' && /^KL_[A-Z0-9_]+$/.test(code)),
  message: z.string(),
  next: z.string(),
});

const told = z.discriminatedUnion('outcome', [
  /** duplicate: it was so already, or this very command was carried out before. */
  z.strictObject({ outcome: z.enum(['done', 'duplicate']), incident, joined: z.boolean() }),
  z.strictObject({ outcome: z.literal('refused'), refusal: facts }),
  z.strictObject({ outcome: z.literal('hello') }),
]);

/** What came of a command. */
export type Told = z.infer<typeof told>;

/** Told, or the error that kept the bot from answering. */
export type Reply = Told | { readonly outcome: 'error'; readonly error: ErrorFacts };

const reply = z.union([told, z.strictObject({ outcome: z.literal('error'), error: facts })]);

const versioned = z.object({ version: z.number().int() });

/** version: the other side is of another version. badly: these are not the words of a keyleak. */
export type Read<T> =
  | { readonly read: 'well'; readonly value: T }
  | { readonly read: 'version' }
  | { readonly read: 'badly' };

/** One side's words as bytes for the wire. */
export function written(value: Command | Reply): string {
  return JSON.stringify({ version: VERSION, said: value });
}

export function readCommand(json: string): Read<Command> {
  return readSaid(json, command);
}

export function readReply(json: string): Read<Reply> {
  return readSaid(json, reply);
}

function readSaid<T>(json: string, schema: z.ZodType<T>): Read<T> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { read: 'badly' };
  }
  const version = versioned.safeParse(value);
  if (version.success && version.data.version !== VERSION) return { read: 'version' };
  const whole = z.strictObject({ version: z.literal(VERSION), said: schema }).safeParse(value);
  return whole.success ? { read: 'well', value: whole.data.said as T } : { read: 'badly' };
}

// How the practice Slack reads a call and words its answer: arguments from form, JSON, multipart or query, errors as Slack has them.

import { isJson, type Json } from './json.ts';

/** A refusal on its way to becoming `{ok: false, error}`. */
export class Refusal extends Error {
  readonly error: string;
  readonly more: Json;

  constructor(error: string, more: Json = {}) {
    super(error);
    this.error = error;
    this.more = more;
  }
}

export function refuse(error: string, more: Json = {}): never {
  throw new Refusal(error, more);
}

/** `invalid_arguments` with the sentence that Slack puts beside it. */
export function badArgument(message: string): never {
  return refuse('invalid_arguments', { response_metadata: { messages: [`[ERROR] ${message}`] } });
}

/** Arguments of one call, without the token. */
export interface Arguments {
  readonly raw: Json;
  /** The text of an argument; null when it is missing or empty. */
  text(name: string): string | null;
  required(name: string): string;
  flag(name: string): boolean;
  /** A whole number within limits, `fallback` when missing. */
  number(name: string, fallback: number, min: number, max: number): number;
  /** A JSON argument, which a form carries as text. Null when missing, `invalid` when it cannot be read. */
  json(name: string, invalid: string): unknown;
}

export function argumentsOf(raw: Json): Arguments {
  const text = (name: string): string | null => {
    const value = raw[name];
    if (typeof value === 'string') return value === '' ? null : value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
  };
  return {
    raw,
    text,
    required: (name) => text(name) ?? badArgument(`missing required field: ${name}`),
    flag: (name) => ['true', '1'].includes(text(name) ?? ''),
    number(name, fallback, min, max) {
      const value = Number(text(name) ?? fallback);
      return Number.isInteger(value) && value >= min && value <= max
        ? value
        : refuse(name === 'limit' ? 'invalid_limit' : 'invalid_arguments');
    },
    json(name, invalid) {
      const value = raw[name];
      if (value === undefined || value === null || value === '') return null;
      if (typeof value !== 'string') return value;
      try {
        return JSON.parse(value);
      } catch {
        return refuse(invalid);
      }
    },
  };
}

/** What a request carries, and the token it came with (null without one). */
export async function readRequest(request: Request): Promise<{ raw: Json; token: string | null }> {
  const { token, ...raw } = { ...queryOf(request), ...(await bodyOf(request)) };
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  return { raw, token: bearer ?? (typeof token === 'string' ? token : null) };
}

function queryOf(request: Request): Json {
  return Object.fromEntries(new URL(request.url).searchParams);
}

async function bodyOf(request: Request): Promise<Json> {
  const type = request.headers.get('content-type') ?? '';
  if (request.method === 'GET' || request.body === null) return {};
  if (type.startsWith('application/json')) return jsonBody(await request.text());
  if (type.startsWith('multipart/form-data')) {
    const form = await request.formData();
    return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
  }
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(await request.text()));
  return refuse('invalid_post_type');
}

export function jsonBody(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('invalid_json');
  }
  return isJson(value) ? value : refuse('json_not_object');
}

/** One page of `items`, and the cursor to the next (empty at the end). Cursors are opaque, as Slack's are. */
export function page<T>(items: readonly T[], args: Arguments): { page: readonly T[]; next: string } {
  const limit = args.number('limit', 100, 1, 1_000);
  const cursor = args.text('cursor');
  const from = cursor === null ? 0 : offsetOf(cursor, items.length);
  const next = from + limit < items.length ? Buffer.from(`next:${from + limit}`).toString('base64') : '';
  return { page: items.slice(from, from + limit), next };
}

function offsetOf(cursor: string, count: number): number {
  const offset = Number(/^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]);
  return Number.isInteger(offset) && offset <= count ? offset : refuse('invalid_cursor');
}

// Looks into everything that a request carries: address, headers, and the body by its content type, decoded.

import { containsSecret } from './domain/redaction.ts';
import type { Outgoing } from './outbound-request.ts';

/** The family of the first secret in the address or in any header but the service's own credential; null when clean. */
export function secretOutsideBody({ url, headers }: Outgoing): string | null {
  const texts = [url.pathname, ...[...url.searchParams].flat()];
  for (const [name, value] of headers) if (name !== 'authorization') texts.push(value);
  return firstSecret(texts);
}

/** The family of the first secret in the body; null when clean. The token that also is in the header does not count. */
export async function secretInBody({ headers, body }: Outgoing): Promise<string | null> {
  if (body === null) return null;
  const token = headers.get('authorization')?.replace(/^Bearer /i, '') ?? null;
  const type = headers.get('content-type') ?? '';
  const own = ([name, value]: readonly [string, string]) => name === 'token' && value === token;
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const fields = [...new URLSearchParams(textOf(body))].filter((field) => !own(field));
    return firstSecret(fields.flat());
  }
  if (type.startsWith('multipart/form-data')) {
    const form = await formOf(body, type);
    if (form !== null) {
      const texts: string[] = [];
      for (const [name, value] of form) {
        if (typeof value !== 'string')
          texts.push(name, value.name, textOf(new Uint8Array(await value.arrayBuffer())));
        else if (!own([name, value])) texts.push(name, value);
      }
      return firstSecret(texts);
    }
  }
  return firstSecret([textOf(body)]);
}

/** Every text in a value, at any depth, names of members too. */
export function textsIn(value: unknown): readonly string[] {
  const texts: string[] = [];
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') texts.push(next);
    else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        texts.push(name);
        waiting.push(member);
      }
    }
  }
  return texts;
}

export function firstSecret(texts: readonly string[]): string | null {
  for (const text of texts) {
    const family = containsSecret(text);
    if (family !== null) return family;
  }
  return null;
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

async function formOf(body: string | Uint8Array<ArrayBuffer>, type: string): Promise<FormData | null> {
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    return null;
  }
}

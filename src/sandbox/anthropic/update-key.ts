// The body of a request that changes a key, read as strictly as the vendor reads it.

import { badRequest, type Refusal } from './wire.ts';

export interface Update {
  readonly name: string | null;
  readonly status: 'active' | 'inactive' | 'archived' | null;
}

/** What the text of the body asks for, or why it is refused. */
export function readUpdate(text: string): Update | { refusal: Refusal } {
  const body = jsonOf(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return badRequest('body: must be a JSON object');
  const { name = null, status = null, ...extra } = body as Record<string, unknown>;
  if (Object.keys(extra).length > 0)
    return badRequest(`${Object.keys(extra).join(', ')}: extra inputs are not permitted`);
  if (name !== null && (typeof name !== 'string' || name.length < 1 || name.length > 500))
    return badRequest('name: must be a string of 1 to 500 characters');
  if (status !== null && status !== 'active' && status !== 'inactive' && status !== 'archived')
    return badRequest('status: must be one of active, inactive, archived');
  return { name, status };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

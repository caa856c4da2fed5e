// How the practice Anthropic reads a request and words an answer: credentials, query, pages and errors as the vendor has
// them. Strict: what the vendor would refuse or not know is refused here too.

import type Anthropic from '@anthropic-ai/sdk';

/** A refusal on its way to becoming an error answer. */
export interface Refusal {
  readonly status: number;
  readonly type: Anthropic.ErrorObject['type'];
  readonly message: string;
  /** The vendor's word for exactly this refusal, where it has one. */
  readonly code?: string;
}

export type Outcome = { readonly body: object } | { readonly refusal: Refusal };

export function refuse(
  status: number,
  type: Anthropic.ErrorObject['type'],
  message: string,
  code?: string,
): { refusal: Refusal } {
  return { refusal: { status, type, message, ...(code === undefined ? {} : { code }) } };
}

export function badRequest(message: string): { refusal: Refusal } {
  return refuse(400, 'invalid_request_error', message);
}

export function notFound(what: string): { refusal: Refusal } {
  return refuse(404, 'not_found_error', `${what} not found.`);
}

/** What is wrong with the request before its path is looked at; null when nothing is. */
export function refusedAtTheDoor(request: Request, adminKey: string): { refusal: Refusal } | null {
  const bearer = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
  const given = bearer ?? request.headers.get('x-api-key');
  if (given === null) return refuse(401, 'authentication_error', 'Authentication is required.');
  if (given !== adminKey) return refuse(401, 'authentication_error', 'The credential is not valid.');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(request.headers.get('anthropic-version') ?? ''))
    return badRequest('anthropic-version: header is required');
  return null;
}

export function answer(outcome: Outcome, requestId: string): Response {
  const headers = { 'request-id': requestId };
  if ('body' in outcome) return Response.json(outcome.body, { headers });
  const { status, type, message, code } = outcome.refusal;
  const details = code === undefined ? {} : { details: { error_code: code } };
  const body = {
    type: 'error',
    error: { type, message, ...details },
    request_id: requestId,
  } satisfies Anthropic.ErrorResponse;
  return Response.json(body, { status, headers });
}

const PAGE_PARAMETERS = ['limit', 'after_id', 'before_id'];

/** Names of parameters that the endpoint does not have, as a refusal; null when there are none. */
export function unknownParameters(
  query: URLSearchParams,
  known: readonly string[],
): { refusal: Refusal } | null {
  const extra = [...new Set(query.keys())].filter((name) => ![...PAGE_PARAMETERS, ...known].includes(name));
  return extra.length === 0 ? null : badRequest(`${extra.join(', ')}: unknown query parameter`);
}

/** The page of `items` that the query asks for: 20 unless told, at most 1000, after or before an item that exists. */
export function page<T extends { readonly id: string }>(
  items: readonly T[],
  query: URLSearchParams,
): Outcome {
  const limit = Number(query.get('limit') ?? '20');
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    return badRequest('limit: must be a whole number from 1 to 1000');
  const after = query.get('after_id');
  const before = query.get('before_id');
  if (after !== null && before !== null)
    return badRequest('after_id, before_id: only one of them may be given');
  const cursor = after ?? before;
  const at = items.findIndex(({ id }) => id === cursor);
  if (cursor !== null && at < 0) return badRequest('after_id, before_id: no such item in this list');
  const rest = before === null ? items.slice(at + 1) : items.slice(0, at);
  const data = before === null ? rest.slice(0, limit) : rest.slice(-limit);
  return {
    body: {
      data: [...data],
      has_more: rest.length > data.length,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    } satisfies Anthropic.PageResponse<T>,
  };
}

// The Web API's front door: finds the method, checks token and scopes, runs it, and remembers every call without its token.

import { isJson, type Json, overTheWire, textOf } from './json.ts';
import type { Method } from './method.ts';
import { APP_METHODS } from './methods-app.ts';
import { CHAT_METHODS } from './methods-chat.ts';
import { CONVERSATION_METHODS } from './methods-conversations.ts';
import { FILE_METHODS } from './methods-files.ts';
import { HISTORY_METHODS } from './methods-history.ts';
import { MARK_METHODS } from './methods-marks.ts';
import { MEMBERSHIP_METHODS } from './methods-membership.ts';
import { PEOPLE_METHODS } from './methods-people.ts';
import { VIEW_METHODS } from './methods-views.ts';
import { needScope } from './scopes.ts';
import { argumentsOf, Refusal, readRequest, refuse } from './wire.ts';
import type { World } from './world.ts';

const METHODS: Readonly<Record<string, Method>> = {
  ...APP_METHODS,
  ...CHAT_METHODS,
  ...CONVERSATION_METHODS,
  ...FILE_METHODS,
  ...HISTORY_METHODS,
  ...MARK_METHODS,
  ...MEMBERSHIP_METHODS,
  ...PEOPLE_METHODS,
  ...VIEW_METHODS,
};

export interface Tokens {
  readonly bot: string;
  readonly app: string;
}

/** Refuses a call that does not carry the right kind of token. */
function checkToken(token: string | null, tokens: Tokens, method: Method): void {
  if (token === null) refuse('not_authed');
  if (token !== tokens.bot && token !== tokens.app) refuse('invalid_auth');
  const kind = token === tokens.bot ? 'bot' : 'app';
  if (method.token !== 'any' && method.token !== kind) refuse('not_allowed_token_type');
}

/** Answers one call of `https://…/api/<name>`. */
export async function callMethod(
  world: World,
  tokens: Tokens,
  name: string,
  request: Request,
): Promise<Response> {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  let args: Json = {};
  let body: Json;
  try {
    const { raw, token } = await readRequest(request);
    args = readable(raw);
    if (method === undefined) return refuse('unknown_method', { req_method: name });
    checkToken(token, tokens, method);
    needScope(world, method.scopes);
    const answer = method.run(world, argumentsOf(raw));
    body = { ok: true, ...(isJson(answer) ? answer : {}) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    body = { ok: false, error: error.error, ...error.more };
  }
  const failed = body.ok === true ? null : textOf(body.error);
  world.calls.push({ method: name, args, ok: failed === null, error: failed, at: world.clock.now() });
  world.changed();
  return Response.json(overTheWire(body), {
    headers: {
      'x-oauth-scopes': world.scopes.join(','),
      'x-accepted-oauth-scopes': (method?.scopes ?? []).join(','),
      'x-slack-req-id': world.id('R'),
    },
  });
}

/** Arguments as they were meant: what a form carries as JSON text is shown as what it is. */
function readable(raw: Json): Json {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, readableValue(value)]));
}

function readableValue(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return isJson(parsed) || Array.isArray(parsed) ? parsed : value;
  } catch {
    return value;
  }
}

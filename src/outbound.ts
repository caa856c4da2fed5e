// The one gate out: the fetch that every SDK is given. A token reaches only its own hosts, no redirect is followed,
// and nothing that looks like a secret is sent; a message is replaced by a safe text, so that no nudge is lost.

import type { Clock } from './domain/clock.ts';
import { containsSecret } from './domain/redaction.ts';
import { RemoteError } from './domain/remote-error.ts';
import { type Outgoing, readRequest } from './outbound-request.ts';
import { safeBody } from './outbound-safe.ts';
import { secretInBody, secretOutsideBody } from './outbound-scan.ts';
import { callName, mayReach, type Service } from './outbound-service.ts';

/** A secret was about to leave. `what` is a Slack method or `POST /path`, `family` the kind of secret, never its text. */
export interface OutboundAlarm {
  readonly service: Service['name'];
  readonly what: string;
  readonly family: string;
}

/** `status` is null when no answer came; `ms` ends with the answer's head. */
export interface OutboundCall {
  readonly service: Service['name'];
  readonly what: string;
  readonly status: number | null;
  readonly ms: number;
}

export interface OutboundParts {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  onAlarm(alarm: OutboundAlarm): void;
  /** Told of every request that was sent. */
  onCall?(call: OutboundCall): void;
}

/** Where Slack's token may go: the origin of `apiUrl`, and Slack's hosts for the Web API, response URLs and uploads. */
export function slackOrigins(apiUrl: string): readonly string[] {
  return [new URL(apiUrl).origin, 'https://slack.com', 'https://*.slack.com'];
}

/**
 * Makes the fetch of one service. It throws RemoteError KL_OUTBOUND_HOST, KL_OUTBOUND_SECRET or KL_OUTBOUND_TOO_LARGE
 * (refused, nothing sent), KL_OUTBOUND_REDIRECT, and whatever the given fetch throws.
 */
export function createOutbound(parts: OutboundParts): (service: Service) => typeof fetch {
  return (service) => async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!mayReach(service, url)) throw foreignHost(service, url);
    const request = await readRequest(input, init);
    if (request === null) throw tooLarge(service);
    const what = callName(service, request.method, url, request.headers.get('content-type') ?? '');
    return send(parts, service, what, await cleared(parts, service, what, request));
  };
}

/** The request as it may leave. */
async function cleared(
  parts: OutboundParts,
  service: Service,
  what: string,
  request: Outgoing,
): Promise<Outgoing> {
  const outside = secretOutsideBody(request);
  const family = outside ?? (await secretInBody(request));
  if (family === null) return request;
  parts.onAlarm({ service: service.name, what, family });
  const type = request.headers.get('content-type') ?? '';
  const text = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : request.body;
  const body = outside === null && service.name === 'slack' ? safeBody(what, type, text) : null;
  if (body === null) throw secretHeldBack(service, what);
  return { ...request, body };
}

async function send(
  parts: OutboundParts,
  service: Service,
  what: string,
  { url, method, headers, body, signal }: Outgoing,
): Promise<Response> {
  const start = parts.clock.now();
  let status: number | null = null;
  try {
    const response = await parts.fetch(url.href, { method, headers, body, signal, redirect: 'manual' });
    status = response.status;
    if (response.type !== 'opaqueredirect' && ![301, 302, 303, 307, 308].includes(status)) return response;
    await response.body?.cancel();
    throw redirected(service, method, status);
  } finally {
    parts.onCall?.({ service: service.name, what, status, ms: parts.clock.now() - start });
  }
}

const TITLES = {
  slack: 'Slack',
  anthropic: 'Anthropic',
  github: 'GitHub',
  paging: 'the paging webhook',
} as const;

function foreignHost(service: Service, url: URL): RemoteError {
  const where = containsSecret(url.hostname) === null ? url.host : 'another host';
  return new RemoteError(
    'KL_OUTBOUND_HOST',
    `A call meant for ${TITLES[service.name]} pointed to ${where}, where its token must not go; nothing was sent.`,
    'Do the step by its guide, and check the address of the service in the configuration.',
    { outcome: 'refused', reason: 'foreign_host' },
  );
}

function tooLarge(service: Service): RemoteError {
  return new RemoteError(
    'KL_OUTBOUND_TOO_LARGE',
    `A call to ${TITLES[service.name]} was larger than 4 MiB, too large to be looked through; nothing was sent.`,
    'Take the file from the command line instead, with keyleak export.',
    { outcome: 'refused', reason: 'too_large' },
  );
}

function secretHeldBack(service: Service, what: string): RemoteError {
  return new RemoteError(
    'KL_OUTBOUND_SECRET',
    `A call to ${TITLES[service.name]} (${what}) held something that looks like a secret; nothing was sent.`,
    'Do the step by its guide, and look in the log of the bot for where it came from.',
    { outcome: 'refused', reason: 'secret' },
  );
}

/** 307 and 308 say that nothing was done yet; after the others a write may have happened. */
function redirected(service: Service, method: string, status: number): RemoteError {
  const nothingHappened = method === 'GET' || method === 'HEAD' || status === 307 || status === 308;
  return new RemoteError(
    'KL_OUTBOUND_REDIRECT',
    `A call to ${TITLES[service.name]} was answered with a redirect, which keyleak never follows.`,
    'Check the address of the service in the configuration, and whether a proxy stands in between.',
    { outcome: nothingHappened ? 'refused' : 'unknown', reason: 'redirect' },
  );
}

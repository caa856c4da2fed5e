// Which addresses the token of each service may follow, and what a call is named without telling anything secret.

import { containsSecret } from './domain/redaction.ts';

export interface Service {
  readonly name: 'slack' | 'anthropic' | 'github' | 'paging';
  /** Origins such as `https://slack.com`; `https://*.slack.com` stands for every name below slack.com. */
  readonly origins: readonly string[];
}

/** Whether a request to this address may carry the service's token. */
export function mayReach(service: Service, url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return service.origins.some((allowed) => {
    if (!allowed.startsWith('https://*.')) return url.origin === allowed;
    return (
      url.protocol === 'https:' && url.port === '' && url.hostname.endsWith(allowed.slice('https://*'.length))
    );
  });
}

/** A Slack method such as `chat.postMessage`, `response_url` or `upload`; `page`; else method and path. No query, no secret. */
export function callName(service: Service, method: string, url: URL, contentType: string): string {
  if (service.name === 'slack') {
    const last = url.pathname.split('/').at(-1) ?? '';
    if (/^[a-z]+(\.[a-zA-Z]+)+$/.test(last)) return last;
    // The path of a response URL or an upload is itself a credential.
    return contentType.startsWith('application/json') ? 'response_url' : 'upload';
  }
  // The path of a webhook, too, may be a credential.
  if (service.name === 'paging') return 'page';
  const name = `${method} ${url.pathname}`;
  return containsSecret(name) === null ? name : method;
}

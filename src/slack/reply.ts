// Answers one person by the response URL that came with what they did. The URL is itself a credential: it is used only
// on Slack's hosts and told to nobody.

import type { Alarm } from '../domain/clock.ts';
import { RemoteError } from '../domain/remote-error.ts';
import type { Message } from './views/message.ts';

/** `instead`: in the place of the message that was pressed; it stays as it is otherwise. */
export type Reply = (responseUrl: string, message: Message, instead?: boolean) => Promise<void>;

const WITHIN_MS = 8_000;

/**
 * Posts a message that only this person sees. Slack takes five within 30 minutes.
 * Throws RemoteError KL_SLACK_REPLY_HOST (nothing sent), KL_SLACK_REPLY_REFUSED or KL_SLACK_REPLY_LOST.
 */
export function createReply(parts: { fetch: typeof fetch; apiUrl: string; alarm: Alarm }): Reply {
  const own = new URL(parts.apiUrl).origin;
  return async (responseUrl, { text, blocks }, instead = false) => {
    if (!isSlack(responseUrl, own)) {
      throw new RemoteError(
        'KL_SLACK_REPLY_HOST',
        'The address for the answer is not one of Slack’s, so the answer was not sent.',
        'Look at the card, or type /keyleak status in the incident’s channel.',
        { outcome: 'refused', reason: 'foreign_host' },
      );
    }
    const body = JSON.stringify({ response_type: 'ephemeral', replace_original: instead, text, blocks });
    const late = new AbortController();
    const cancel = parts.alarm(WITHIN_MS, () => late.abort());
    try {
      const response = await parts.fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body,
        signal: late.signal,
      });
      await response.body?.cancel();
      if (!response.ok) throw notTaken(response.status);
    } catch (error) {
      throw error instanceof RemoteError ? error : lost(error);
    } finally {
      cancel();
    }
  };
}

function isSlack(address: string, own: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  if (url.origin === own) return true;
  return url.protocol === 'https:' && url.port === '' && /^([a-z0-9-]+\.)*slack\.com$/.test(url.hostname);
}

function notTaken(status: number): RemoteError {
  return new RemoteError(
    'KL_SLACK_REPLY_REFUSED',
    `Slack did not take the answer (${status}).`,
    'Look at the card, or type /keyleak status in the incident’s channel.',
    { outcome: status >= 500 ? 'unknown' : 'refused', reason: String(status) },
  );
}

/** The cause stays out: what fetch throws may name the address. */
function lost(error: unknown): RemoteError {
  return new RemoteError(
    'KL_SLACK_REPLY_LOST',
    'The answer was sent, but Slack did not say that it took it.',
    'Look at the card, or type /keyleak status in the incident’s channel.',
    { outcome: 'unknown', reason: error instanceof Error ? error.name : 'unknown' },
  );
}

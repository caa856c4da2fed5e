// Whether Slack can reach the bot: by a socket that says hello, or over HTTP.

import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { WebSocket } from 'ws';
import type { SlackConfig } from '../../config-services.ts';
import { EVENTS_PATH } from '../../slack/http-receiver.ts';
import { asRemoteError } from '../../slack/remote.ts';
import { type Check, type Finding, failed, ok, skipped } from './checkup.ts';

/** `appClient` speaks with the app token; `running`: whether a bot holds the database now. */
export function transportCheck(
  transport: SlackConfig['transport'],
  appClient: WebClient | null,
  running: () => Promise<boolean>,
): Check {
  return {
    name: 'slack socket',
    async ask(signal) {
      if (transport.kind === 'http' || appClient === null)
        return ok(`HTTP: enter https://<your host>${EVENTS_PATH} in the app’s settings as the request URL.`);
      // Slack hands every delivery to one connection: a second one beside the bot could be given a command.
      if (await running()) return skipped('The running bot has the connection; its /readyz tells of it.');
      try {
        const { url } = await appClient.apps.connections.open();
        return url === undefined ? noHello('Slack gave no address') : await hello(url, signal);
      } catch (error) {
        if (error instanceof WebAPIPlatformError)
          return failed(
            `Slack refuses to open a connection for this app token: ${error.data.error}.`,
            'Make an app-level token with the scope connections:write, and switch Socket Mode on in the app’s settings.',
          );
        throw asRemoteError(error, 'open a connection');
      }
    },
  };
}

/** Connects, waits for Slack's first word, and leaves at once. */
function hello(url: string, signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const end = (finding: Finding): void => {
      resolve(finding);
      socket.terminate();
    };
    signal.addEventListener('abort', () => end(noHello('it took too long')));
    socket.on('error', () => end(noHello('the connection failed')));
    socket.on('close', () => end(noHello('it closed the connection')));
    socket.on('message', (data) => {
      const first = String(data as Buffer).includes('"hello"');
      end(first ? ok('Slack says hello.') : noHello('it said something else first'));
    });
  });
}

function noHello(why: string): Finding {
  return failed(
    `Slack did not say hello: ${why}.`,
    'Let this machine reach wss-primary.slack.com and wss-backup.slack.com on port 443; a proxy must allow WebSockets.',
  );
}

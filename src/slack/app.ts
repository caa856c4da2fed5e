// The Bolt app: every command, press and form comes in here, is acknowledged in time and is answered, whatever goes wrong.
// Nothing here waits for Slack before the first command can be handled.

import { App, type Logger, type Receiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Alarm, Clock } from '../domain/clock.ts';
import { type ErrorFacts, errorFacts } from '../domain/errors.ts';
import type { Engine } from '../engine/api.ts';
import { type Answering, createAnswering } from './answering.ts';
import { onClick } from './clicks.ts';
import { onCommand } from './commands.ts';
import { deliveryId } from './delivery.ts';
import type { Desk } from './desk.ts';
import { drawHome } from './home.ts';
import { INPUT } from './ids.ts';
import { createOnce } from './once.ts';
import { createOpenModal } from './opening.ts';
import { originOf } from './payload.ts';
import type { People } from './people.ts';
import { searchKeys } from './picker.ts';
import { createReply } from './reply.ts';
import { onSubmission } from './submissions.ts';
import { notice, refusalAnswer } from './views/answers.ts';
import { createWhisper, type Whisper } from './whisper.ts';

export interface SlackAppParts {
  readonly engine: Engine;
  readonly people: People;
  readonly client: WebClient;
  readonly botToken: string;
  readonly apiUrl: string;
  /** All traffic goes through it. */
  readonly fetch: typeof fetch;
  readonly receiver: Receiver;
  readonly alarm: Alarm;
  readonly clock: Clock;
  /** Must print no payload: at level debug the SDKs hand over whole ones. */
  readonly logger: Logger;
  /** Told of faults inside keyleak and of answers that reached nobody. Must not throw. */
  onFault(error: unknown): void;
}

export type SlackApp = App & {
  /** Resolves when no command, press or form is being worked on at this moment. */
  idle(): Promise<void>;
};

export function createSlackApp(parts: SlackAppParts): SlackApp {
  const { client, alarm, botToken, logger } = parts;
  const onFault = (error: unknown): void => parts.onFault(error);
  const whisper = createWhisper({ client, reply: createReply(parts) });
  const desk: Desk = { ...parts, whisper, openModal: createOpenModal({ client, alarm }) };
  const app = new App({
    // With `token` Bolt would ask auth.test first, and nothing could be handled while Slack's Web API is down.
    authorize: async () => ({ botToken }),
    receiver: parts.receiver,
    convoStore: false,
    // It acts on what the bot itself does, and it opens no Home tab.
    ignoreSelf: false,
    extendedErrorHandler: true,
    logger,
    clientOptions: {
      slackApiUrl: parts.apiUrl,
      fetch: parts.fetch,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    },
  });
  const answerings = new WeakMap<object, Answering>();
  const atWork = countWork(app);
  answerEverything(app, { answerings, whisper, alarm, onFault });
  answerFaults(app, answerings, onFault);
  register(app, desk, answerings);
  return Object.assign(app, { idle: atWork });
}

type Answerings = WeakMap<object, Answering>;

function register(app: App, desk: Desk, answerings: Answerings): void {
  const once = createOnce<void>();
  app.command('/keyleak', async ({ command, context }) => onCommand(desk, command, of(answerings, context)));
  app.action({ type: 'block_actions' }, async ({ action, context }) => {
    const answering = of(answerings, context);
    await once(answering.delivery, () => onClick(desk, action, answering));
    // For an envelope that came twice: the first one has answered already.
    await answering.ack();
  });
  app.options<'block_suggestion'>(
    { type: 'block_suggestion', action_id: INPUT.key },
    async ({ body, payload, ack }) => {
      await ack({ option_groups: [...(await searchKeys(desk, body.user.id, payload.value))] });
    },
  );
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') await drawHome(desk, event.user);
  });
  app.view({ type: 'view_submission' }, async ({ view, context }) =>
    onSubmission(desk, view, of(answerings, context)),
  );
}

function of(answerings: Answerings, context: object): Answering {
  const found = answerings.get(context);
  if (found === undefined) throw new Error('a delivery came past the first middleware');
  return found;
}

/** Slack gives three seconds. A form is not acknowledged early: that would close it, and what is wrong with it be lost. */
const ACK_WITHIN_MS = 2_500;

/** Gives every delivery its answering; whatever nothing listened to, or takes too long, is acknowledged all the same. */
function answerEverything(
  app: App,
  parts: { answerings: Answerings; whisper: Whisper; alarm: Alarm; onFault: (error: unknown) => void },
): void {
  app.use(async (args) => {
    const { body, context, next } = args;
    const origin = originOf(body);
    const answering = createAnswering({
      ...parts,
      origin,
      delivery: deliveryId(origin, body),
      ack: 'ack' in args ? (args.ack as (answer?: unknown) => Promise<void>) : null,
    });
    parts.answerings.set(context, answering);
    const early = origin.kind === 'command' || origin.kind === 'click';
    const cancel = early ? parts.alarm(ACK_WITHIN_MS, () => void answering.ack()) : () => undefined;
    try {
      await next();
    } finally {
      cancel();
    }
    if (answering.acked()) return;
    if (origin.kind === 'command')
      await answering.tell(notice('keyleak does not know that command. Type `/keyleak help`.'));
    else await answering.ack();
  });
}

/** A listener that throws ends nothing: the person is told, and so is the operator. */
function answerFaults(app: App, answerings: Answerings, onFault: (error: unknown) => void): void {
  app.error(async ({ error, context }: { error: Error; context: object }) => {
    const causes = causesOf(error);
    for (const cause of causes) onFault(cause);
    const answering = answerings.get(context);
    if (answering === undefined) return;
    try {
      await answering.tell(refusalAnswer(errorFacts(causes[0], FAULT), []));
    } catch (unheard) {
      onFault(unheard);
    }
  });
}

const FAULT: ErrorFacts = {
  code: 'KL_SLACK_FAULT',
  message: 'keyleak itself failed; it is not certain that what you asked for was done.',
  next: 'Look at the card, then try again. If a key must die now, disable it in the Console.',
};

/** What was thrown, out of what Bolt wraps round it. */
function causesOf(error: Error): readonly unknown[] {
  if ('originals' in error && Array.isArray(error.originals)) return error.originals;
  return ['original' in error ? error.original : error];
}

/** Counts deliveries from the moment they come in, so that a stop can wait for those in hand. */
function countWork(app: App): () => Promise<void> {
  const inHand = new Set<Promise<void>>();
  const processEvent = app.processEvent.bind(app);
  app.processEvent = (event) => {
    const work = processEvent(event);
    const settled = work
      .catch(() => undefined)
      .finally(() => {
        inHand.delete(settled);
      });
    inHand.add(settled);
    return work;
  };
  return async () => {
    while (inHand.size > 0) await Promise.all(inHand);
  };
}

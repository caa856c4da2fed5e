// One delivery's chance to answer: acknowledged once, with nothing secret in it, and never left without a word.

import { KeyleakError } from '../domain/errors.ts';
import { safeAnswer, secretIn } from './guard.ts';
import type { Origin } from './payload.ts';
import type { Message } from './views/message.ts';
import { noticeModal } from './views/modals.ts';
import type { Whisper } from './whisper.ts';

export interface Answering {
  readonly origin: Origin;
  /** Identity of the delivery, see delivery.ts. */
  readonly delivery: string | null;
  acked(): boolean;
  /** Acknowledges; a second call does nothing. False when Slack could not be told: it then shows a fault of its own. */
  ack(answer?: object): Promise<boolean>;
  /** Tells this person alone: in the acknowledgement where that can carry it, else by `whisper`. Throws RemoteError. */
  tell(message: Message): Promise<void>;
  /** As `tell`, in the place of what was pressed where that is a message which only this person sees. */
  turn(message: Message): Promise<void>;
}

export function createAnswering(parts: {
  origin: Origin;
  delivery: string | null;
  /** Null where Slack waits for none. */
  ack: ((answer?: unknown) => Promise<void>) | null;
  whisper: Whisper;
  onFault: (error: unknown) => void;
}): Answering {
  const { origin, onFault } = parts;
  let acked = false;

  function cleared(answer: object | undefined): object | undefined {
    const family = secretIn(answer);
    if (family === null) return answer;
    onFault(
      new KeyleakError(
        'KL_SLACK_ANSWER_SECRET',
        `An answer to a ${origin.kind} held something that looks like a secret (${family}) and was held back.`,
        'Find the entry that it came from with keyleak timeline, and report where the text was not masked.',
      ),
    );
    return safeAnswer(origin.kind);
  }

  async function ack(answer?: object): Promise<boolean> {
    if (acked) return true;
    acked = true;
    try {
      await parts.ack?.(cleared(answer));
      return true;
    } catch (error) {
      onFault(error);
      return false;
    }
  }

  async function tell(message: Message, instead = false): Promise<void> {
    const first = !acked;
    if (first && origin.kind === 'command' && (await ack(ephemeral(message)))) return;
    if (first && origin.kind === 'submission' && (await ack(replaced('keyleak', message)))) return;
    await ack();
    await parts.whisper(origin, message, instead);
  }

  return {
    origin,
    delivery: parts.delivery,
    acked: () => acked,
    ack,
    tell: (message) => tell(message),
    turn: (message) => tell(message, origin.ephemeral),
  };
}

function ephemeral({ text, blocks }: Message): object {
  return { response_type: 'ephemeral', text, blocks };
}

/** An acknowledgement that puts a message in the place of the modal: with its blocks, or as plain text. */
export function replaced(title: string, message: Message | string): object {
  const view =
    typeof message === 'string'
      ? noticeModal(title, message)
      : { ...noticeModal(title, message.text), blocks: message.blocks };
  return { response_action: 'update', view };
}

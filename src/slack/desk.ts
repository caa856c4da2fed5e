// What every handler has at hand.

import type { WebClient } from '@slack/web-api';
import type { Alarm, Clock } from '../domain/clock.ts';
import type { Engine } from '../engine/api.ts';
import type { OpenModal } from './opening.ts';
import type { People } from './people.ts';
import type { Whisper } from './whisper.ts';

export interface Desk {
  readonly engine: Engine;
  readonly people: People;
  readonly client: WebClient;
  readonly alarm: Alarm;
  readonly clock: Clock;
  readonly openModal: OpenModal;
  readonly whisper: Whisper;
  /** A fault inside keyleak, or an answer that reached nobody. */
  onFault(error: unknown): void;
}

// Opens the form of the declaration; where it does not open, says how to declare without it.

import type { Answering } from './answering.ts';
import { encodeDeclaredIn } from './declared-in.ts';
import type { Desk } from './desk.ts';
import { notice } from './views/answers.ts';
import { declareModal } from './views/modals.ts';

/** The form first: its trigger lives three seconds. Whether this person may declare is asked when it is sent. */
export async function openDeclareForm({ openModal, people }: Desk, answering: Answering): Promise<void> {
  const { trigger, channel, user } = answering.origin;
  const { role } = await people.asker(user);
  const failure = await openModal(trigger, {
    ...declareModal({ key: '', where: '' }, { search: role !== 'participant' }),
    private_metadata: encodeDeclaredIn(channel),
  });
  if (failure === null) {
    await answering.ack();
    return;
  }
  const usage =
    'You need no form. Type what you know of the key, never the whole key, and where it was seen: `/keyleak R2D...igAA https://…`';
  await answering.tell(notice(`${failure.message} ${usage}`));
}

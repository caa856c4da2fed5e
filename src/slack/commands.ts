// /keyleak: declares what is typed after it, opens the form where nothing is, or carries out a subcommand.

import type { SlashCommand } from '@slack/bolt';
import { parseDeclaration } from '../domain/key-words.ts';
import { readCommand } from '../domain/subcommands.ts';
import type { Answering } from './answering.ts';
import { openDeclareForm } from './declare-form.ts';
import { declareLeak } from './declaring.ts';
import type { Desk } from './desk.ts';
import { onSubcommand } from './subcommands.ts';
import { notice } from './views/answers.ts';

export async function onCommand(desk: Desk, command: SlashCommand, answering: Answering): Promise<void> {
  const { origin, delivery } = answering;
  const typed = readCommand(command.text ?? '');
  switch (typed.kind) {
    case 'empty':
      return openDeclareForm(desk, answering);
    case 'nearly':
      return answering.tell(notice(meant(typed.typed, typed.meant)));
    case 'subcommand':
      return onSubcommand(desk, typed.name, typed.rest, answering);
    case 'declare': {
      const { message } = await declareLeak(desk, {
        origin,
        declared: parseDeclaration(typed.words),
        source: 'slash',
        declaredIn: origin.channel,
        delivery,
      });
      return answering.tell(message);
    }
  }
}

/** `typed` is within one letter of a subcommand, so there is nothing in it to mask or to escape. */
function meant(typed: string, name: string): string {
  return `Nothing was done yet. Did you mean \`/keyleak ${name}\`? Then type that. Is “${typed}” the key that leaked? Then type \`/keyleak declare ${typed}\`.`;
}

// What people paste that is no secret: hashes, ids, hints, pictures, minified code, diffs, addresses, chat.

import type { Chance } from '../support/virtual-time.ts';

const HEX = '0123456789abcdef';
const B64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const some = (chance: Chance, alphabet: string, count: number): string =>
  Array.from({ length: count }, () => alphabet[chance.below(alphabet.length)]).join('');

const WORDS =
  'the deploy of staging failed again because someone rotated a key in skipped tasks and the risk-based check asked for an answer that nobody has please look at the runbook before you press anything ask-anthropic task-antenna desk-ant brisk-and-early'.split(
    ' ',
  );

const chat = (chance: Chance): string =>
  Array.from({ length: 6 + chance.below(20) }, () => chance.pick(WORDS)).join(' ');

const uuid = (chance: Chance): string => [8, 4, 4, 4, 12].map((count) => some(chance, HEX, count)).join('-');

const hint = (chance: Chance): string =>
  `sk-ant-${chance.pick(['api03', 'admin01'])}-${some(chance, B64.slice(0, 62), 3)}...${some(chance, B64.slice(0, 62), 2)}AA`;

export const BENIGN: Readonly<Record<string, (chance: Chance) => string>> = {
  chat,
  'a commit': (chance) => `fixed in ${some(chance, HEX, 40)}, see ${some(chance, HEX, 7)}`,
  'a digest': (chance) => `sha256:${some(chance, HEX, 64)} ${chat(chance)}`,
  'an id': (chance) => `request ${uuid(chance)} of user ${uuid(chance)}`,
  'a hint': (chance) => `${chat(chance)} ${hint(chance)} ${chat(chance)}`,
  'a picture': (chance) => `![x](data:image/png;base64,iVBORw0KGgo${some(chance, B64, 200)}==)`,
  'minified code': (chance) =>
    Array.from(
      { length: 12 },
      () =>
        `function ${some(chance, 'abcdefgh', 2)}(t,e){return t.${some(chance, 'abcdefgh', 3)}===e?${chance.below(9)}:e[${chance.below(99)}]}`,
    ).join(''),
  'a diff': (chance) =>
    `diff --git a/src/${some(chance, HEX, 4)}.ts b/src/x.ts\nindex ${some(chance, HEX, 9)}..${some(chance, HEX, 9)} 100644\n+  const taskAnswer = ${chance.below(99)};`,
  'an address': (chance) =>
    `https://github.com/acme/app/blob/${some(chance, HEX, 40)}/src/index.ts#L${chance.below(999)}`,
  'a Slack message': (chance) =>
    `<@U0${some(chance, 'ABCDEFGH0123', 9)}> in <#C0${some(chance, 'ABCDEFGH0123', 9)}|ops>: ${chat(chance)}`,
  'an integrity line': (chance) => `"integrity": "sha512-${some(chance, B64, 86)}=="`,
  'a key id': (chance) =>
    `apikey_01${some(chance, B64.slice(0, 62), 22)} in wrkspc_01${some(chance, B64.slice(0, 62), 22)}`,
};

export { hint };

import { expect, test } from 'vitest';
import { filesBelow, read } from './files.ts';
import { compareManifest, methodsOf } from './manifest.ts';

test('commands, shortcuts, events and scopes of the manifest are exactly those that the code uses', () => {
  expect(compareManifest(filesBelow('src/slack', '.ts'), read('manifest.yml'))).toEqual([]);
});

const code = `
app.command('/leak', async () => {});
app.action({ type: 'block_actions' }, async () => {});
await client.chat.update({ channel, ts });
await parts.client.views
  .open({ trigger_id, view });
`;

const manifest = `
display_information:
  long_description: ${'long '.repeat(40)}
features:
  slash_commands:
    - command: /leak
oauth_config:
  scopes:
    bot:
      # A reason for both.
      - commands
      - chat:write
settings:
  interactivity:
    is_enabled: true
  socket_mode_enabled: true
`;

const violations = (text: string, page = manifest): readonly string[] =>
  compareManifest([{ path: 'src/slack/x.ts', text }], page);

test('a manifest that fits is left alone', () => {
  expect(violations(code)).toEqual([]);
});

test.each([
  [
    'a method that needs another scope',
    `${code}client.pins.add({});`,
    'scope pins:write is not in the manifest',
  ],
  [
    'a method called by name',
    `${code}client.apiCall('users.info')`,
    'scope users:read is not in the manifest',
  ],
  ['a method of which nothing is known', `${code}client.files.delete({})`, 'calls files.delete'],
  [
    'a client under another name',
    `${code}slack.usergroups.list()`,
    'scope usergroups:read is not in the manifest',
  ],
  ['a command more', `${code}app.command('/other', f)`, 'command /other is not in the manifest'],
  ['a shortcut more', `${code}app.shortcut('declare', f)`, 'shortcut declare is not in the manifest'],
  ['an event more', `${code}app.event('app_home_opened', f)`, 'event app_home_opened is not in the manifest'],
  [
    'a scope too many',
    code.replace('client.chat.update', 'f'),
    'scope chat:write is in the manifest but not in use',
  ],
  ['a Home tab that is not on', `${code}client.views.publish({})`, 'the Home tab is on in one'],
  ['a Home tab that nothing draws', `${code}client.views.publish({})`, 'nothing draws the Home tab'],
  ['a command too many', code.replace('/leak', '/link'), 'command /leak is in the manifest but not in use'],
])('a violation planted in the code is caught: %s', (_, text, offence) => {
  expect(violations(text).join('\n')).toContain(offence);
});

test.each([
  ['a scope without a reason', manifest.replace(/^ *# .*\n/m, ''), 'scope commands has no reason'],
  ['a scope twice', manifest.replace('- commands', '- commands\n      - commands'), 'stands twice'],
  ['a short description', manifest.replaceAll('long ', ''), 'the long description'],
  ['interactivity off', manifest.replace('is_enabled: true', 'is_enabled: false'), 'interactivity'],
  [
    'Socket Mode off',
    manifest.replace('socket_mode_enabled: true', 'org_deploy_enabled: false'),
    'Socket Mode',
  ],
])('a violation planted in the manifest is caught: %s', (_, page, offence) => {
  expect(violations(code, page).join('\n')).toContain(offence);
});

test('methods are found however the call is laid out', () => {
  expect(
    methodsOf(
      "client.chat\n  .postMessage({})\nconst x = client\n .users.info({}); client.paginate('users.list')",
    ),
  ).toEqual(['chat.postMessage', 'users.info', 'users.list']);
});

// Where secrets turn up. Those that are kept apart are used here alone, so that nothing was made to pass them.

import type { Chance } from '../support/virtual-time.ts';

export interface Wrapping {
  readonly name: string;
  readonly wrap: (secret: string, chance: Chance) => string;
  /** Characters of the wrapped text for each of the secret; 1 unless it is encoded. */
  readonly factor?: number;
}

const inLines = (text: string, width: number, start = ''): string =>
  (text.match(new RegExp(`[\\s\\S]{1,${width}}`, 'g')) ?? []).map((line) => `${start}${line}`).join('\n');

const percent = (text: string, which: RegExp): string =>
  text.replace(which, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

export const WRAPPINGS: readonly Wrapping[] = [
  { name: 'end of a sentence', wrap: (s) => `It leaked, I think it was ${s}. Sorry!` },
  { name: 'brackets', wrap: (s) => `the old one (${s}) and [${s}]` },
  { name: 'query of a URL', wrap: (s) => `https://example.com/v1?debug=1&key=${encodeURIComponent(s)}&x=2` },
  { name: 'JSON', wrap: (s) => JSON.stringify({ apiKey: s, retries: 3 }) },
  { name: 'JSON in JSON', wrap: (s) => JSON.stringify({ body: JSON.stringify({ apiKey: s }) }) },
  { name: 'shell', wrap: (s) => `export TOKEN='${s}'; ./deploy.sh` },
  { name: 'header of curl', wrap: (s) => `curl -H "x-api-key: ${s}" https://api.example.com` },
  { name: 'diff', wrap: (s) => `@@ -1 +1 @@\n-KEY=old\n+KEY=${s}\n` },
  { name: '.env', wrap: (s) => `DEBUG=1\nAPI_KEY=${s}\nPORT=3000` },
  { name: 'base64', factor: 4 / 3, wrap: (s) => `data: ${Buffer.from(s).toString('base64')}` },
  {
    name: 'basic authorization',
    factor: 4 / 3,
    wrap: (s) => `Authorization: Basic ${Buffer.from(`bot:${s}`).toString('base64')}`,
  },
  { name: 'percent, all of it', factor: 3, wrap: (s) => percent(s, /[\s\S]/g) },
  { name: 'lines of 40', wrap: (s) => `here it is:\n${inLines(s, 40)}` },
  { name: 'quoted lines', wrap: (s) => inLines(`token ${s}`, 60, '> ') },
  { name: 'zero-width spaces', wrap: (s) => (s.match(/[\s\S]{1,11}/g) ?? []).join('\u200b') },
  {
    name: 'quoted-printable',
    wrap: (s) => `key=3D${inLines(s.replace(/=/g, '=3D'), 70).replace(/\n/g, '=\r\n')}`,
  },
  { name: 'code fence', wrap: (s) => `\`\`\`\nconst key = "${s}";\n\`\`\`` },
  { name: 'HTML entities', factor: 5, wrap: (s) => s.replace(/[\s\S]/g, (one) => `&#${one.charCodeAt(0)};`) },
  { name: 'link of Slack', wrap: (s) => `<https://example.com/${encodeURIComponent(s)}|see here>` },
  { name: 'YAML', wrap: (s) => `anthropic:\n  key: ${JSON.stringify(s)}\n  retries: 2` },
];

/** Kept apart. */
export const UNSEEN: readonly Wrapping[] = [
  { name: 'cell of a CSV', wrap: (s) => `id,note\n7,"he said ""${s}"" is it"\n` },
  { name: 'CDATA', wrap: (s) => `<config><key><![CDATA[${s}]]></key></config>` },
  { name: 'bytes of Python', wrap: (s) => `headers={b'x-api-key': b'${s.replace(/\n/g, '\\n')}'}` },
  { name: 'colours of a terminal', wrap: (s) => `\u001b[33mKEY\u001b[0m=\u001b[1m${s}\u001b[0m` },
  {
    name: 'row of a table',
    wrap: (s) => `| name | value |\n|---|---|\n| key | ${s.replace(/\n/g, '<br>')} |`,
  },
  { name: 'batch file', wrap: (s) => `@echo off\r\nset KEY=${s.replace(/\n/g, '')}\r\npause\r\n` },
  {
    name: 'mail in base64',
    factor: 4 / 3,
    wrap: (s) => inLines(Buffer.from(`Hello,\nthe key is ${s}\nBye`).toString('base64'), 76),
  },
  {
    name: 'JSON in URL-safe base64',
    factor: 4 / 3,
    wrap: (s) => `state=${Buffer.from(JSON.stringify({ k: s })).toString('base64url')}`,
  },
  { name: 'log line', wrap: (s) => `2026-11-23T03:00:00Z WARN auth failed token=${s} status=401 path=/v1` },
  { name: 'Dockerfile', wrap: (s) => `FROM node:20\nENV KEY="${s.replace(/\n/g, '\\n')}" \\\n    PORT=3000` },
];

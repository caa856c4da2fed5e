// What somebody may write into a note, a key's name or a place so that it takes effect where it is shown.

const PAYLOADS: readonly string[] = [
  // Slack
  '<!channel>',
  '<!here|here>',
  '<@U0RIOA>',
  '<#C0GENERAL|general>',
  '<https://evil.example|the Console>',
  '<mailto:a@evil.example|write>',
  '*bold*',
  '~struck~',
  '`code`',
  '```\nfence\n```',
  '> quoted',
  '&lt;!channel&gt;',
  '<!subteam^S0ONCALL>',
  '<!date^1^{date}^https://evil.example|now>',
  // Markdown of GitHub
  '@acme/security',
  '@octocat',
  'fixes #12',
  'closes acme/app#7',
  '# Resolved',
  '- [x] done',
  '1. first',
  '| a | b |\n|---|---|\n| c | d |',
  '![x](https://evil.example/p.png)',
  '[click](javascript:alert(1))',
  '[ref]: https://evil.example',
  'https://evil.example/login',
  'www.evil.example',
  'someone@evil.example',
  '***\n---\n___',
  'Setext\n===',
  '\\*not escaped\\*',
  '~~~\ntext\n~~~',
  '$x^2$',
  '[^1]: note',
  'a\n\n    indented code',
  // HTML
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<!-- keyleak:run -->',
  '<details><summary>x</summary>',
  '</td></tr></table>',
  '<a href="https://evil.example">x</a>',
  '&#60;script&#62;',
  // CSV
  "=cmd|'/c calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(A1:A9)',
  '\t=1+1',
  '\r=1+1',
  '"a","b"',
  // JSON and log lines
  '"}],"level":"fatal","x":[{"',
  '\n{"level":"fatal","msg":"forged"}',
  '\\u0022, "admin": true, "',
  // Terminals
  '\u001b[2J\u001b[1;1H',
  '\u001b]0;title\u0007',
  '\u009b31m',
  '\u0008\u0008\u0008safe',
  // Direction and what cannot be seen
  '\u202egnp.exe',
  'a\u200bb\u2060c',
  '\u2028\u2029',
  '\ufeff@everyone',
  '\ud800',
];

const PLACES: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `seen in a log ${payload} by rio`,
  (payload) => `first line\n${payload}\nlast line`,
  (payload) => `(${payload})`,
  (payload) => `x${payload}x`,
  (payload) => `${payload}${payload}`,
];

export const INJECTIONS: readonly string[] = PAYLOADS.flatMap((payload) =>
  PLACES.map((place) => place(payload)),
);

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runbookHash } from '../../src/domain/runbook.ts';
import {
  loadRunbooks,
  parseRunbook,
  parseRunbookFile,
  problemLine,
  readRunbook,
} from '../../src/runbook/load.ts';
import { thorough } from '../support/thorough.ts';

/** Problems as `line:column message`. */
function problems(text: string): string[] {
  const parsed = parseRunbook(text, 'x.yaml');
  return 'problems' in parsed ? parsed.problems.map((p) => `${p.line}:${p.column} ${p.message}`) : [];
}

function hash(text: string): string {
  const parsed = parseRunbook(text, 'x.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.map(problemLine).join('\n'));
  return runbookHash(parsed.runbook);
}

const RIGHT = `id: leak
title: A leak
phases:
  - id: now
    title: Now
    within: 5m
    nudges: [2m, 4m]
    steps:
      - id: one
        title: Do one
        guide: |
          Do it.
      - id: two
        title: Do two
        needs: [one]
        guide: Do that.
`;

describe('mistakes in the text', () => {
  test('eight different ones are told at once, each with its place and a fix', () => {
    const text = `id: Leaked Key
title: A leak
phases:
  - id: now
    title: Now
    within: 5 minutes
    nudges: [2m, 1m]
    owner: me
    steps:
      - id: one
        title: Do one
        title: Do one again
        guide: Do it.
      - id: two
        title: Do two
        needs: [one, tree]
      - id: one
        title: Do three
        authority: root
        guide: Do it.
`;
    expect(problems(text)).toEqual([
      '1:5 `id` must be lower-case words joined by hyphens.',
      '6:13 `within` must be a whole number followed by s, m, h or d.',
      '7:18 The nudge at 1m is not later than the one before it.',
      '8:5 "owner" is not a key that a runbook knows here.',
      '12:9 This key is there twice in the same mapping.',
      '14:9 `guide` is missing.',
      '16:22 No step of this runbook has the id "tree".',
      '17:13 The step "one" is there twice.',
      '19:20 `authority` must be one of anyone, responder, manager.',
    ]);
    const parsed = parseRunbook(text, 'x.yaml');
    if (!('problems' in parsed)) throw new Error('it was accepted');
    for (const problem of parsed.problems) {
      expect(problem.file).toBe('x.yaml');
      expect(problem.fix).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('an empty value is told at its key', () => {
    expect(problems(RIGHT.replace('title: A leak', 'title:'))).toEqual(['2:1 `title` must be text.']);
  });

  test('a list entry of the wrong kind is told at the entry', () => {
    expect(problems(RIGHT.replace('[2m, 4m]', '[2m, 4]'))).toEqual([
      '7:18 Entry 2 of `nudges` must be text.',
    ]);
  });

  test('columns hold with CRLF line ends and characters outside the basic plane', () => {
    const text = RIGHT.replace('within: 5m', 'within: 🔥').replaceAll('\n', '\r\n');
    expect(problems(text)).toEqual(['6:13 `within` must be a whole number followed by s, m, h or d.']);
  });

  test('after a syntax error only what stands before it is judged', () => {
    const text = RIGHT.replace('id: leak', 'id: LEAK').replace('title: Do one', 'title: "Do one');
    const told = problems(text);
    expect(told[0]).toBe('1:5 `id` must be lower-case words joined by hyphens.');
    expect(told.length).toBeGreaterThan(1);
    for (const line of told.slice(1)) expect(line).toContain('YAML: ');
  });

  test('a tab as indentation', () => {
    expect(problems(RIGHT.replace('    title: Now', '\ttitle: Now'))[0]).toMatch(/^5:1 YAML: /);
  });

  test.each([
    ['nothing', '', '1:1 A runbook must be a mapping.'],
    ['only a comment', '# later\n', '1:1 A runbook must be a mapping.'],
    ['a list', '- a\n', '1:1 A runbook must be a mapping.'],
    ['a second document', `${RIGHT}---\nid: x\n`, '17:1 YAML: Source contains multiple documents.'],
    ['a tag', RIGHT.replace('A leak', '!secret A leak'), '2:8 YAML: Unresolved tag: !secret.'],
  ])('%s', (_, text, expected) => expect(problems(text)).toEqual([expected]));
});

describe('hostile text', () => {
  test('anchors and aliases are refused where they stand', () => {
    const text = RIGHT.replace('title: A leak', 'title: &t A leak').replace('title: Now', 'title: *t');
    expect(problems(text)).toEqual([
      '2:8 A runbook has no anchors or aliases.',
      '5:12 A runbook has no anchors or aliases.',
    ]);
  });

  test('a bomb of aliases is not unfolded', () => {
    const levels = Array.from({ length: 20 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
    const told = problems(`a0: &a0 [boom]\n${levels.join('\n')}\n`);
    expect(told).toHaveLength(100);
    expect(told[0]).toContain('no anchors or aliases');
    expect(told[99]).toMatch(/^\d+:\d+ \d+ more mistakes from here on\.$/);
  });

  test.each([
    ['brackets', '['.repeat(60_000), 'is nested more than 32 levels deep'],
    ['hyphens', '- '.repeat(40_000), 'is nested more than 32 levels deep'],
    ['braces', '{a: '.repeat(25_000), 'is nested more than 32 levels deep'],
    ['keys', Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n'), 'has more than 10,000 values'],
    ['bytes', '#'.repeat(256 * 1024 + 1), 'is larger than 256 KiB'],
    ['bytes of long characters', `# ${'€'.repeat(90_000)}`, 'is larger than 256 KiB'],
  ])('too many %s', (_, text, message) => expect(problems(text)).toEqual([`1:1 The file ${message}.`]));
});

describe('a flood of syntax errors', () => {
  test('is cut to a hundred lines', () => {
    expect(problems('"'.repeat(40_000))).toHaveLength(100);
  });
});

describe('any text', () => {
  test('is a runbook or has problems that stand in it; nothing throws', () => {
    const shred = fc.oneof(
      fc.constantFrom(
        ...'\n\t -:[]{}&*!|>"\'#?%@`,0\r'.split(''),
        '- ',
        '\n---\n',
        '<<: ',
        '\ud800',
        '\ufeff',
      ),
      fc.string({ maxLength: 3 }),
    );
    const edit = fc.record({ at: fc.nat(RIGHT.length), cut: fc.nat(12), put: shred });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = RIGHT;
        for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        const parsed = parseRunbook(text, 'x.yaml');
        if ('runbook' in parsed) {
          expect(runbookHash(parsed.runbook)).toHaveLength(64);
          return;
        }
        expect(parsed.problems.length).toBeGreaterThan(0);
        const lines = text.split('\n');
        for (const { line, column } of parsed.problems) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: thorough(500) },
    );
  });
});

describe('hash', () => {
  test('does not depend on order of keys, comments, quotes or line ends', () => {
    const other = `# a comment
title: "A leak"   # another
phases:
- title: Now
  id: 'now'
  nudges:
    - 2m
    - 4m
  steps:
    - {guide: "Do it.", title: Do one, id: one}
    - {guide: Do that., needs: [one], id: two, title: Do two, confirm: false}
  within: 5m
id: leak
`;
    expect(hash(other)).toBe(hash(RIGHT));
    expect(hash(RIGHT.replaceAll('\n', '\r\n'))).toBe(hash(RIGHT));
    expect(hash(RIGHT.replace('Do that.', 'Do this.'))).not.toBe(hash(RIGHT));
  });
});

describe('files', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keyleak-runbook-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const put = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(dir, name), content);
    return join(dir, name);
  };

  test('a right one is read', async () => {
    expect((await readRunbook(await put('a.yaml', RIGHT))).phases[0]?.steps).toHaveLength(2);
  });

  test('a wrong one throws with every mistake in the form file:line:column', async () => {
    const path = await put('a.yaml', RIGHT.replace('id: leak', 'id: LEAK').replace('5m', '5'));
    await expect(readRunbook(path)).rejects.toMatchObject({
      code: 'KL_RUNBOOK_INVALID',
      message: [
        `${path} has 2 mistakes:`,
        `${path}:1:5: \`id\` must be lower-case words joined by hyphens. Write it like deactivate-key.`,
        `${path}:6:13: \`within\` must be text. Write text; put it in quotes if YAML reads it as something else.`,
      ].join('\n'),
    });
  });

  test('bytes that are not UTF-8, and a file that is too large', async () => {
    const binary = await parseRunbookFile(await put('a.yaml', Uint8Array.of(0x69, 0xff, 0xfe)));
    expect(binary).toMatchObject({
      problems: [{ line: 1, column: 1, message: 'The file is not UTF-8 text.' }],
    });
    const large = await parseRunbookFile(await put('b.yaml', Buffer.alloc(256 * 1024 + 1, '#')));
    expect(large).toMatchObject({ problems: [{ message: 'The file is larger than 256 KiB.' }] });
  });

  test.each(['absent.yaml', '.'])('%s cannot be read', async (name) => {
    await expect(readRunbook(join(dir, name))).rejects.toMatchObject({ code: 'KL_RUNBOOK_UNREADABLE' });
  });

  test('a folder yields its runbooks by id and leaves other files alone', async () => {
    await put('a.yaml', RIGHT);
    await put('b.yml', RIGHT.replace('id: leak', 'id: other'));
    await put('notes.txt', 'not a runbook');
    expect([...(await loadRunbooks(dir)).keys()]).toEqual(['leak', 'other']);
  });

  test('a folder with mistakes in several files tells them all, a repeated id among them', async () => {
    const wrong = await put('a.yaml', RIGHT.replace('id: leak', 'id: LEAK'));
    await put('b.yaml', RIGHT);
    const again = await put('c.yaml', RIGHT);
    await expect(loadRunbooks(dir)).rejects.toMatchObject({
      code: 'KL_RUNBOOK_INVALID',
      message: [
        `${dir} has 2 mistakes:`,
        `${wrong}:1:5: \`id\` must be lower-case words joined by hyphens. Write it like deactivate-key.`,
        `${again}:1:1: Another file of this folder has the id leak too. Give each runbook an id of its own.`,
      ].join('\n'),
    });
  });

  test('a prefix that two runbooks claim, and a step that they count differently, are told', async () => {
    await put('a.yaml', RIGHT.replace('phases:', 'prefixes: [sk-x-, sk-y-]\nphases:'));
    const other = RIGHT.replace('id: leak', 'id: other').replace(
      'phases:',
      'prefixes: [sk-z-, sk-x-]\nphases:',
    );
    const claims = await put('b.yaml', other.replace('id: one\n', 'id: one\n        each: key\n'));
    await expect(loadRunbooks(dir)).rejects.toMatchObject({
      code: 'KL_RUNBOOK_INVALID',
      message: [
        `${dir} has 2 mistakes:`,
        `${claims}:1:1: The runbook leak claims the prefix sk-x- too. Leave it to one of the two.`,
        `${claims}:1:1: The step one is with each: key, other than in the runbook leak. Write each as it is there, or give the step an id of its own.`,
      ].join('\n'),
    });
  });

  test('a longer prefix may stand beside a shorter one', async () => {
    await put('a.yaml', RIGHT.replace('phases:', 'prefixes: [sk-]\nphases:'));
    const other = RIGHT.replace('id: leak', 'id: other').replace('phases:', 'prefixes: [sk-x-]\nphases:');
    await put('b.yaml', other);
    expect((await loadRunbooks(dir)).size).toBe(2);
  });

  test('a folder that is not there', async () => {
    await expect(loadRunbooks(join(dir, 'absent'))).rejects.toMatchObject({ code: 'KL_RUNBOOK_UNREADABLE' });
  });
});

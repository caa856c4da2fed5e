import { describe, expect, test } from 'vitest';
import { KeyleakError } from '../../src/domain/errors.ts';
import { durationMs, kindOf, type Runbook, runbookHash, runbookSchema } from '../../src/domain/runbook.ts';
import { checkRunbook } from '../../src/domain/runbook-check.ts';

type Raw = Record<string, unknown>;

const step = (id: string, more: Raw = {}): Raw => ({ id, title: `Do ${id}`, guide: 'Do it.', ...more });
const phase = (id: string, within: string, steps: Raw[], more: Raw = {}): Raw => ({
  id,
  title: id,
  within,
  steps,
  ...more,
});
const runbook = (...phases: Raw[]): Raw => ({ id: 'leak', title: 'A leak', phases });

/** Each problem as `path at message`. */
function told(value: unknown): string[] {
  return checkRunbook(value).map(({ path, at, message }) => `${path.join('.')} ${at} ${message}`);
}

function stepWith(more: Raw): string[] {
  return checkRunbook(runbook(phase('now', '5m', [step('one', more)]))).map(({ message }) => message);
}

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
  ])('%s', (text, ms) => expect(durationMs(text)).toBe(ms));

  test.each(['', '5', 'm', '0m', '05m', '-1h', '1.5h', '5 m', '1w', '5M', '5m\n', '99999d', '٥m'])(
    '%j is none',
    (text) => {
      expect(() => durationMs(text)).toThrow(KeyleakError);
      expect(() => durationMs(text)).toThrow(expect.objectContaining({ code: 'KL_DURATION_INVALID' }));
    },
  );
});

describe('a right runbook', () => {
  test('has no problems, and absent fields get their defaults', () => {
    const raw = runbook(
      phase('now', '5m', [step('one', { each: 'key' }), step('two', { needs: ['one'] })], {
        nudges: ['2m', '4m'],
      }),
      phase('later', '1h', [step('three', { needs: ['two'], authority: 'manager', confirm: true })]),
    );
    expect(checkRunbook(raw)).toEqual([]);
    const parsed = runbookSchema.parse(raw);
    expect(parsed.phases[0]?.steps[0]).toEqual({
      ...step('one', { each: 'key' }),
      authority: 'anyone',
      confirm: false,
    });
  });

  test('a step may need one that stands after it', () => {
    expect(told(runbook(phase('now', '5m', [step('one', { needs: ['two'] }), step('two')])))).toEqual([]);
  });
});

describe('what a runbook is chosen by', () => {
  const plain = runbook(phase('now', '5m', [step('one')]));

  test('is optional, and kept as it was written', () => {
    const more = { kind: 'Some key', prefixes: ['sk-x-', '-----BEGIN', 'SG.'], severity: 2 };
    expect(checkRunbook({ ...plain, ...more })).toEqual([]);
    expect(runbookSchema.parse({ ...plain, ...more })).toMatchObject(more);
    expect(Object.keys(runbookSchema.parse(plain))).toEqual(['id', 'title', 'phases']);
  });

  test('the kind is the title where none is given', () => {
    expect(kindOf({ title: 'Leaked thing', kind: 'Thing' })).toBe('Thing');
    expect(kindOf({ title: 'Leaked thing' })).toBe('Leaked thing');
  });

  test.each([
    [{ kind: 'x'.repeat(76) }, '`kind` has more than 75 characters.'],
    [{ kind: 'two\nlines' }, '`kind` must be one line of plain text.'],
    [{ severity: 0 }, '`severity` must be one of 1, 2, 3.'],
    [{ severity: 4 }, '`severity` must be one of 1, 2, 3.'],
    [{ severity: '1' }, '`severity` must be one of 1, 2, 3.'],
    [{ prefixes: 'sk-' }, '`prefixes` must be a list.'],
    [{ prefixes: [] }, '`prefixes` is empty.'],
    [
      { prefixes: ['sk-x-', 'sk'] },
      'Entry 2 of `prefixes` must be the beginning that all such credentials share.',
    ],
    [
      { prefixes: ['two words'] },
      'Entry 1 of `prefixes` must be the beginning that all such credentials share.',
    ],
    [
      { prefixes: [`sk-${'x'.repeat(22)}`] },
      'Entry 1 of `prefixes` must be the beginning that all such credentials share.',
    ],
    [{ prefixes: ['sk-x-', 'sk-y-', 'sk-x-'] }, 'The prefix "sk-x-" is there twice.'],
  ])('%j is a mistake', (more, message) => {
    const problems = checkRunbook({ ...plain, ...more });
    expect(problems.map((problem) => problem.message)).toEqual([message]);
    expect(problems[0]?.fix).toMatch(/^[A-Z].*\.$/);
  });
});

describe('rules between parts', () => {
  test('step ids are unique over the whole runbook', () => {
    const value = runbook(phase('a', '5m', [step('one')]), phase('b', '1h', [step('one')]));
    expect(told(value)).toEqual(['phases.1.steps.0.id value The step "one" is there twice.']);
  });

  test('phase ids are unique and deadlines ascend', () => {
    const value = runbook(phase('a', '1h', [step('one')]), phase('a', '60m', [step('two')]));
    expect(told(value)).toEqual([
      'phases.1.id value The phase "a" is there twice.',
      'phases.1.within value within 60m is not longer than the 1h of a phase before it.',
    ]);
  });

  test('nudges ascend and come before the deadline', () => {
    const value = runbook(phase('a', '5m', [step('one')], { nudges: ['4m', '2m', '300s'] }));
    expect(told(value)).toEqual([
      'phases.0.nudges.1 value The nudge at 2m is not later than the one before it.',
      'phases.0.nudges.2 value The nudge at 300s is not before the deadline of 5m.',
    ]);
  });

  test('needs exist, once', () => {
    const value = runbook(phase('a', '5m', [step('one'), step('two', { needs: ['one', 'three', 'one'] })]));
    expect(told(value)).toEqual([
      'phases.0.steps.1.needs.1 value No step of this runbook has the id "three".',
      'phases.0.steps.1.needs.2 value The need "one" is there twice.',
    ]);
  });

  test('needs have no circle, however long, and a circle is told once', () => {
    const value = runbook(
      phase('a', '5m', [step('one', { needs: ['three'] }), step('two', { needs: ['one'] })]),
      phase('b', '1h', [step('three', { needs: ['two'] }), step('four', { needs: ['four', 'one'] })]),
    );
    expect(told(value)).toEqual([
      'phases.0.steps.1.needs.0 value These steps wait for each other: one needs three needs two needs one.',
      'phases.1.steps.1.needs.0 value These steps wait for each other: four needs four.',
    ]);
  });
});

describe('shape', () => {
  test('unknown keys are refused at every level, with the keys that are known', () => {
    const value = { ...runbook({ ...phase('a', '5m', [step('one', { gide: 'x' })]), due: 1 }), version: 1 };
    expect(told(value).sort()).toEqual([
      'phases.0.due key "due" is not a key that a runbook knows here.',
      'phases.0.steps.0.gide key "gide" is not a key that a runbook knows here.',
      'version key "version" is not a key that a runbook knows here.',
    ]);
    const fixes = checkRunbook(value).map(({ path, fix }) => [path.at(-1), fix]);
    expect(fixes).toContainEqual(['due', 'Remove it, or use one of: id, title, within, nudges, steps.']);
    expect(fixes).toContainEqual([
      'version',
      'Remove it, or use one of: id, title, kind, prefixes, severity, phases.',
    ]);
    expect(fixes.find(([key]) => key === 'gide')?.[1]).toContain(
      'needs, authority, confirm, controls, guide',
    );
  });

  test('a missing key is told at its parent', () => {
    expect(told({ id: 'leak', phases: [] })).toEqual([
      ' value `title` is missing.',
      'phases value `phases` is empty.',
    ]);
  });

  test.each([
    [{ each: 'system' }, '`each` must be key.'],
    [{ uses: 'identify-key' }, '`uses` must name an action and its version.'],
    [{ uses: 'a/b@0' }, '`uses` must name an action and its version.'],
    [{ authority: 'admin' }, '`authority` must be one of anyone, responder, manager.'],
    [{ confirm: 'yes' }, '`confirm` must be true or false.'],
    [{ needs: 'two' }, '`needs` must be a list.'],
    [{ needs: [] }, '`needs` is empty.'],
    [{ controls: ['RS.MI-1'] }, 'Entry 1 of `controls` must be the id of a NIST CSF 2.0 subcategory.'],
    [{ controls: ['RS.IM-01'] }, 'Entry 1 of `controls` must be the id of a NIST CSF 2.0 subcategory.'],
    [{ title: 'x'.repeat(76) }, '`title` has more than 75 characters.'],
    [{ title: 'two\nlines' }, '`title` must be one line of plain text.'],
    [{ title: '\ud800' }, '`title` must be one line of plain text.'],
    [{ guide: ' \n' }, '`guide` is empty.'],
    [{ guide: 'line\n'.repeat(181) }, '`guide` has more than 900 characters.'],
    [{ guide: 'x'.repeat(201) }, '`guide` has a line of more than 200 characters.'],
    [{ guide: 'a\u001b[31mb' }, '`guide` holds a control character.'],
    [{ guide: 'Tell <!channel> now' }, '`guide` uses Markdown or HTML that a Slack message cannot show.'],
    [{ guide: 'First\n## Second' }, '`guide` uses Markdown or HTML that a Slack message cannot show.'],
    [{ guide: 'See [this](http://example.com).' }, '`guide` has a link that is not https.'],
    [{ guide: 'See [this](javascript:alert).' }, '`guide` has a link that is not https.'],
  ])('step with %j', (more, message) => expect(stepWith(more)).toEqual([message]));

  test.each([
    [null, 'A runbook must be a mapping.'],
    ['text', 'A runbook must be a mapping.'],
    [[1], 'A runbook must be a mapping.'],
  ])('%j is no runbook', (value, message) =>
    expect(checkRunbook(value).map((problem) => problem.message)).toEqual([message]),
  );
});

describe('hash', () => {
  const parse = (value: unknown): Runbook => runbookSchema.parse(value);

  test('does not depend on the order of keys or on defaults being written out', () => {
    const a = parse(runbook(phase('now', '5m', [step('one')])));
    const b = parse({
      phases: [
        {
          steps: [{ guide: 'Do it.\n', confirm: false, authority: 'anyone', title: 'Do one', id: 'one' }],
          within: '5m',
          title: 'now',
          id: 'now',
        },
      ],
      title: 'A leak',
      id: 'leak',
    });
    expect(runbookHash(b)).toBe(runbookHash(a));
  });

  test('is the SHA-256 of the canonical JSON', () => {
    // echo -n '{"id":"leak",…}' | sha256sum
    expect(runbookHash(parse(runbook(phase('now', '5m', [step('one')]))))).toBe(
      'f6b3cb1e1c2eecff8b6a8b2931c348f94892e7f15684e974411338188363bf5b',
    );
  });

  test('changes with every word', () => {
    const base = runbookHash(parse(runbook(phase('now', '5m', [step('one')]))));
    expect(runbookHash(parse(runbook(phase('now', '5m', [step('one', { guide: 'Do it' })]))))).not.toBe(base);
    expect(runbookHash(parse(runbook(phase('now', '6m', [step('one')]))))).not.toBe(base);
  });
});

import { expect, test } from 'vitest';
import { compareErrors } from './errors.ts';
import { filesBelow, read } from './files.ts';

const NONE = { undocumented: [], unused: [], incomplete: [] };

test('every error code is on the page, and every section of the page is a code', () => {
  expect(compareErrors(filesBelow('src', '.ts'), read('docs/errors.md'))).toEqual(NONE);
});

const section = '## KL_A\n\n**What happened.** It broke.\n\n**What to do.** Mend it.\n';

test('the law bites: an undocumented code, a stale section, a section without a next step', () => {
  const file = { path: 'src/x.ts', text: "throw new KeyleakError('KL_B', '', '')" };
  expect(compareErrors([file], section)).toEqual({
    undocumented: ['KL_B'],
    unused: ['KL_A'],
    incomplete: [],
  });
  const known = { path: 'src/x.ts', text: "'KL_A'" };
  expect(compareErrors([known], section)).toEqual(NONE);
  expect(compareErrors([known], '## KL_A\n\n**What happened.** It broke.\n').incomplete).toEqual(['KL_A']);
});

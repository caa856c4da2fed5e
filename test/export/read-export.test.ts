import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyleakError } from '../../src/domain/errors.ts';
import { verifyLog } from '../../src/domain/verify-log.ts';
import { exportJson, exportNdjson } from '../../src/export/json.ts';
import { readExport } from '../../src/export/read-export.ts';
import { T0 } from '../support/cases.ts';
import { dossierOf, threeIncidents } from '../support/sealed-log.ts';
import { thorough } from '../support/thorough.ts';
import { seeded } from '../support/virtual-time.ts';

const book = threeIncidents(42);
book.purge('KL-2', 1, 'where', T0 + 3_600_000);
const dossier = dossierOf(book, 'KL-2');
const stored = book.incidents.find(({ id }) => id === 'KL-2')?.rows;
const FORMS = { json: exportJson(dossier), ndjson: exportNdjson(dossier) };

/** Everything that verification has against a file. */
function problems(text: string): string[] {
  const { log, findings } = readExport(text);
  return [...findings, ...verifyLog(log).findings].map(({ problem }) => problem);
}

function problemsOrRefusal(text: string): string[] {
  try {
    return problems(text);
  } catch (error) {
    if (error instanceof KeyleakError) return [error.code];
    throw error;
  }
}

/** The parsed json export, changed and written again. */
function changed(change: (whole: ReturnType<typeof JSON.parse>) => void): string {
  const whole = JSON.parse(FORMS.json);
  change(whole);
  return JSON.stringify(whole);
}

describe.each(Object.entries(FORMS))('%s', (form, text) => {
  test('brings every row back as it was stored, byte for byte', () => {
    const { incident, log } = readExport(text);
    expect(incident).toBe('KL-2');
    expect(log.incidents[0]?.rows).toEqual(stored);
    expect(log.checkpoints).toEqual(dossier.checkpoints);
    expect(log.runbooks?.length ?? 0).toBe(form === 'json' ? 1 : 0);
  });

  test('of a sound log has nothing against it', () => {
    expect(problems(text)).toEqual([]);
  });

  test('may come with a byte-order mark and Windows line ends', () => {
    expect(problems(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });

  test('with any one character changed is noticed, but for the time of the export and white space', () => {
    const free = text.indexOf('"exported_at"');
    const end = text.indexOf('}', free);
    const chance = seeded(1);
    const escaped: string[] = [];
    for (let count = 0; count < thorough(300); count += 1) {
      const index = chance.below(text.length);
      const code = text.charCodeAt(index);
      if (/\s/.test(text.charAt(index)) || (index > free && index < end)) continue;
      const wrong =
        text.slice(0, index) + String.fromCharCode(code ^ (1 << chance.below(7))) + text.slice(index + 1);
      if (problemsOrRefusal(wrong).length === 0)
        escaped.push(`${index}: ${text.slice(index - 10, index + 10)}`);
    }
    expect(escaped).toEqual([]);
  });

  test('cut anywhere is noticed', () => {
    for (let length = 0; length < text.trimEnd().length; length += 997) {
      expect(problemsOrRefusal(text.slice(0, length))).not.toEqual([]);
    }
  });
});

describe('an export that was changed', () => {
  test.each<[string, (whole: ReturnType<typeof JSON.parse>) => void]>([
    ['a header with another number', (whole) => (whole.export.entries += 1)],
    ['a header with another head', (whole) => (whole.export.head = 'f'.repeat(64))],
    ['a header with another uid', (whole) => (whole.export.uid = 'cd'.repeat(16))],
    ['a header with another incident', (whole) => (whole.export.incident = 'KL-3')],
    ['an entry with one member more', (whole) => (whole.entries[1].remark = 'looks official')],
    ['an entry with a number that is not whole', (whole) => (whole.entries[1].data.x = 1.5)],
    ['an entry that is a string', (whole) => (whole.entries[1] = 'entry')],
    ['a text with one member more', (whole) => (whole.entries[1].texts.words.remark = 'x')],
    ['texts that are no object', (whole) => (whole.entries[1].texts = null)],
    ['a checkpoint with one member more', (whole) => (whole.checkpoints[0].remark = 'x')],
    ['a checkpoint that is null', (whole) => (whole.checkpoints[0] = null)],
    ['no checkpoints', (whole) => (whole.checkpoints = [])],
    ['no list of checkpoints', (whole) => delete whole.checkpoints],
    ['entries that are no list', (whole) => (whole.entries = {})],
    ['another runbook', (whole) => (whole.runbook.title = 'Another')],
    ['no runbook', (whole) => delete whole.runbook],
    ['one part more', (whole) => (whole.summary = 'All is well.')],
    ['no first entry', (whole) => whole.entries.shift()],
    ['no last entry', (whole) => whole.entries.pop()],
  ])('is noticed: %s', (_what, change) => {
    expect(problems(changed(change))).not.toEqual([]);
  });

  test('is noticed line by line in ndjson', () => {
    const lines = FORMS.ndjson.trimEnd().split('\n');
    for (const wrong of ['{"checkpoint":1,"more":2}', '[]', '{"kind"', '{}']) {
      const text = [...lines.slice(0, 3), wrong, ...lines.slice(3)].join('\n');
      expect(problems(text)).toContain('Line 4 is neither an entry nor a checkpoint.');
    }
  });
});

describe('a file that is no export', () => {
  test.each([
    ['empty', ''],
    ['prose', 'See the attached file.'],
    ['Markdown', '# KL-2: leaked API key\n'],
    ['other JSON', '{"a":1}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a header alone that is not ours', '{"export":{"format":"other","incident":"KL-1"},"entries":[]}'],
    ['a newer format', changed((whole) => (whole.export.format = 'keyleak.export.v2'))],
    ['a header without an incident', changed((whole) => delete whole.export.incident)],
    ['deep nesting', '['.repeat(200_000)],
    ['ndjson without its header', FORMS.ndjson.split('\n').slice(1).join('\n')],
  ])('is refused with the next step: %s', (_what, text) => {
    expect(problemsOrRefusal(text)).toEqual(['KL_EXPORT_UNREADABLE']);
  });

  test('never ends in anything but findings or that refusal', () => {
    const part = fc.anything();
    fc.assert(
      fc.property(part, part, part, fc.string(), (entries, checkpoints, runbook, line) => {
        const header = { format: 'keyleak.export.v1', incident: 'KL-1' };
        const whole = { export: header, entries, checkpoints, runbook };
        for (const text of [
          JSON.stringify(whole) ?? '',
          `${JSON.stringify({ export: header })}\n${line}`,
          line,
        ]) {
          expect(problemsOrRefusal(text)).not.toEqual([]);
        }
      }),
    );
  });
});

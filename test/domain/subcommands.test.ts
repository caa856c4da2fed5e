import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withinEdits } from '../../src/domain/edit-distance.ts';
import { readCommand, SUBCOMMANDS } from '../../src/domain/subcommands.ts';

describe('subcommands', () => {
  test('are those of the contract', () => {
    expect([...SUBCOMMANDS].sort()).toEqual(
      ['help', 'list', 'status', 'timeline', 'note', 'assign', 'export', 'close', 'drill', 'metrics'].sort(),
    );
  });

  test.each(SUBCOMMANDS)('%s alone, in capitals and with more words is itself', (name) => {
    expect(readCommand(` ${name} `)).toEqual({ kind: 'subcommand', name, rest: '' });
    expect(readCommand(name.toUpperCase())).toEqual({ kind: 'subcommand', name, rest: '' });
    expect(readCommand(`${name}  two  words\nand a line `)).toEqual({
      kind: 'subcommand',
      name,
      rest: 'two  words\nand a line',
    });
  });

  test('status takes the incident it is asked for', () => {
    expect(readCommand('Status KL-7')).toEqual({ kind: 'subcommand', name: 'status', rest: 'KL-7' });
  });
});

describe('one slip away', () => {
  test.each([
    ['hlep', 'help'],
    ['hepl', 'help'],
    ['hel', 'help'],
    ['helpp', 'help'],
    ['halp', 'help'],
    ['staus', 'status'],
    ['Expotr', 'export'],
    ['lst', 'list'],
    ['ntoe', 'note'],
    ['clsoe', 'close'],
    ['metric', 'metrics'],
  ])('%s asks whether %s was meant', (typed, meant) => {
    expect(readCommand(typed)).toEqual({ kind: 'nearly', typed, meant });
  });

  test('with more words it declares, because a key may be called like that', () => {
    expect(readCommand('staus in the repo')).toEqual({ kind: 'declare', words: 'staus in the repo' });
  });

  test('two slips declare', () => {
    for (const word of ['hpel2', 'lo', 'stat', 'expo', 'drills2'])
      expect(readCommand(word)).toEqual({ kind: 'declare', words: word });
  });

  test('every single slip of every subcommand is caught, and nothing further away is', () => {
    const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'.split(''));
    fc.assert(
      fc.property(fc.constantFrom(...SUBCOMMANDS), fc.nat(12), letter, fc.nat(3), (name, place, by, how) => {
        const at = place % name.length;
        const slips = [
          name.slice(0, at) + by + name.slice(at),
          name.slice(0, at) + name.slice(at + 1),
          name.slice(0, at) + by + name.slice(at + 1),
          name.slice(0, at) + (name[at + 1] ?? '') + (name[at] ?? '') + name.slice(at + 2),
        ];
        const typed = slips[how] ?? '';
        const command = readCommand(typed);
        expect(command.kind).toBe(typed === name ? 'subcommand' : 'nearly');
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (typed) => {
        const command = readCommand(typed);
        if (command.kind === 'nearly')
          expect(withinEdits(command.typed.toLowerCase(), command.meant, 1)).toBe(true);
      }),
    );
  });
});

describe('everything else', () => {
  test('nothing is empty', () => {
    for (const words of ['', ' ', '\n\t ', 'declare', ' Declare  '])
      expect(readCommand(words)).toEqual({ kind: 'empty' });
  });

  test('declare reaches a key that is called like a subcommand', () => {
    expect(readCommand('declare export')).toEqual({ kind: 'declare', words: 'export' });
    expect(readCommand('DECLARE hlep in CI')).toEqual({ kind: 'declare', words: 'hlep in CI' });
  });

  test.each([
    'R2D...igAA',
    'prod-key in the repo',
    'apikey_01',
    '👩‍👩‍👧',
    '<!channel>',
    'שלום',
    "'; DROP TABLE x",
  ])('%s declares', (words) => {
    expect(readCommand(words)).toEqual({ kind: 'declare', words });
  });

  test('no text throws, and declared words are the words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const command = readCommand(words);
        if (command.kind === 'declare' && !/^\s*declare\s/i.test(words))
          expect(command.words).toBe(words.trim());
      }),
    );
  });
});

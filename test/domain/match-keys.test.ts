import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyFacts, KeyListing, KeyQuery } from '../../src/domain/key.ts';
import { matchKeys } from '../../src/domain/match-keys.ts';
import type { MatchFacts } from '../../src/domain/ports.ts';
import { keyFacts, T0 } from '../support/cases.ts';
import { thorough } from '../support/thorough.ts';

function listing(keys: readonly KeyFacts[], complete = true): KeyListing {
  return { keys, complete, readAt: T0 };
}

function hint(start: string, end: string, family: string | null = null): KeyQuery {
  return { shape: 'hint', family, start, end };
}

function ids(match: MatchFacts): string[] {
  if (match.outcome === 'none') return [];
  return match.outcome === 'exact' ? [match.key.id] : match.keys.map((key) => key.id);
}

function why(match: MatchFacts): string {
  return match.outcome === 'candidates' ? match.why : match.outcome;
}

const PROD = keyFacts();
const STAGING = keyFacts({ id: 'apikey_02stag', name: 'staging-api', hint: 'sk-ant-api03-S3E...jhAA' });
const OLD = keyFacts({ id: 'apikey_03old', name: 'legacy', hint: null });
const ALL = listing([PROD, STAGING, OLD]);

describe('ids', () => {
  test('a listed id is exact, letter case included', () => {
    expect(matchKeys({ shape: 'id', id: 'apikey_01prod' }, ALL)).toEqual({ outcome: 'exact', key: PROD });
    expect(matchKeys({ shape: 'id', id: 'apikey_01PROD' }, ALL)).toEqual({ outcome: 'none' });
    expect(matchKeys({ shape: 'id', id: 'apikey_01' }, ALL)).toEqual({ outcome: 'none' });
  });

  test('a key that is not active is exact too: the provider may say that it is dead already', () => {
    const dead = keyFacts({ status: 'archived' });
    expect(matchKeys({ shape: 'id', id: dead.id }, listing([dead]))).toEqual({ outcome: 'exact', key: dead });
  });

  test('both ends in the wrong order are only offered, and only where nothing fits as it was written', () => {
    const turned = matchKeys(hint('igAA', 'R2D'), ALL);
    expect(why(turned)).toBe('swapped');
    expect(ids(turned)).toEqual([PROD.id]);
    expect(matchKeys(hint('igAA', 'R'), ALL)).toEqual({ outcome: 'none' });
    const mirror = keyFacts({ id: 'apikey_04mirror', hint: 'sk-ant-api03-igAA...R2D' });
    expect(matchKeys(hint('igAA', 'R2D'), listing([PROD, mirror]))).toEqual({
      outcome: 'exact',
      key: mirror,
    });
  });

  test('in a listing that is not complete a person confirms', () => {
    const match = matchKeys({ shape: 'id', id: PROD.id }, listing([PROD], false));
    expect(why(match)).toBe('several');
    expect(ids(match)).toEqual([PROD.id]);
  });

  test('a key that is listed twice is one key, in the later word', () => {
    const later = keyFacts({ status: 'inactive' });
    expect(matchKeys(hint('R2D', 'igAA'), listing([PROD, later]))).toEqual({ outcome: 'exact', key: later });
  });
});

describe('hints with both ends', () => {
  test('one key that fits is exact', () => {
    expect(matchKeys(hint('R2D', 'igAA'), ALL)).toEqual({ outcome: 'exact', key: PROD });
    expect(matchKeys(hint('R2D', 'igAA', 'sk-ant-api03-'), ALL)).toEqual({ outcome: 'exact', key: PROD });
  });

  test('ends may be longer or shorter than the provider shows', () => {
    for (const query of [hint('R2DxY', 'xyzigAA'), hint('R2', 'gAA'), hint('R2', 'igAA'), hint('R2D', 'AA')])
      expect(matchKeys(query, ALL)).toEqual({ outcome: 'exact', key: PROD });
  });

  test('ends that disagree anywhere do not fit', () => {
    for (const query of [
      hint('R2E', 'igAA'),
      hint('R2D', 'ihAA'),
      hint('r2d', 'igAA'),
      hint('R2D', 'igaa'),
      hint('xR2D', 'igAA'),
      hint('R2D', 'igAAx'),
      hint('2D', 'igAA'),
      hint('R2D', 'ig'),
    ])
      expect(matchKeys(query, ALL)).toEqual({ outcome: 'none' });
  });

  test('another family is no match', () => {
    expect(matchKeys(hint('R2D', 'igAA', 'sk-ant-admin01-'), ALL)).toEqual({ outcome: 'none' });
  });

  test('several keys that fit are offered, whatever their status', () => {
    const twin = keyFacts({ id: 'apikey_09twin', name: 'a-twin', status: 'archived' });
    const match = matchKeys(hint('R2D', 'igAA'), listing([twin, PROD, STAGING]));
    expect(why(match)).toBe('several');
    expect(ids(match)).toEqual([PROD.id, twin.id]);
  });

  test('fewer than five shared characters, or one at an end, are too short to be sure', () => {
    for (const query of [hint('R2', 'AA'), hint('R', 'igAA'), hint('R2D', 'A')]) {
      const match = matchKeys(query, ALL);
      expect(why(match)).toBe('short');
      expect(ids(match)).toEqual([PROD.id]);
    }
  });

  test('both ends in the wrong order are only offered, and only where nothing fits as it was written', () => {
    const turned = matchKeys(hint('igAA', 'R2D'), ALL);
    expect(why(turned)).toBe('swapped');
    expect(ids(turned)).toEqual([PROD.id]);
    expect(matchKeys(hint('igAA', 'R'), ALL)).toEqual({ outcome: 'none' });
    const mirror = keyFacts({ id: 'apikey_04mirror', hint: 'sk-ant-api03-igAA...R2D' });
    expect(matchKeys(hint('igAA', 'R2D'), listing([PROD, mirror]))).toEqual({
      outcome: 'exact',
      key: mirror,
    });
  });

  test('in a listing that is not complete a person confirms', () => {
    expect(why(matchKeys(hint('R2D', 'igAA'), listing([PROD], false)))).toBe('several');
  });

  test('a key without a hint is neither matched nor offered, and hides no other', () => {
    expect(matchKeys(hint('Xy9', 'zzAA'), ALL)).toEqual({ outcome: 'none' });
    expect(matchKeys(hint('Xy9', 'zzAA'), listing([OLD]))).toEqual({ outcome: 'none' });
  });

  test.each(['sk-ant-api03-R2D…igAA', 'R2D...igAA', 'sk-ant-api03-R2D***igAA'])(
    'the provider may write its hint as %s',
    (shown) => {
      const key = keyFacts({ hint: shown });
      expect(matchKeys(hint('R2D', 'igAA'), listing([key]))).toEqual({ outcome: 'exact', key });
    },
  );

  test.each(['', 'garbage', '...', 'sk-ant-api03-'])('the provider hint %j names nothing', (shown) => {
    expect(matchKeys(hint('R2D', 'igAA'), listing([keyFacts({ hint: shown })]))).toEqual({ outcome: 'none' });
  });
});

describe('single ends', () => {
  test('are offered even when only one key fits', () => {
    for (const query of [
      { shape: 'end', family: null, start: null, end: 'igAA' },
      { shape: 'end', family: null, start: 'R2D', end: null },
    ] as const) {
      const match = matchKeys(query, ALL);
      expect(why(match)).toBe('single_end');
      expect(ids(match)).toEqual([PROD.id]);
    }
  });

  test('one character, or none, says nothing', () => {
    expect(matchKeys({ shape: 'end', family: null, start: 'R', end: null }, ALL).outcome).toBe('none');
    expect(matchKeys({ shape: 'end', family: null, start: null, end: null }, ALL).outcome).toBe('none');
  });
});

describe('names', () => {
  const named = (id: string, name: string, status: KeyFacts['status'] = 'active'): KeyFacts =>
    keyFacts({ id, name, status, hint: null });

  test('are always confirmed by a person, even when only one key has the name', () => {
    const match = matchKeys({ shape: 'name', name: 'staging-api' }, ALL);
    expect(why(match)).toBe('name');
    expect(ids(match)).toEqual([STAGING.id]);
  });

  test('the same name comes first, then names that begin with it, then names that hold it; active ones lead', () => {
    const keys = [
      named('k1', 'my-prod-2'),
      named('k2', 'prod-b', 'inactive'),
      named('k3', 'prod-a'),
      named('k4', 'PROD', 'archived'),
      named('k5', 'Prod'),
      named('k6', 'unrelated'),
    ];
    expect(ids(matchKeys({ shape: 'name', name: 'prod' }, listing(keys)))).toEqual([
      'k5',
      'k4',
      'k3',
      'k2',
      'k1',
    ]);
  });

  test('a slip of the keyboard is forgiven where no name fits', () => {
    const keys = [named('k1', 'prod-api-gateway'), named('k2', 'prod')];
    expect(ids(matchKeys({ shape: 'name', name: 'prdo-api-gatway' }, listing(keys)))).toEqual(['k1']);
    expect(ids(matchKeys({ shape: 'name', name: 'prdo' }, listing(keys)))).toEqual(['k2']);
    expect(ids(matchKeys({ shape: 'name', name: 'pr' }, listing([named('k3', 'qr')])))).toEqual([]);
  });

  test('the end of a key without dots is understood', () => {
    const match = matchKeys({ shape: 'name', name: 'igAA' }, ALL);
    expect(why(match)).toBe('single_end');
    expect(ids(match)).toEqual([PROD.id]);
  });

  test('a name that is purged or blank matches nothing', () => {
    for (const name of ['', '  '])
      expect(matchKeys({ shape: 'name', name }, ALL)).toEqual({ outcome: 'none' });
    expect(matchKeys({ shape: 'none' }, ALL)).toEqual({ outcome: 'none' });
  });

  test('a name of 3,000 characters against 500 keys is answered', () => {
    const keys = Array.from({ length: 500 }, (_, index) => named(`k${index}`, `${'n'.repeat(400)}${index}`));
    expect(matchKeys({ shape: 'name', name: 'm'.repeat(3_000) }, listing(keys))).toEqual({ outcome: 'none' });
  });
});

describe('never a wrong key', () => {
  // A small alphabet, so that keys share ends often.
  const body = fc.string({ unit: fc.constantFrom('a', 'B', '3', '-'), minLength: 20, maxLength: 20 });
  const family = fc.constantFrom('sk-ant-api03-', 'sk-ant-admin01-');
  const secret = fc.record({
    body,
    family,
    shown: fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 5 })),
    hinted: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
    status: fc.constantFrom<KeyFacts['status']>('active', 'inactive', 'archived', 'expired'),
  });

  test('what is called exact is the key that the words came from, and the only one that fits them', () => {
    let exact = 0;
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 25 }),
        fc.nat(),
        fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
        fc.boolean(),
        fc.boolean(),
        (secrets, pick, [before, after], withFamily, complete) => {
          const keys = secrets.map((one, index) =>
            keyFacts({
              id: `apikey_${index}`,
              status: one.status,
              hint: one.hinted
                ? `${one.family}${one.body.slice(0, one.shown[0])}...${one.body.slice(-one.shown[1])}`
                : null,
            }),
          );
          const target = pick % secrets.length;
          const leaked = secrets[target];
          if (leaked === undefined) return;
          const query = hint(
            leaked.body.slice(0, before),
            leaked.body.slice(-after),
            withFamily ? leaked.family : null,
          );
          const match = matchKeys(query, listing(keys, complete));
          if (leaked.hinted) expect(ids(match)).toContain(`apikey_${target}`);
          if (match.outcome !== 'exact') return;
          exact += 1;
          expect(complete).toBe(true);
          // Judged without the code under test: every other key with a hint contradicts the words somewhere.
          const fits = secrets.filter(
            (one) =>
              one.hinted &&
              !(withFamily && one.family !== leaked.family) &&
              leaked.body.slice(0, Math.min(before, one.shown[0])) ===
                one.body.slice(0, Math.min(before, one.shown[0])) &&
              leaked.body.slice(-Math.min(after, one.shown[1])) ===
                one.body.slice(-Math.min(after, one.shown[1])),
          );
          expect(fits).toHaveLength(1);
          if (leaked.hinted) expect(match.key.id).toBe(`apikey_${target}`);
        },
      ),
      { numRuns: thorough(2_000) },
    );
    expect(exact).toBeGreaterThan(50);
  });

  test('names and single ends never name a key by themselves', () => {
    const name = fc.string({ unit: fc.constantFrom('p', 'r', 'o', 'd', '-', ' '), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 20 }), name, name, (names, asked, end) => {
        const keys = names.map((one, index) => keyFacts({ id: `apikey_${index}`, name: one }));
        expect(matchKeys({ shape: 'name', name: asked }, listing(keys)).outcome).not.toBe('exact');
        expect(
          matchKeys({ shape: 'end', family: null, start: end, end: null }, listing(keys)).outcome,
        ).not.toBe('exact');
      }),
    );
  });
});

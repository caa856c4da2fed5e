// What the card says of a replacement, of the systems that need it, and of a dead key's use, as a person reads it.

import { describe, expect, test } from 'vitest';
import type { HouseRules } from '../../../src/domain/house-rules.ts';
import type { KeyFacts } from '../../../src/domain/key.ts';
import type { Observation } from '../../../src/domain/ports.ts';
import type { WireBlock } from '../../../src/sandbox/slack/json.ts';
import { messageWords } from '../../../src/sandbox/slack/words.ts';
import type { Reader } from '../../../src/sandbox/slack/words-text.ts';
import { card } from '../../../src/slack/views/card.ts';
import { at, exactMatch, hintReport, keyFacts, type Play, person, play, T0 } from '../../support/cases.ts';

const MINUTE = 60_000;
const responder = person('U0RIO', 'responder');
const listing = { keys: [], complete: true, readAt: T0 };
const here = keyFacts({ id: 'new1', name: 'prod-a-2026-11-23', hint: 'sk-ant-api03-aaa...aaAA' });
const there = keyFacts({
  id: 'new2',
  name: 'staging-b-2026-11-23',
  hint: 'sk-ant-api03-bbb...bbAA',
  workspace: { id: 'w2', name: 'Staging' },
});

const reader: Reader = {
  zone: 'UTC',
  now: () => T0 + 2 * MINUTE,
  person: (id) => id,
  group: (id) => id,
  channel: (id) => id,
};

function words(game: Play, can: (action: string) => boolean = () => true): string {
  const { text, blocks } = card(game.subject, T0, can);
  const wire = JSON.parse(JSON.stringify(blocks)) as WireBlock[];
  return messageWords({ text, blocks: wire }, reader, 1_000).join('\n');
}

function identified(systems: ReturnType<HouseRules['systems']> = []): Play {
  const rules = { containment: () => 'confirm' as const, systems: () => systems };
  const game = play([hintReport()], { ...at(T0), rules });
  game.observe('identify-key', exactMatch());
  return game;
}

function seen(game: Play, ...found: KeyFacts[]): Play {
  const made = found.map((key) => ({ ...key, created_at: new Date(T0).toISOString() }));
  game.observe('watch-replacement', { type: 'successors', listing, found: made, again: null });
  return game;
}

function replaced(game: Play, key = here, warnings: ('name' | 'workspace')[] = []): Play {
  game.request(responder, { type: 'perform', step: 'replace-key', key: 'k1', candidate: null });
  game.observe('replace-key', { type: 'replacement', listing, key, warnings });
  return game;
}

describe('replacing', () => {
  test('says where to make the key, what to call it, and that none was seen yet', () => {
    const game = identified();
    expect(words(game)).toMatch(
      /Make it in workspace Production, name it prod-api-gateway-2026-11-23\nNo new key seen/,
    );
    const blocks = JSON.stringify(card(game.subject, T0, () => true).blocks);
    expect(blocks).toContain('"url":"https://platform.claude.com/settings/keys"');
  });

  test('the only new key of the workspace is shown with its age and needs no button of its own', () => {
    const card = words(seen(identified(), here));
    expect(card).toContain('New: prod-a-2026-11-23, created 2 min ago');
    expect(card).not.toContain('…aaAA ]');
    expect(card).toContain('[ Confirm replacement ]');
  });

  test.each([
    ['several', [here, there]],
    ['one of another workspace', [there]],
  ])('%s: each has a button with its name', (_, found) => {
    const card = words(seen(identified(), ...found));
    expect(card).toContain('New: staging-b-2026-11-23 in Staging, another workspace');
    expect(card).toContain('[ staging-b-2026-11-23 · Staging …bbAA ]');
    expect(card.includes('[ prod-a-2026-11-23 · Production …aaAA ]')).toBe(found.length === 2);
  });

  test('without a provider the step has its guide and nothing to confirm', () => {
    const card = words(identified(), () => false);
    expect(card).not.toContain('Confirm replacement');
    expect(card).toContain('Mark done');
  });

  test('the replacement is named with who said so and what is odd, on the closed card too', () => {
    const game = replaced(identified(), there, ['name', 'workspace']);
    const said =
      /Replaced by staging-b-2026-11-23 {2}sk-ant-api03-bbb\.\.\.bbAA · said by @U0RIO\n.*breaks the convention; it is in another workspace/;
    expect(words(game)).toMatch(said);
    game.request(person('U0MEI', 'manager'), { type: 'close', verdict: 'resolved', reason: 'over' });
    expect(words(game)).toMatch(said);
    expect(words(game)).toContain('closed');
  });

  test('a new key that took one leaked key’s place is not offered for another', () => {
    const game = play([hintReport(), hintReport('Q9Z', 'zzAA')]);
    for (const [n, key] of ['k1', 'k2'].entries()) {
      game.observe('identify-key', exactMatch(keyFacts({ id: `apikey_${n}` })), T0, key);
      const look = { type: 'successors', listing, found: [here], again: null } as const;
      game.observe('watch-replacement', look, T0, key);
    }
    expect(words(game).match(/New: prod-a/g)).toHaveLength(2);
    expect(words(replaced(game))).not.toContain('New: prod-a');
  });

  test('markup in a name is text', () => {
    const card = words(seen(identified(), { ...here, name: '*bold* <!channel>' }, there));
    expect(card).toContain('New: *bold* <!channel>, created');
  });
});

describe('deploying', () => {
  const systems = [
    { name: 'checkout', owner: 'U0DANA', how: 'kubectl rollout restart deploy/checkout_v2 *' },
    { name: 'batches', owner: null, how: null },
  ];

  test('each system has a row with its owner, how, and a Mark done of its own', () => {
    const game = replaced(identified(systems));
    const card = words(game);
    expect(card).toContain(
      'checkout: kubectl rollout restart deploy/checkout_v2 *   [ Mark done ]\n  Owner @U0DANA',
    );
    expect(card).toContain('batches   [ Mark done ]');
    expect(card).toContain('0 of 2 systems have the replacement.\n[ Skip ]');
    game.request(responder, { type: 'deployed', key: 'k1', system: 'checkout' });
    expect(words(game)).not.toContain('checkout_v2');
    expect(words(game)).toMatch(/1 of 2 systems have the replacement, last checkout .* by @U0RIO/);
  });

  test('21 systems all have their row; those that are not shown for want of room come up later', () => {
    const many = Array.from({ length: 21 }, (_, n) => ({ name: `system-${n}.`, owner: null, how: null }));
    expect(words(replaced(identified(many))).match(/system-\d+\. {3}\[ Mark done \]/g)).toHaveLength(21);
    const game = play([hintReport(), hintReport('Q9Z', 'zzAA'), hintReport('T1T', 'ttAA')], {
      ...at(T0),
      rules: { containment: () => 'confirm', systems: () => many },
    });
    for (const [n, key] of ['k1', 'k2', 'k3'].entries()) {
      game.observe('identify-key', exactMatch(keyFacts({ id: `apikey_${n}` })), T0, key);
      game.request(responder, { type: 'perform', step: 'replace-key', key, candidate: null });
      const made = { ...here, id: `made_${n}` };
      game.observe('replace-key', { type: 'replacement', listing, key: made, warnings: [] }, T0, key);
    }
    expect(words(game)).toMatch(/; \d+ more come up as these are marked done\./);
  });

  test('without configured systems the step is marked as a whole, and the card says where to list them', () => {
    const card = words(replaced(identified()));
    expect(card).toMatch(/Deploy the replacement.*\nsystems: in keyleak\.yml lists .*\n\[ Mark done \]/);
  });
});

describe('containment', () => {
  type Checked = Extract<Observation, { type: 'containment' }>['checked'];
  const iso = (minutes: number): string => new Date(T0 + minutes * MINUTE).toISOString();

  function dead(): Play {
    const game = identified();
    game.request(responder, { type: 'perform', step: 'deactivate-key', key: 'k1', candidate: null });
    const after = keyFacts({ status: 'inactive' });
    const observedAt = T0 + 30_000;
    game.observe('deactivate-key', {
      type: 'status',
      before: keyFacts(),
      after,
      observedAt,
      requestId: null,
    });
    return game;
  }

  function told(change: Partial<Checked>, asked = false): string {
    const game = dead();
    const checked: Checked = {
      dead_since: iso(0.5),
      refreshed_at: iso(5),
      covered: true,
      requests: 0,
      uncounted: false,
      first_at: null,
      last_at: null,
      replacement: null,
      ...change,
    };
    if (asked)
      game.request(responder, { type: 'perform', step: 'verify-containment', key: 'k1', candidate: null });
    const step = asked ? 'verify-containment' : 'watch-containment';
    game.observe(step, { type: 'containment', checked, again: null });
    return words(game);
  }

  test('before the first look it says that it is looking', () => {
    expect(words(dead())).toMatch(/Verify containment\nThe provider’s figures are being read/);
  });

  test('proof: since when, and how far the figures reach', () => {
    expect(told({})).toContain('No request since today 03:01:00; figures until today 03:05:00.');
  });

  test.each([true, false])('too early to tell, and it looks again (asked: %s)', (asked) => {
    const card = told({ covered: false, refreshed_at: iso(-1) }, asked);
    expect(card).toContain(
      'The figures reach only until today 02:59:00: too early to tell. keyleak looks again',
    );
    expect(card.match(/too early|prove nothing/g)).toHaveLength(1);
    expect(card).toContain('Check containment');
  });

  test.each([true, false])(
    'use after its death is an alarm with what to do and what cannot be seen (asked: %s)',
    (asked) => {
      const card = told({ requests: 1_037, last_at: iso(4) }, asked);
      expect(card).toMatch(
        /🔴 1,037 requests after its death, last before today 03:04:00\.\nRead in the Console .* call a manager/,
      );
      expect(card).toContain('The figures name no caller');
      expect(card).not.toMatch(/No request since/);
    },
  );

  test('use that the provider does not count is an alarm too', () => {
    expect(told({ uncounted: true, refreshed_at: null, covered: false })).toContain(
      'does not count after its death',
    );
  });

  test('figures that do not say how fresh they are prove nothing', () => {
    expect(told({ refreshed_at: null, covered: false })).toMatch(/No use seen, but .* follow the guide/);
  });

  test.each([
    [{ requests: 0, first_at: null }, 'No request with the replacement yet.'],
    [{ requests: 12, first_at: iso(3) }, '12 requests with the replacement, first after today 03:03:00.'],
    [{ requests: 0, first_at: iso(3) }, 'Use with the replacement, not counted, first after today 03:03:00.'],
  ])('first use of the replacement: %o', (replacement, said) => {
    expect(told({ replacement: { id: 'new1', ...replacement } })).toContain(said);
  });
});

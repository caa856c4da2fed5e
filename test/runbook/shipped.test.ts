import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { RUNBOOK_ID as DEFAULT } from '../../src/cli/world.ts';
import { chooseRunbook } from '../../src/domain/choose-runbook.ts';
import { parseDeclaration } from '../../src/domain/key-words.ts';
import { DEACTIVATE_STEP, IDENTIFY_STEP } from '../../src/domain/progress.ts';
import { containsSecret } from '../../src/domain/redaction.ts';
import type { Phase, Runbook, Step } from '../../src/domain/runbook.ts';
import { loadRunbooks, parseRunbook } from '../../src/runbook/load.ts';

const folder = fileURLToPath(new URL('../../runbooks', import.meta.url));

describe('runbooks/anthropic-api-key.yaml', () => {
  let runbook: Runbook;
  let steps: Step[];
  beforeAll(async () => {
    const found = (await loadRunbooks(folder)).get('anthropic-api-key');
    if (found === undefined) throw new Error('it was not loaded');
    runbook = found;
    steps = found.phases.flatMap((phase) => phase.steps);
  });

  test('has the three phases with their deadlines and every step of the checklist', () => {
    expect(
      runbook.phases.map(({ id, title, within, nudges, steps: own }) => ({
        id,
        title,
        within,
        nudges,
        steps: own.map((step) => step.id),
      })),
    ).toEqual([
      {
        id: 'contain',
        title: 'First 5 minutes',
        within: '5m',
        nudges: ['2m', '4m'],
        steps: ['identify-key', 'deactivate-key', 'replace-key', 'deploy-replacement', 'verify-containment'],
      },
      {
        id: 'hour',
        title: 'First hour',
        within: '1h',
        nudges: ['30m', '50m'],
        steps: [
          'usage-report',
          'review-usage',
          'preserve-evidence',
          'open-issue',
          'fix-source',
          'scan-elsewhere',
          'cancel-running-work',
        ],
      },
      {
        id: 'week',
        title: 'First week',
        within: '7d',
        nudges: ['5d', '6d'],
        steps: [
          'spend-limits',
          'access-controls',
          'separate-keys',
          'secret-scanning',
          'rotation-policy',
          'archive-key',
          'post-mortem',
        ],
      },
    ]);
  });

  test('automates what concerns the key; killing it takes a responder and is confirmed', () => {
    expect(steps.flatMap((step) => (step.uses === undefined ? [] : [[step.id, step.uses]]))).toEqual([
      ['identify-key', 'anthropic/identify-key@1'],
      ['deactivate-key', 'anthropic/deactivate-key@1'],
      ['replace-key', 'anthropic/confirm-replacement@1'],
      ['verify-containment', 'anthropic/check-containment@1'],
    ]);
    expect(steps.find((step) => step.id === 'deactivate-key')).toMatchObject({
      each: 'key',
      needs: ['identify-key'],
      authority: 'responder',
      confirm: true,
    });
    expect(steps.find((step) => step.id === 'archive-key')?.authority).not.toBe('anyone');
  });

  test('does not hold a replacement back until the old key is dead', () => {
    const needs = (id: string): string[] =>
      (steps.find((step) => step.id === id)?.needs ?? []).flatMap((need) => [need, ...needs(need)]);
    expect(needs('deploy-replacement')).not.toContain('deactivate-key');
    expect(needs('archive-key')).toContain('deactivate-key');
  });
});

/** Of the runbooks that ship: what the format allows and this house does not. */
function offences(runbooks: ReadonlyMap<string, Runbook>): string[] {
  const [first] = runbooks.values();
  return [...runbooks.values()].flatMap((runbook) => {
    const steps = runbook.phases.flatMap((phase) => phase.steps);
    const told: string[] = [];
    const tell = (wrong: boolean, what: string): unknown => wrong && told.push(`${runbook.id}: ${what}`);
    const same = JSON.stringify(first?.phases.map(bare)) === JSON.stringify(runbook.phases.map(bare));
    tell(!same, 'phases');
    tell(runbook.kind === undefined, 'no kind');
    tell(
      [...runbooks.values()].some((one) => one !== runbook && one.kind === runbook.kind),
      'kind twice',
    );
    const identify = steps.find((step) => step.id === IDENTIFY_STEP);
    const deactivate = steps.find((step) => step.id === DEACTIVATE_STEP);
    tell(identify?.each !== 'key' || identify.authority !== 'responder', 'identify-key');
    tell(
      deactivate?.each !== 'key' ||
        deactivate.authority !== 'responder' ||
        !deactivate.confirm ||
        JSON.stringify(deactivate.needs) !== `["${IDENTIFY_STEP}"]`,
      'deactivate-key',
    );
    for (const step of steps) {
      tell(step.controls === undefined, `${step.id} without a control`);
      tell(runbook.id !== DEFAULT && step.uses !== undefined, `${step.id} is automatic`);
      tell(step.id === 'archive-key' && step.authority === 'anyone', `anyone may ${step.id}`);
      const material = /sk-ant-[a-z]*\d*-[\w-]/.test(step.guide) || containsSecret(step.guide) !== null;
      tell(material, `${step.id} shows a key`);
    }
    return told;
  });
}

const bare = ({ id, title, within, nudges }: Phase): unknown => ({ id, title, within, nudges });

describe('every runbook that ships', () => {
  let runbooks: Map<string, Runbook>;
  beforeAll(async () => {
    runbooks = await loadRunbooks(folder);
  });

  test('loads, so that its parts, its guides, and its ids, prefixes and steps beside those of the others are sound', () => {
    expect([...runbooks.keys()]).toEqual([
      'anthropic-admin-key',
      'anthropic-api-key',
      'anthropic-oauth-session',
      'aws-bedrock-key',
      'azure-foundry-key',
      'generic-secret',
      'google-vertex-key',
      'llm-aggregator-key',
      'openai-api-key',
    ]);
    expect(runbooks.has(DEFAULT)).toBe(true);
  });

  test('keeps the rules of the house', () => expect(offences(runbooks)).toEqual([]));

  test('is named as its file, and begins with the line that gives editors its schema', async () => {
    for (const id of runbooks.keys()) {
      const text = await readFile(`${folder}/${id}.yaml`, 'utf8');
      expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/runbook.schema.json');
      expect(parseRunbook(text, id)).toMatchObject({ runbook: { id } });
    }
  });

  test('is severe from the start where the whole organisation or many models are at stake', () => {
    const severe = [...runbooks.values()].filter(({ severity }) => severity === 1).map(({ id }) => id);
    expect(severe).toEqual(['anthropic-admin-key', 'llm-aggregator-key']);
  });

  type Change = (runbook: Runbook) => Runbook;
  const steps =
    (change: (step: Step) => Step | null): Change =>
    (runbook) => ({
      ...runbook,
      phases: runbook.phases.map((phase) => ({
        ...phase,
        steps: phase.steps.flatMap((step) => change(step) ?? []),
      })),
    });
  const step = (id: string, more: Partial<Step>): Change =>
    steps((one) => (one.id === id ? { ...one, ...more } : one));
  const without =
    (key: 'kind'): Change =>
    (runbook) => {
      const { [key]: _, ...rest } = runbook;
      return rest;
    };

  test.each<[string, Change]>([
    ['phases', (runbook) => ({ ...runbook, phases: runbook.phases.slice(1) })],
    [
      'phases',
      (runbook) => ({ ...runbook, phases: runbook.phases.map((phase) => ({ ...phase, within: '9h' })) }),
    ],
    ['no kind', without('kind')],
    ['identify-key', steps((one) => (one.id === IDENTIFY_STEP ? null : one))],
    ['identify-key', step(IDENTIFY_STEP, { authority: 'anyone' })],
    ['deactivate-key', steps((one) => (one.id === DEACTIVATE_STEP ? null : one))],
    ['deactivate-key', step(DEACTIVATE_STEP, { confirm: false })],
    ['deactivate-key', step(DEACTIVATE_STEP, { needs: ['replace-key'] })],
    ['replace-key is automatic', step('replace-key', { uses: 'openai/replace@1' })],
    ['anyone may archive-key', step('archive-key', { authority: 'anyone' })],
    ['fix-source shows a key', step('fix-source', { guide: `Look for AK${'IA'}${'R2D2'.repeat(4)}.` })],
    ['fix-source shows a key', step('fix-source', { guide: `Look for sk-${'ant'}-api03-R2D...igAA.` })],
    [
      'post-mortem without a control',
      steps((one) => {
        const { controls, ...rest } = one;
        return one.id === 'post-mortem' ? rest : { ...rest, ...(controls === undefined ? {} : { controls }) };
      }),
    ],
  ])('a violation is caught: %s', (what, change) => {
    const id = 'generic-secret';
    const one = runbooks.get(id);
    if (one === undefined) throw new Error('it was not loaded');
    expect(
      offences(new Map([...runbooks, [id, change(one)]])).filter((text) => !text.endsWith('kind twice')),
    ).toContain(`${id}: ${what}`);
  });

  test('a kind that two have is caught', () => {
    const kind = runbooks.get('openai-api-key')?.kind ?? '';
    const other = runbooks.get('generic-secret');
    if (other === undefined) throw new Error('it was not loaded');
    expect(offences(new Map([...runbooks, [other.id, { ...other, kind }]]))).toEqual([
      'generic-secret: kind twice',
      'openai-api-key: kind twice',
    ]);
  });
});

/** What follows a prefix where 60 letters and digits would not look like such a credential. */
const MATERIAL: Readonly<Record<string, string>> = {
  AKIA: 'R2D2C3P0'.repeat(2),
  ASIA: 'R2D2C3P0'.repeat(2),
  AIza: 'aB3'.repeat(12).slice(1),
  'SG.': `${'aB3'.repeat(8)}.${'aB3'.repeat(12)}`,
  eyJ: `${'aB3'.repeat(8)}.${'aB3'.repeat(12)}.${'aB3'.repeat(12)}`,
  '-----BEGIN': ` RSA PRIVATE KEY-----\n${'aB3'.repeat(20)}\n-----END RSA PRIVATE KEY-----`,
  'hooks.slack.com': `/services/${'aB3'.repeat(12)}`,
  'xoxe.': `xoxp-1-${'aB3'.repeat(20)}`,
  'sk-ant-sid': `01-${'aB3'.repeat(30)}`,
  'sk-ant-admin': `01-${'aB3'.repeat(30)}`,
  'sk-ant-oat': `01-${'aB3'.repeat(30)}`,
  'sk-ant-ort': `01-${'aB3'.repeat(30)}`,
  'sk-ant-': `api04-${'aB3'.repeat(30)}`,
  'bedrock-api-': `key-${'aB3'.repeat(20)}`,
};

describe('every prefix that is claimed', () => {
  test('belongs to credentials that are masked, and chooses the runbook by what masking leaves', async () => {
    const runbooks = await loadRunbooks(folder);
    const wrong: string[] = [];
    for (const { id, prefixes = [] } of runbooks.values()) {
      for (const prefix of prefixes) {
        const credential = prefix + (MATERIAL[prefix] ?? 'aB3'.repeat(20));
        const parsed = parseDeclaration(credential);
        const chosen = chooseRunbook(runbooks, parsed);
        if (parsed.masked !== 1 || chosen !== id)
          wrong.push(`${prefix}: ${parsed.masked} masked, ${chosen}, ${JSON.stringify(parsed.reports)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('leaves the default to what nobody claims', async () => {
    const runbooks = await loadRunbooks(folder);
    for (const words of ['', 'R2D...igAA', 'prod-api-gateway', 'apikey_01abc', 'sk-...igAA'])
      expect(chooseRunbook(runbooks, parseDeclaration(words))).toBeNull();
  });
});

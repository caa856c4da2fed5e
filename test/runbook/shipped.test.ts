import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Runbook, Step } from '../../src/domain/runbook.ts';
import { loadRunbooks } from '../../src/runbook/load.ts';

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

  test('automates two steps; killing a key takes a responder and is confirmed', () => {
    expect(steps.flatMap((step) => (step.uses === undefined ? [] : [[step.id, step.uses]]))).toEqual([
      ['identify-key', 'anthropic/identify-key@1'],
      ['deactivate-key', 'anthropic/deactivate-key@1'],
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

  test('names a control in every step, and its guides hold nothing that looks like a key', () => {
    for (const step of steps) {
      expect(step.controls, step.id).not.toBeUndefined();
      expect(step.guide, step.id).not.toMatch(/sk-ant-[a-z]*\d*-[\w-]/);
    }
  });

  test('begins with the line that gives editors its schema', async () => {
    const text = await readFile(`${folder}/anthropic-api-key.yaml`, 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/runbook.schema.json');
  });
});

// The Home tab, the list and the form of an assignment: within Slack's limits at their largest, and no key named in the open.

import { describe, expect, test } from 'vitest';
import type { Case } from '../../../src/domain/incident.ts';
import type { IncidentRow } from '../../../src/domain/ports.ts';
import type { Runbook } from '../../../src/domain/runbook.ts';
import { lintMessageBlocks, lintView } from '../../../src/sandbox/slack/lint.ts';
import { numberedSteps } from '../../../src/slack/step-numbers.ts';
import { assignModal } from '../../../src/slack/views/assigning.ts';
import { homeView } from '../../../src/slack/views/home.ts';
import { listAnswer } from '../../../src/slack/views/incident-list.ts';
import { exactMatch, hintReport, person, play, T0 } from '../../support/cases.ts';

const responder = person('U0RIOA', 'responder');

/** An incident with 20 keys of which all steps are Rio's. */
function crowded(id: string): Case {
  const game = play(Array.from({ length: 20 }, (_, index) => hintReport(`a${index}Z`, `b${index}Z`)));
  game.observe('identify-key', exactMatch());
  for (const { step, subject, state } of numberedSteps(game.subject)) {
    if (state.status !== 'done')
      game.request(responder, { type: 'assign', step: step.id, key: subject, assignee: 'U0RIOA' });
  }
  return { ...game.subject, incident: { ...game.subject.incident, id } };
}

const homeOf = (role: 'participant' | 'responder', cases: readonly Case[], user = 'U0RIOA') =>
  homeView({ user, role, cases, more: true });

describe('the Home tab', () => {
  const cases = Array.from({ length: 20 }, (_, index) => crowded(`KL-${100 - index}`));

  test('fits at its largest', () => {
    expect(lintView(homeOf('responder', cases), 'home')).toBeNull();
    expect(lintView(homeOf('responder', []), 'home')).toBeNull();
    expect(lintView(homeOf('participant', cases), 'home')).toBeNull();
  });

  test('names no key, whoever looks', () => {
    const view = JSON.stringify(homeOf('responder', cases));
    expect(view).toContain('of 20 keys live');
    for (const secret of ['prod-api-gateway', 'R2D...igAA', 'a1Z', 'public repository'])
      expect(view.replace('`/keyleak R2D...igAA where', '')).not.toContain(secret);
  });

  test('shows whoever is no responder how to report a leak, their own steps, and no incident else', () => {
    const view = JSON.stringify(homeOf('participant', cases, 'U0SOMEBODY'));
    expect(view).toContain('Declare a leak');
    expect(view).not.toMatch(/KL-\d|Your steps/);
    const [first] = cases;
    expect(first).toBeDefined();
    const own = JSON.stringify(homeOf('participant', first === undefined ? [] : [first]));
    expect(own).toContain('Your steps');
    expect(own).not.toContain('Open incidents');
  });

  test('leaves out steps that are settled', () => {
    const game = play();
    const step = 'replace-key';
    game.request(responder, { type: 'assign', step, key: 'k1', assignee: 'U0RIOA' });
    expect(JSON.stringify(homeOf('participant', [game.subject]))).toContain('Create a replacement key');
    game.request(responder, { type: 'complete', step, key: 'k1' });
    expect(JSON.stringify(homeOf('participant', [game.subject]))).not.toContain('Create a replacement key');
  });
});

test('the form of an assignment fits with the most steps and the longest titles, and keeps the chosen one', () => {
  const { incident, runbook } = crowded('KL-1');
  const long: Runbook = {
    ...runbook,
    phases: runbook.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) => ({ ...step, title: 'T'.repeat(75) })),
    })),
  };
  const subject = { incident, runbook: long };
  const steps = numberedSteps(subject);
  const chosen = steps.at(-1) ?? null;
  expect(steps.length).toBeGreaterThan(100);
  const target = { incident: 'KL-1', step: null, key: null, candidate: null };
  const view = assignModal(target, subject, {
    steps,
    chosen,
    assignee: 'U0RIOA',
    why: '<!channel>'.repeat(90),
  });
  expect(lintView(view, 'modal')).toBeNull();
  const values = JSON.stringify(view.blocks).match(/"value":"[^"]+"/g) ?? [];
  expect(new Set(values).size).toBe(100);
  expect(values).toContain(`"value":"${chosen?.step.id ?? ''}"`);
});

test('a page of the list fits', () => {
  const row: IncidentRow = {
    id: 'KL-999999999',
    status: 'closed',
    severity: 1,
    team: null,
    declaredAt: T0,
    declaredBy: 'U0RIOA',
    seq: 10_000,
    room: 'C0123456789',
    closedAt: T0,
  };
  const { blocks } = listAnswer('all', { rows: Array(20).fill(row), before: true, after: true });
  expect(lintMessageBlocks(blocks)).toBeNull();
});

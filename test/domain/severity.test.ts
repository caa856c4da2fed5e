import { expect, test } from 'vitest';
import { environmentOf, severityOf } from '../../src/domain/severity.ts';
import { keyFacts } from '../support/cases.ts';

const key = (name: string, workspace: string | null) =>
  keyFacts({ name, workspace: workspace === null ? null : { id: 'wrkspc_1', name: workspace } });

test.each([
  ['prod-api', 'Production', 'production', 1],
  ['ci-deploy', 'Production', 'production', 1],
  ['prod-api', 'Staging', 'production', 1],
  ['test-runner', 'Staging', 'staging', 2],
  ['staging-web', 'Default', 'staging', 2],
  ['dana-laptop', 'Development', 'development', 3],
  ['dev-tools', null, 'development', 3],
  ['internal-tools', 'Default', 'unknown', 1],
  ['reproduction-study', null, 'unknown', 1],
] as const)('%s in %s is %s: severity %i', (name, workspace, environment, severity) => {
  expect(environmentOf(key(name, workspace))).toBe(environment);
  expect(severityOf([key(name, workspace)])).toBe(severity);
});

test('the worst key counts, and one that nobody knows or that is the organisation’s is as bad as production', () => {
  const dev = key('dana-laptop', 'Development');
  expect(severityOf([dev, key('staging-web', 'Staging')])).toBe(2);
  expect(severityOf([dev, null])).toBe(1);
  expect(severityOf([keyFacts({ name: 'dev-tools', scope: 'organization', workspace: null })])).toBe(1);
});

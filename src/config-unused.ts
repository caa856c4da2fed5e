// Settings that are read and checked, but that this version does not act on: whoever sets one is told what to do by hand.

import type { ConfigFile } from './config-schema.ts';
import { isSet } from './config-secret.ts';
import type { Sources } from './config-services.ts';

const IN_FILE: readonly (readonly [(file: ConfigFile) => unknown, string])[] = [
  [
    ({ slack }) => slack?.announce,
    'slack.announce: This version announces nothing. Tell the channel yourself, by the incident’s number only.',
  ],
  [
    ({ github }) => github,
    'github: This version opens no issue and scans nothing. The runbook guides you through both.',
  ],
  [
    ({ policy }) => policy?.key_max_age,
    'policy.key_max_age: This version looks for no old keys. The runbook guides you through rotation.',
  ],
  [
    ({ policy }) => policy?.support_threshold_usd,
    'policy.support_threshold_usd: This version measures no cost. The runbook says when to call the provider’s support.',
  ],
];

const IN_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['GITHUB_TOKEN', 'This version does not use it: the runbook guides you through the issue and the scans.'],
  ['GITHUB_APP_ID', 'This version does not use it: the runbook guides you through the issue and the scans.'],
  ['GITHUB_WEBHOOK_SECRET', 'This version takes no alerts from GitHub. Declare what it finds with /keyleak.'],
  ['ANTHROPIC_API_KEY', 'This version drafts no post-mortem, so it needs no such key. Take it out.'],
];

/** Adds a warning for each that is set. */
export function warnOfUnused({ env, file, fileName, findings }: Sources): void {
  for (const [of, words] of IN_FILE)
    if (of(file) !== undefined) findings.warnings.push(`${fileName}: ${words}`);
  for (const [name, words] of IN_ENVIRONMENT)
    if (isSet(env, name)) findings.warnings.push(`${name}: ${words}`);
}

// The shape of keyleak.yml. Types, checks and schemas/config.schema.json all come out of it.

import { z } from 'zod';
import { isSafeUrl } from './config-problem.ts';

/** Text forms of the file, with the words in which a miss is reported. */
export const FORMS = {
  person: {
    pattern: /^([UWS][A-Z0-9]{2,20}|@[^\s@,<>]{1,80})$/,
    message: 'is neither a Slack user id nor a user group',
    fix: 'Write a user id such as U0123ABCD (in the profile’s menu: Copy member ID), or a user group as "@its-handle" or by its id S0123ABCD.',
  },
  user: {
    pattern: /^[UW][A-Z0-9]{2,20}$/,
    message: 'is not a Slack user id',
    fix: 'Write a user id such as U0123ABCD (in the profile’s menu: Copy member ID).',
  },
  channel: {
    pattern: /^[CG][A-Z0-9]{2,20}$/,
    message: 'is not the id of a Slack channel',
    fix: 'Write the id such as C0123ABCD; it stands at the foot of the channel’s details.',
  },
  repository: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/,
    message: 'is not the name of a repository',
    fix: 'Write owner/name.',
  },
  organization: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/,
    message: 'is not the name of a GitHub organization',
    fix: 'Write the name as it stands in the address of its page.',
  },
  days: {
    pattern: /^[1-9][0-9]{0,3}d$/,
    message: 'is not a number of days',
    fix: 'Write it like 90d.',
  },
} as const;

const people = z
  .array(z.string().regex(FORMS.person.pattern))
  .min(1)
  .max(100)
  .describe('Slack user ids (U…), or user groups as "@handle" or by id (S…).');
const channel = z.string().regex(FORMS.channel.pattern);
const days = z.string().regex(FORMS.days.pattern);

const containment = z.enum(['confirm', 'automatic']);
const name = z.string().min(1).max(100);

const containmentRule = z.strictObject({
  workspace: z.exactOptional(name).describe('Name or id of a workspace; left out, all of them.'),
  severity: z.exactOptional(z.int().min(1).max(3)).describe('Severity of the incident; left out, any.'),
  containment,
});

const system = z.strictObject({
  name: name.describe('What it is called; unique in the file.'),
  owner: z
    .exactOptional(z.string().regex(FORMS.user.pattern))
    .describe('Slack user id of who brings the replacement to it.'),
  how: z
    .exactOptional(z.string().min(1).max(300))
    .describe('How it gets a new key, in a line. Never the key.'),
  keys: z
    .exactOptional(z.array(name).min(1).max(50))
    .describe('Names of the keys that it uses, * for any characters; left out, every key.'),
  workspaces: z
    .exactOptional(z.array(name).min(1).max(50))
    .describe('Names or ids of the workspaces whose keys it uses; left out, every workspace.'),
});

export const configSchema = z.strictObject({
  slack: z.exactOptional(
    z.strictObject({
      responders: z.exactOptional(people).describe('Who may run destructive steps.'),
      managers: z
        .exactOptional(people)
        .describe('Who may also skip the deactivation of a live key or close over it.'),
      announce: z
        .exactOptional(channel)
        .describe('Channel for counts and links; it never gets details of an incident.'),
      fallback: z
        .exactOptional(channel)
        .describe('Private channel for threads where the bot may create no channels.'),
    }),
  ),
  paging: z.exactOptional(
    z.strictObject({
      webhook: z
        .string()
        .regex(/^https?:\/\//)
        .refine(isSafeUrl, { error: 'must be https, or http on this machine, without a user name' })
        .describe('Called when a deadline is missed or nobody answers; signed with PAGING_WEBHOOK_SECRET.'),
    }),
  ),
  github: z.exactOptional(
    z.strictObject({
      repository: z
        .exactOptional(z.string().regex(FORMS.repository.pattern))
        .describe('Where incident issues go: owner/name, private.'),
      organizations: z
        .exactOptional(z.array(z.string().regex(FORMS.organization.pattern)).min(1).max(50))
        .describe('Where scans look.'),
    }),
  ),
  systems: z
    .exactOptional(
      z
        .array(system)
        .min(1)
        .max(100)
        .check(({ value, issues }) => {
          value.forEach(({ name: one }, index) => {
            if (value.findIndex((other) => other.name === one) === index) return;
            issues.push({
              code: 'custom',
              path: [index, 'name'],
              message: 'is the name of another system already',
              input: value,
            });
          });
        }),
    )
    .describe('What has to get the replacement of a leaked key: a line each on the card.'),
  policy: z.exactOptional(
    z.strictObject({
      containment: z
        .exactOptional(
          z.union([
            containment,
            z.strictObject({
              default: z.exactOptional(containment).describe('What holds where no rule fits: confirm.'),
              rules: z.array(containmentRule).min(1).max(50).describe('The first that fits counts.'),
            }),
          ]),
        )
        .describe(
          'Whether an exact match declared by a responder is deactivated without a press; one word, or rules by workspace and severity.',
        ),
      key_max_age: z
        .exactOptional(z.union([days, z.record(z.string().min(1).max(100), days)]))
        .describe('Age at which a key should be rotated: 90d, or one line for each workspace and `default`.'),
      support_threshold_usd: z
        .exactOptional(z.int().min(0).max(10_000_000))
        .describe('Unauthorised use above it calls for the provider’s support, in US dollars.'),
    }),
  ),
});

export type ConfigFile = z.output<typeof configSchema>;

/** The contents of schemas/config.schema.json: draft-7, the version that the YAML language server understands. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ title: 'keyleak.yml', ...schema }, null, 2)}\n`;
}

// A runbook as data: what to do about a leak, in which phase and by when. The zod schema here is the only definition;
// the types, the checks at load time and schemas/runbook.schema.json all come out of it.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { KeyleakError } from './errors.ts';

/** The longest guide: it fits on a phone without scrolling far, and into one Slack section. */
const GUIDE_LENGTH = 900;
const GUIDE_LINE_LENGTH = 200;
/** The shortest of Slack's limits that a title meets: the text of an option and of a button. */
const TITLE_LENGTH = 75;

/** Text forms that the schema asks for, with the words in which a miss is reported. */
export const FORMS = {
  id: {
    pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    message: 'must be lower-case words joined by hyphens',
    fix: 'Write it like deactivate-key.',
  },
  duration: {
    pattern: /^[1-9][0-9]{0,3}[smhd]$/,
    message: 'must be a whole number followed by s, m, h or d',
    fix: 'Write it like 5m, 1h or 7d.',
  },
  prefix: {
    pattern: /^[A-Za-z0-9._/-]{3,24}$/,
    message: 'must be the beginning that all such credentials share',
    fix: 'Write it like sk-proj-, 3 to 24 characters without spaces.',
  },
  action: {
    pattern: /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*@[1-9][0-9]{0,3}$/,
    message: 'must name an action and its version',
    fix: 'Write it like anthropic/deactivate-key@1.',
  },
  control: {
    pattern:
      /^(GV\.(OC|RM|RR|PO|OV|SC)|ID\.(AM|RA|IM)|PR\.(AA|AT|DS|PS|IR)|DE\.(CM|AE)|RS\.(MA|AN|CO|MI)|RC\.(RP|CO))-[0-9]{2}$/,
    message: 'must be the id of a NIST CSF 2.0 subcategory',
    fix: 'Write it like RS.MI-01.',
  },
} as const;

const id = z.string().max(40).regex(FORMS.id.pattern);
const duration = z.string().regex(FORMS.duration.pattern);

const title = z
  .string()
  .min(1)
  .max(TITLE_LENGTH)
  .refine((text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), {
    error: 'must be one line of plain text',
    params: { fix: 'Take out line breaks and control characters.' },
  });

/** Markdown that a guide may use: lines, `1.` and `-` lists, **bold**, `code` and links to https addresses. */
const guide = z
  .string()
  .trim()
  .min(1)
  .max(GUIDE_LENGTH)
  .check((context) => {
    for (const { message, fix } of guideProblems(context.value)) {
      context.issues.push({ code: 'custom', message, params: { fix }, input: context.value });
    }
  });

function guideProblems(text: string): { message: string; fix: string }[] {
  const problems: { message: string; fix: string }[] = [];
  if (text.split('\n').some((line) => line.length > GUIDE_LINE_LENGTH)) {
    problems.push({
      message: `has a line of more than ${GUIDE_LINE_LENGTH} characters`,
      fix: 'Break it into steps of one line each.',
    });
  }
  if (/[\p{Cs}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u.test(text)) {
    problems.push({ message: 'holds a control character', fix: 'Take it out; indent with spaces.' });
  }
  if (/^#{1,6} |^\||^```|!\[|<[a-z/!@#]/im.test(text)) {
    problems.push({
      message: 'uses Markdown or HTML that a Slack message cannot show',
      fix: 'Use only lines, lists, **bold**, `code` and [links](https://…).',
    });
  }
  if ([...text.matchAll(/\]\(([^)]*)\)/g)].some(([, target]) => !/^https:\/\/\S+$/.test(target ?? ''))) {
    problems.push({ message: 'has a link that is not https', fix: 'Write [words](https://…).' });
  }
  return problems;
}

const stepSchema = z.strictObject({
  id: id.describe('Unique in the whole runbook; the log and other steps refer to it.'),
  title: title.describe('What to do, as an order: one line.'),
  each: z
    .exactOptional(z.literal('key'))
    .describe('`key`: one instance for every leaked key of the incident.'),
  uses: z
    .exactOptional(z.string().regex(FORMS.action.pattern))
    .describe('The action that does it, with its version. Without one the step is done by hand.'),
  needs: z
    .exactOptional(z.array(id).min(1).max(20))
    .describe('Ids of the steps that must be done or skipped first.'),
  authority: z
    .enum(['anyone', 'responder', 'manager'])
    .default('anyone')
    .describe('Who may run it, mark it done or skip it.'),
  confirm: z.boolean().default(false).describe('Ask once more before the action runs.'),
  controls: z
    .exactOptional(z.array(z.string().regex(FORMS.control.pattern)).min(1).max(10))
    .describe('NIST CSF 2.0 subcategories that the step serves, for the auditor.'),
  guide: guide.describe('How to do it by hand, for a tired person on a phone: short lines, lists, links.'),
});

const phaseSchema = z.strictObject({
  id: id.describe('Unique in the runbook.'),
  title: title.describe('Heading of the phase, such as First 5 minutes.'),
  within: duration.describe(
    'Deadline after the declaration: 5m, 1h, 7d. Longer than that of the phase before.',
  ),
  nudges: z
    .exactOptional(z.array(duration).min(1).max(5))
    .describe('When to remind, after the declaration: ascending, each before the deadline.'),
  steps: z.array(stepSchema).min(1).max(20),
});

/** The shape alone; `checkRunbook` adds the rules that hold between parts. */
export const runbookSchema = z.strictObject({
  id: id.describe('Name of the runbook; unique in its folder.'),
  title: title.describe('What leaked, in words.'),
  kind: z
    .exactOptional(title)
    .describe(
      'The kind of credential in a list to choose from, such as Anthropic API key. Default: the title.',
    ),
  prefixes: z
    .exactOptional(z.array(z.string().regex(FORMS.prefix.pattern)).min(1).max(40))
    .describe('How such credentials begin, such as sk-proj-. The longest that fits chooses the runbook.'),
  severity: z
    .exactOptional(z.literal([1, 2, 3]))
    .describe('An incident is at least as severe as this, whatever the environment: 1 is the worst.'),
  phases: z.array(phaseSchema).min(1).max(6),
});

export type Runbook = z.output<typeof runbookSchema>;
export type Phase = Runbook['phases'][number];
export type Step = Phase['steps'][number];

/** What leaked, as a list to choose from names it; at most 75 characters. */
export function kindOf({ kind, title: words }: Pick<Runbook, 'kind' | 'title'>): string {
  return kind ?? words;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration such as `90s`, `5m`, `1h` or `7d`; a day is 24 hours. Throws KL_DURATION_INVALID. */
export function durationMs(text: string): number {
  const unit = text.at(-1);
  if (!FORMS.duration.pattern.test(text) || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd')) {
    throw new KeyleakError(
      'KL_DURATION_INVALID',
      `${JSON.stringify(text.slice(0, 40))} is not a duration.`,
      'Write a whole number followed by s, m, h or d, such as 5m or 7d.',
    );
  }
  return Number(text.slice(0, -1)) * UNIT_MS[unit];
}

/** SHA-256, hex, of the runbook's canonical JSON (RFC 8785): an incident is bound to its runbook by this. */
export function runbookHash(runbook: Runbook): string {
  return createHash('sha256').update(canonicalJson(runbook), 'utf8').digest('hex');
}

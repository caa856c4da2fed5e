// The runbook format for editors: JSON Schema out of the same zod that checks a runbook at load time.

import { z } from 'zod';
import { runbookSchema } from '../domain/runbook.ts';

/** The contents of schemas/runbook.schema.json: draft-7, the version that the YAML language server understands. */
export function runbookJsonSchema(): string {
  const schema = z.toJSONSchema(runbookSchema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ title: 'keyleak runbook', ...schema }, null, 2)}\n`;
}

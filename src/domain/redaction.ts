// Secrets are masked where they enter and looked for once more where things leave. After `mask`, `containsSecret` finds
// nothing, whatever the text was: that is how masking ends, not a hope. Time grows linearly with the text.

import { anthropicSecrets } from './secret-anthropic.ts';
import { type Behind, decodedRuns, unescaped } from './secret-disguises.ts';
import { type Secret, vendorSecrets } from './secret-patterns.ts';

/** Stands for a secret of which nothing may be shown. */
export const MASKED = '[masked key]';
/** The source of a pattern for what stands for a secret, with or without its public beginning. */
export const ANY_MASKED = String.raw`\[masked (?:[A-Za-z0-9._-]{3,24} )?key\]`;

/** Layers of disguise that are undone: base64 inside percent-encoding inside JSON inside JSON. */
const LAYERS = 3;
/** Beyond so many passes something makes new secrets out of masked ones; then the whole text goes. */
const MAX_PASSES = 8;
/**
 * A longer text is looked at through overlapping windows, which bounds the memory. No secret is lost between them as
 * long as it is no longer than the overlap: the longest, an RSA private key of 8,192 bits, has 6.5 KB, base64 of it 9 KB.
 */
const WINDOW = 262_144;
const OVERLAP = 16_384;

/**
 * `text` without its secrets, and how many there were. A whole Anthropic key leaves the provider's own hint
 * (`sk-ant-api03-R2D...igAA`, in brackets where it would run into its neighbours), every other secret the public
 * beginning that all of its kind share (`[masked sk-proj- key]`), or `[masked key]` where there is none.
 * Pure and idempotent. In a disguise (invisible characters, line breaks, percent-encoding, base64, entities, escapes,
 * a string put together in code) exactly the characters that carry the secret are replaced.
 */
export function mask(text: string): { readonly text: string; readonly masked: number } {
  let clean = text;
  let masked = 0;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const secrets = findSecrets(clean);
    if (secrets.length === 0) return { text: clean, masked };
    masked += secrets.length;
    clean = replaced(clean, secrets);
  }
  return { text: MASKED, masked };
}

/** The family of the first secret in `text`, such as `anthropic` or `github`; null when there is none. Never the secret. */
export function containsSecret(text: string): string | null {
  return findSecrets(text)[0]?.family ?? null;
}

function findSecrets(text: string): Secret[] {
  if (text.length <= WINDOW) return merged(secretsIn(text, LAYERS));
  const found: Secret[] = [];
  for (let from = 0; from + OVERLAP < text.length; from += WINDOW - OVERLAP)
    found.push(...moved(secretsIn(text.slice(from, from + WINDOW), LAYERS), (at) => at + from));
  return merged(found);
}

function moved(secrets: readonly Secret[], move: (at: number) => number): Secret[] {
  return secrets.map((secret) => ({ ...secret, start: move(secret.start), end: move(secret.end) }));
}

function secretsIn(text: string, layers: number): Secret[] {
  const found = [...anthropicSecrets(text), ...vendorSecrets(text)];
  if (layers === 0) return found;
  const plain = unescaped(text);
  if (plain !== null) found.push(...outer(plain, layers - 1));
  for (const run of decodedRuns(text)) found.push(...outer(run, isText(run.text) ? layers - 1 : 0));
  return found;
}

function outer(behind: Behind, layers: number): Secret[] {
  return secretsIn(behind.text, layers).map((secret) => {
    const [start, end] = behind.span(secret.start, secret.end);
    return { ...secret, start, end };
  });
}

/** What base64 yields at a wrong alignment is noise; only what reads like text may hide another layer. */
function isText(decoded: string): boolean {
  const noise = decoded.match(/[^\0\t\n\r -~]/g)?.length ?? 0;
  return noise * 5 < decoded.length;
}

/** In order, those that overlap made one. The hint of one that covers the others stands; hints that differ are dropped. */
function merged(secrets: readonly Secret[]): Secret[] {
  const result: Secret[] = [];
  for (const secret of [...secrets].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || secret.start >= last.end) result.push(secret);
    else result[result.length - 1] = joined(last, secret);
  }
  return result;
}

/** `first` begins no later than `second`. */
function joined(first: Secret, second: Secret): Secret {
  const end = Math.max(first.end, second.end);
  const covering = first.end === end ? first : second.start === first.start ? second : null;
  return { ...first, end, hint: covering?.hint ?? null, prefix: covering?.prefix ?? null };
}

function replaced(text: string, secrets: readonly Secret[]): string {
  let result = '';
  let at = 0;
  for (const secret of secrets) {
    result += text.slice(at, secret.start) + shown(secret, text);
    at = secret.end;
  }
  return result + text.slice(at);
}

function shown({ hint, prefix, start, end }: Secret, text: string): string {
  if (hint === null) return prefix === null ? MASKED : `[masked ${prefix} key]`;
  const glued = /[A-Za-z0-9_-]/.test(text[start - 1] ?? '') || /[A-Za-z0-9_=-]/.test(text[end] ?? '');
  return glued ? `[${hint}]` : hint;
}

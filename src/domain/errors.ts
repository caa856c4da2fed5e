// The one error type that people see. docs/errors.md has a section for every code; a test holds the two together.

/** Every code that keyleak can show. The page that explains them is docs/errors.md. */
export type ErrorCode = `KL_${string}`;

/**
 * An error whose text is shown as it stands: to a responder in Slack, to an operator on stderr.
 * `message` is one plain sentence without secrets; `next` is what the reader does now.
 */
export class KeyleakError extends Error {
  override readonly name = 'KeyleakError';
  readonly code: ErrorCode;
  readonly next: string;

  constructor(code: ErrorCode, message: string, next: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.next = next;
  }
}

/** The shape in which an error is stored in a log entry and shown on a card. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
}

/** `error` as facts for the log; an unknown error becomes `fallback` so that nothing unplanned reaches a person. */
export function errorFacts(error: unknown, fallback: ErrorFacts): ErrorFacts {
  if (error instanceof KeyleakError) return { code: error.code, message: error.message, next: error.next };
  return fallback;
}

// What stands behind an error of `fetch`: the chain of causes, and whether the request was sent at all.

/** Failures that happen before a request can be sent: name resolution, connecting, the TLS handshake. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|E(?:HOST|NET)UNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_[A-Z_]+|[A-Z_]*SELF_SIGNED[A-Z_]*|UNABLE_TO_[A-Z_]+|ERR_TLS_[A-Z_]+)$/;
const TOO_LATE = /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|AbortError|TimeoutError)$/;

export interface Cause {
  /** The word for a failure before anything was sent; null where something may have been. */
  readonly early: string | null;
  /** The word for an answer that did not come in time. */
  readonly late: string | null;
  /** The first code in the chain. */
  readonly code: string | null;
}

/** Source of the codes: Node's errors of `net`, `dns` and `tls`, and undici's. */
export function causeOf(error: unknown): Cause {
  const causes = causesOf(error);
  const words = causes.flatMap((cause) => [textOf(cause, 'code'), textOf(cause, 'name')]);
  const early =
    words.find((word) => NOT_SENT.test(word)) ?? (causes.some(whileConnecting) ? 'connect' : null);
  return {
    early,
    late: words.find((word) => TOO_LATE.test(word)) ?? null,
    code: causes.map((cause) => textOf(cause, 'code')).find((code) => code !== '') ?? null,
  };
}

function whileConnecting(cause: unknown): boolean {
  return ['connect', 'getaddrinfo'].includes(textOf(cause, 'syscall'));
}

/** The error and what caused it, outermost first. Of several addresses that were tried the first stands for all. */
export function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let current = error;
  while (current instanceof Error && causes.length < 10) {
    causes.push(current);
    current = current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
  }
  return causes;
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const found: unknown = Reflect.get(value, field);
  return typeof found === 'string' ? found : '';
}

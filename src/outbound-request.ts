// One request, read whole before it is sent, so that what is scanned is what leaves.

export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** Text stays text, so that it is sent exactly as it was given. */
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  readonly signal: AbortSignal | null;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** Null when the body is larger than 4 MiB. Throws TypeError for what fetch itself would refuse. */
export async function readRequest(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Outgoing | null> {
  const request = new Request(input, { ...init, duplex: 'half' });
  const given = init?.body;
  const body = typeof given === 'string' ? given : await readBounded(request.body);
  if (body === 'too large' || (typeof body === 'string' && Buffer.byteLength(body) > MAX_BYTES)) return null;
  return {
    url: new URL(request.url),
    method: request.method,
    headers: request.headers,
    body,
    signal: init?.signal ?? (input instanceof Request ? input.signal : null),
  };
}

async function readBounded(
  stream: ReadableStream<Uint8Array> | null,
): Promise<Uint8Array<ArrayBuffer> | null | 'too large'> {
  if (stream === null) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (size > MAX_BYTES) return 'too large';
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

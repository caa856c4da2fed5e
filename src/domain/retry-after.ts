// How long a service asks to wait, out of its answer's headers (RFC 9110, section 10.2.3).

/** Milliseconds that `retry-after` asks for, in seconds or as a date. Null when it does not say. `now` since the epoch. */
export function retryAfterMs(headers: Headers | undefined, now: number): number | null {
  const text = headers?.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

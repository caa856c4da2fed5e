// Time and chance as arguments: nothing below app.ts reads the wall clock or draws random bytes by itself.

/** Wall-clock time in milliseconds since the Unix epoch. It may step backwards; callers survive that. */
export interface Clock {
  now(): number;
}

/** `bytes(n)` returns n random bytes: cryptographic in production, seeded in a simulation. */
export interface Randomness {
  bytes(count: number): Uint8Array;
}

/** RFC 3339 UTC with milliseconds, the only form in which a time enters the log. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** Calls `wake` once, `ms` milliseconds from now, unless the returned function is called first. */
export type Alarm = (ms: number, wake: () => void) => () => void;

/** Named places between two durable facts. A test may throw here to stand for a crash; production does nothing. */
export type Boundary = (name: string) => void;

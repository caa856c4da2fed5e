// How many cases a property is tried with: all of them in the whole gate, a quarter in the fast check of every commit.

/** `full`: the number that the whole gate tries. */
export function thorough(full: number): number {
  return process.env.THOROUGH === 'yes' ? full : Math.ceil(full / 4);
}

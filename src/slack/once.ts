// Work that a repeated delivery must not begin again: whoever comes second gets what the first began.

/** How many are remembered. Slack repeats within minutes; older ones are known by the log. */
const REMEMBERED = 500;

/** `once(name, begin)` begins the work of a name at most once as long as it is remembered; failed work may be begun anew. */
export function createOnce<T>(): (name: string | null, begin: () => Promise<T>) => Promise<T> {
  const begun = new Map<string, Promise<T>>();
  return (name, begin) => {
    if (name === null) return begin();
    const known = begun.get(name);
    if (known !== undefined) return known;
    const work = begin();
    begun.set(name, work);
    const [oldest] = begun.keys();
    if (begun.size > REMEMBERED && oldest !== undefined) begun.delete(oldest);
    work.catch(() => begun.delete(name));
    return work;
  };
}
